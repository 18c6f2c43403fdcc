"""Nobody reports that a caller's call is over: a technician who is alone hears so all the same, within ten seconds."""

from collections.abc import Iterator

import pytest

from oncall.calls import conference_watch
from oncall.models.calls import PhoneCall
from oncall.models.tickets import Intervention
from tests.calls.night_desk import PATIENCE, accept, await_told, join, page_states, together, told, work
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import Gateway


@pytest.fixture(autouse=True)
def _no_status_address(gateway: Gateway) -> Iterator[None]:
    """Nothing is entered at the number for the status of calls."""
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    gateway.network.configure(status_url="")
    yield
    gateway.network.release([])
    gateway.network.configure(status_url=f"{gateway.url}/ivr/status", farewells=True)


def nothing_is_told(gateway: Gateway) -> None:
    """From here on no callback comes, and whoever hangs up in the middle of a verb is not told of either."""
    gateway.network.hold_callbacks()
    gateway.network.configure(farewells=False)


def test_the_bound_holds_by_arithmetic() -> None:
    """A look, an interval, and three seconds for asking and telling."""
    assert conference_watch.LOOK_EVERY + conference_watch.ASK_EVERY.total_seconds() + 3 <= 10


def test_hung_up_while_waiting(gateway: Gateway, cast: Cast) -> None:
    """The caller is still believed to wait: the technician who presses 1 is not left with the music."""
    report_problem(cast.acme)
    cast.acme.press("#")
    nothing_is_told(gateway)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.expect("The caller is no longer on the line. (To|Press)", PATIENCE)
    await_told(gateway, "The caller hung up while waiting: call back|accepted on the phone")
    assert page_states(gateway) == ["accepted"]


def test_found_out_while_the_page_is_read(gateway: Gateway, cast: Cast) -> None:
    """Who picks up is asked about at once: the next reading is true."""
    report_problem(cast.acme)
    cast.acme.press("#")
    nothing_is_told(gateway)
    cast.acme.hang_up()
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    await_told(gateway, "The caller hung up while waiting: call back")
    cast.ada.press("9")
    cast.ada.expect("The caller has hung up and waits for your call", PATIENCE)


def test_hung_up_in_the_conversation(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    nothing_is_told(gateway)
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    [caller] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert caller.state == "ended"
    [intervention] = gateway.rows(Intervention)
    assert intervention.ended_at is not None
    assert caller.ended_at is not None
    assert intervention.ended_at <= caller.ended_at, "it ends when the provider says, not when it was asked"


def test_hung_up_while_being_joined(gateway: Gateway, cast: Cast) -> None:
    """Between "A technician is here" and the room: nobody ever came into it."""
    report_problem(cast.acme)
    cast.acme.press("#")
    nothing_is_told(gateway)
    gateway.network.set_speed(1)
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    cast.ada.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1", PATIENCE)


def test_the_customer_who_was_called_back_hangs_up(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.expect("no longer on the line.*press 1", PATIENCE)
    cast.ada.press("1")
    cast.acme.answer(PATIENCE)
    gateway.joined(2, PATIENCE)
    nothing_is_told(gateway)
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call back")]


def test_one_of_two_callers(gateway: Gateway, cast: Cast) -> None:
    """The technician is not alone while the other one is there."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.stranger.dial()
    for heard, keys in {"type your PIN": f"{ACME_PIN}#", "system administrator": "1", "critical": "1"}.items():
        cast.stranger.expect(heard, PATIENCE)
        cast.stranger.press(keys)
    cast.stranger.expect("open P1 ticket", PATIENCE)
    cast.stranger.press("1")
    gateway.joined(3, PATIENCE)
    nothing_is_told(gateway)
    cast.acme.hang_up()

    def ended() -> bool:
        return [call.state for call in gateway.rows(PhoneCall, PhoneCall.number == cast.acme.number)] == ["ended"]

    gateway.network.wait(ended, PATIENCE, "the end of Acme's call")
    gateway.settle()
    assert "no longer on the line" not in cast.ada.story()
    cast.stranger.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1", PATIENCE)


def test_the_technicians_end_is_lost(gateway: Gateway, cast: Cast) -> None:
    """The same the other way round: the caller is not left alone."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    nothing_is_told(gateway)
    cast.ada.hang_up()
    cast.acme.expect("technician", PATIENCE)


def test_a_conversation_that_goes_on_is_left_alone(gateway: Gateway, cast: Cast) -> None:
    """Though nothing is reported, two who talk are asked about several times, and not disturbed."""
    report_problem(cast.acme)
    nothing_is_told(gateway)
    accept(cast.ada)
    together(gateway, 2)

    def asked() -> bool:
        path = f"/Calls/{cast.acme.call_sid}"
        return len(gateway.network.journal.requests(path, "GET")) >= 2

    gateway.network.wait(asked, PATIENCE, "two questions about the caller's call")
    cast.ada.speak("Still here")
    cast.acme.expect("Still here", PATIENCE)
    assert "no longer" not in cast.ada.story()
    assert not any("dropped" in words for words in told(gateway))


def test_the_network_does_not_answer_the_question_at_first(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    nothing_is_told(gateway)
    gateway.network.fail_api(503, times=1, path=f"/Calls/{cast.acme.call_sid}", method="GET")
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1", PATIENCE)


def test_a_departure_that_is_reported_ends_the_call(gateway: Gateway, cast: Cast) -> None:
    """The room's own report says that the call is over: it is believed, and the caller is thanked at once."""
    number = report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    gateway.network.configure(farewells=False)
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    cast.acme.expect_text(f"you spoke with Ada about ticket {number}", PATIENCE)
    assert [call.state for call in gateway.rows(PhoneCall, PhoneCall.direction == "in")] == ["ended"]

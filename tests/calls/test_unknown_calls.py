"""A network that keeps no record of calls that come in, or of any: who is on the line stays on the line."""

from collections.abc import Iterator

import pytest

from oncall.models.calls import PhoneCall
from tests.calls.night_desk import PATIENCE, accept, join, work
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway


@pytest.fixture(autouse=True)
def _no_records(gateway: Gateway) -> Iterator[None]:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    gateway.network.fail_api(404, times=None, path="/Calls/", method="GET")
    yield
    gateway.network.heal_api()


def await_asked(gateway: Gateway, sid: str | None, times: int) -> None:
    """Wait until the network was asked so often about a call."""
    assert sid

    def asked() -> bool:
        return len(gateway.network.journal.requests(f"/Calls/{sid}", "GET")) >= times

    gateway.network.wait(asked, PATIENCE, f"{times} questions about {sid}")


def states(gateway: Gateway) -> set[str]:
    return {call.state for call in gateway.rows(PhoneCall)}


def test_a_conversation_goes_on(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    await_asked(gateway, cast.acme.call_sid, 2)
    await_asked(gateway, cast.ada.call_sid, 2)
    gateway.settle()
    assert states(gateway) == {"answered"}
    cast.acme.speak("Still here")
    cast.ada.expect("Still here", PATIENCE)
    cast.ada.hang_up()
    cast.acme.hang_up()
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]


def test_a_caller_who_waits_is_joined(gateway: Gateway, cast: Cast) -> None:
    """The network is asked about the caller while the page is read out."""
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    await_asked(gateway, cast.acme.call_sid, 1)
    gateway.settle()
    assert states(gateway) == {"answered"}
    cast.ada.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)


def test_a_customer_who_is_called_back_is_left_in_the_room(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.expect("no longer on the line.*press 1", PATIENCE)
    cast.ada.press("1")
    cast.acme.answer(PATIENCE)
    gateway.joined(2, PATIENCE)
    await_asked(gateway, cast.acme.call_sid, 2)
    cast.acme.speak("Good evening")
    cast.ada.expect("Good evening", PATIENCE)

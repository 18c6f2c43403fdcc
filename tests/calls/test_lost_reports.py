"""What the network does not tell, or tells too late: rooms come right all the same."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.clock import ShiftedClock
from core.settings import Settings
from ivr.twilio.client import TwilioTelephony
from oncall.calls.reconcile import watch_calls
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.models.calls import PhoneCall
from oncall.models.tickets import Intervention
from oncall.runtime import Runtime
from tests.calls.night_desk import PATIENCE, accept, await_told, join, page_states, together, told, tries, work
from tests.calls.people import BETA_PIN, Cast, report_problem
from tests.calls.stack import Gateway


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> Iterator[None]:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    yield
    gateway.network.release([])


def test_a_network_that_reports_nothing(gateway: Gateway, cast: Cast) -> None:
    """No arrival, no departure, no end of a call: one intervention, with its duration."""
    gateway.network.hold_callbacks()
    report_problem(cast.acme)
    accept(cast.ada)
    cast.acme.expect("A technician is here", PATIENCE)
    together(gateway, 2)
    cast.ada.speak("Good evening", wait=True)
    cast.acme.expect("Good evening")
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    cast.ada.hang_up()
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    [intervention] = gateway.rows(Intervention)
    assert intervention.ended_at is not None
    assert 0 < (intervention.ended_at - intervention.started_at).total_seconds() < 30
    assert len(gateway.network.held) > 5


def test_a_network_that_reports_nothing_and_a_dropped_line(gateway: Gateway, cast: Cast) -> None:
    gateway.network.hold_callbacks()
    report_problem(cast.acme)
    accept(cast.ada)
    together(gateway, 2)
    cast.ada.hang_up()
    cast.acme.expect("technician has hung up", PATIENCE)
    cast.ada.rings(PATIENCE)


def test_both_hang_up_at_once(gateway: Gateway, cast: Cast) -> None:
    """Nobody's line has dropped: nobody is paged again."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.ada.hang_up()
    cast.acme.hang_up()
    gateway.settle()
    cast.ada.silent(2)
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]
    assert not any("Calling Ada Rossi again" in words for words in told(gateway))


def test_reports_in_reverse(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    gateway.network.hold_callbacks()
    accept(cast.ada)
    together(gateway, 2)
    cast.ada.speak("Good evening", wait=True)
    cast.acme.expect("Good evening")
    cast.ada.hang_up()
    cast.acme.hang_up()
    gateway.network.release("reverse")
    gateway.settle()
    cast.ada.silent(2)
    assert work(gateway) == [("Ada", "call")]
    assert page_states(gateway) == ["accepted"]


def test_the_technician_hangs_up_before_the_caller_arrives(gateway: Gateway, cast: Cast) -> None:
    """The request that brings the caller does not get through in time; then the caller waits on, and is not alone.

    There was no conversation: the page goes on at once, and not with who has just hung up.
    """
    report_problem(cast.acme)
    cast.acme.press("#")
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    gateway.network.fail_api(503, times=3, path=f"/Calls/{cast.acme.call_sid}")
    cast.ada.press("1")
    cast.ada.expect("It is yours")
    cast.ada.hang_up()
    accept(cast.bruno)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.speak("At last")
    cast.bruno.expect("At last")


def test_the_caller_hangs_up_in_the_moment_of_acceptance(gateway: Gateway, cast: Cast) -> None:
    """The technician is not left alone with the music."""
    report_problem(cast.acme)
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    gateway.network.hold_callbacks()
    cast.acme.hang_up()
    cast.ada.press("1")
    cast.ada.expect("It is yours")
    gateway.network.release()
    cast.ada.expect("no longer on the line.* press 1", PATIENCE)
    gateway.settle()
    assert gateway.rows(Intervention) == []
    assert page_states(gateway) == ["accepted"]


def test_a_caller_who_calls_again_meets_the_technician_at_the_keys(gateway: Gateway, cast: Cast) -> None:
    """Ada hears what she can do next when the customer, whose line had dropped, is back."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    gateway.network.set_speed(2)
    cast.acme.dial()
    for words, keys in (("type your PIN", "48151623#"), ("system administrator", "1"), ("critical", "1")):
        cast.acme.expect(words, PATIENCE)
        cast.acme.press(keys)
    cast.acme.expect("open P1 ticket", PATIENCE)
    cast.acme.press("1")
    cast.ada.expect("P1, ticket .*Acme. The caller is on the line", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("It is yours", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert tries(gateway) == [(1, "Ada", "accepted"), (1, "Ada", "accepted")]


def test_two_conversations_do_not_mix(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    report_problem(cast.beta, BETA_PIN)
    accept(cast.bruno)
    gateway.joined(4, PATIENCE)
    gateway.settle()
    cast.ada.speak("For Acme only")
    cast.bruno.speak("For Beta only")
    cast.acme.expect("For Acme only")
    cast.beta.expect("For Beta only")
    assert "Beta only" not in cast.acme.story()
    assert "Acme only" not in cast.beta.story()
    cast.ada.hang_up()
    await_told(gateway, "The line of Ada Rossi has ended; the caller is still there")
    cast.bruno.speak("Still with Beta")
    cast.beta.expect("Still with Beta")


def quiet_desk(gateway: Gateway) -> Sender:
    """A worker's desk on this gateway, ten minutes later."""
    settings = Settings(simulator_url=gateway.network.url, public_url=gateway.url, var_dir=gateway.folder)
    newest = max(call.created_at for call in gateway.rows(PhoneCall))
    runtime = Runtime(settings, gateway.database, ShiftedClock.starting_at(newest + timedelta(minutes=10)))
    return Sender(runtime, TwilioTelephony(settings), build_mailer(settings))


def test_an_end_that_nobody_heard_of(gateway: Gateway, cast: Cast) -> None:
    """The network is asked about calls of which nothing is heard; those that go on are left alone."""
    gateway.network.hold_callbacks()
    for caller in (cast.acme, cast.beta):
        caller.dial()
        caller.expect("type your PIN", PATIENCE)
    cast.acme.hang_up()
    gateway.network.wait(lambda: cast.acme.state == "idle", PATIENCE, "Acme's call is over")
    assert {call.state for call in gateway.rows(PhoneCall)} == {"answered"}
    watch_calls(quiet_desk(gateway))
    states = {call.number: call.state for call in gateway.rows(PhoneCall)}
    assert states == {cast.acme.number: "ended", cast.beta.number: "answered"}
    assert all(call.memo.asked_at is not None for call in gateway.rows(PhoneCall))


def test_a_technician_whose_end_nobody_heard_of(gateway: Gateway, cast: Cast) -> None:
    """Their intervention ends, and their phone can be rung again."""
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    gateway.processes["web"].stop()
    cast.ada.hang_up()
    cast.acme.hang_up()
    gateway.network.settle()
    gateway.start_web()
    gateway.await_web()
    gateway.network.journal.warnings.clear()  # nobody answered
    watch_calls(quiet_desk(gateway))  # unless the worker's look at rooms was faster
    gateway.settle()
    assert work(gateway) == [("Ada", "call")]
    assert {call.state for call in gateway.rows(PhoneCall)} == {"ended"}

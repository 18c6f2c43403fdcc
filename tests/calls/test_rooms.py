"""Caller and technician in one room, and every way in which that can go on, break off and end."""

import pytest

from core.settings import SIMULATED_NUMBER
from oncall.models.tickets import Intervention
from oncall.models.work.recordings import Recording
from tests.calls.night_desk import (
    PATIENCE,
    accept,
    await_told,
    join,
    page_states,
    texts_afterwards,
    told,
    tries,
    work,
)
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def test_they_hear_each_other(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.ada.speak("What do you see")
    cast.acme.expect("What do you see")
    cast.acme.speak("Nothing at all")
    cast.ada.expect("Nothing at all")


def test_joined_in_the_middle_of_the_description(gateway: Gateway, cast: Cast) -> None:
    """What was said until then is kept."""
    report_problem(cast.acme)
    cast.acme.expect("beep", PATIENCE, complete=True)
    cast.acme.speak("The whole exchange is down and", wait=True)
    accept(cast.ada)
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    [recording] = gateway.rows(Recording)
    assert recording.kind == "description"


def test_the_technicians_line_drops(gateway: Gateway, cast: Cast) -> None:
    """The caller is asked, the technician is rung again twice, the caller asks for the next; all work is logged."""
    number = report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.ada.hang_up()
    cast.acme.expect("Your technician has hung up. .* If you were cut off, press 1, or stay on the line", PATIENCE)
    cast.ada.decline(PATIENCE)
    cast.acme.expect("Ada's line is busy. To try once more, press 1", PATIENCE)
    cast.acme.press("1")
    cast.ada.decline(PATIENCE)
    cast.acme.expect("To speak with the next person on call, press 1", PATIENCE)
    assert page_states(gateway) == ["accepted"], "until now nobody else was woken"
    cast.acme.press("1")
    cast.acme.expect("We are calling the next person on call", PATIENCE)
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("The caller is on the line", PATIENCE)
    cast.bruno.press("3")
    cast.bruno.expect("The last intervention was a call by Ada Rossi, \\d+ seconds?.")
    cast.bruno.press("1")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    cast.bruno.expect("no longer on the line", PATIENCE)
    cast.acme.expect_text(f"you spoke with Bruno about ticket {number}", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Bruno", "call")]
    assert tries(gateway) == [(1, "Ada", "accepted"), (1, "Bruno", "accepted")]
    assert texts_afterwards(gateway) == 1
    assert "The line of Ada Rossi has ended; the caller is still there, and is asked what to do." in told(gateway)


def test_the_callers_line_drops_and_the_technician_calls_back(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    join(gateway, cast.acme, cast.ada)
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line. To call back now, press 1.", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("Calling the customer, who sees the hotline's number", PATIENCE)
    cast.acme.rings(PATIENCE)
    [call] = gateway.network.journal.requests("/Calls.json", "POST")[-1:]
    assert (call.param("From"), call.param("To")) == (SIMULATED_NUMBER, cast.acme.number)
    cast.acme.answer()
    cast.acme.expect(f"support about ticket {', '.join(number)}. Ada is on the line.", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.speak("Here I am again")
    cast.ada.expect("Here I am again")
    cast.acme.hang_up()
    cast.ada.expect("no longer on the line", PATIENCE)
    cast.ada.press("3")
    cast.ada.expect("The ticket stays open, and it stays with you. Goodbye.", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call"), ("Ada", "call back")]
    assert texts_afterwards(gateway) == 1
    assert page_states(gateway) == ["accepted"]


def test_the_customer_does_not_pick_up(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.press("1")
    cast.acme.decline(PATIENCE)
    cast.ada.expect("The customer did not pick up. To try again, press 1.", PATIENCE)
    cast.ada.press("1")
    cast.acme.answer(PATIENCE)
    cast.acme.expect("Ada is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.ada.hang_up()
    cast.acme.hang_up()
    gateway.settle()
    assert work(gateway) == [("Ada", "call back")]
    assert "The customer did not pick up (busy)." in told(gateway)


def test_the_technician_does_not_wait_for_the_customer(gateway: Gateway, cast: Cast) -> None:
    """By star, then by hanging up: each time the customer's phone stops ringing."""
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.press("1")
    cast.acme.rings(PATIENCE)
    cast.ada.expect("hold.wav", PATIENCE)
    cast.ada.press("*")
    cast.ada.expect("I have stopped calling the customer. To try again, press 1.", PATIENCE)
    assert cast.acme.hung_up(PATIENCE) == "canceled"
    cast.ada.press("1")
    cast.acme.rings(PATIENCE)
    cast.ada.hang_up()
    assert cast.acme.hung_up(PATIENCE) == "canceled"
    gateway.settle()
    assert gateway.rows(Intervention) == []
    assert sum(words == "The call to the customer was ended before they picked up." for words in told(gateway)) == 2


def test_a_number_that_the_network_refuses(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.acme.faults(not_permitted=True)
    cast.ada.press("1")
    cast.ada.expect("The customer did not pick up", PATIENCE)
    await_told(gateway, "The telephone network refused the call")
    gateway.network.journal.warnings.clear()

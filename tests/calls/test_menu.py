"""The technician menu: by the own PIN from the own number."""

import pytest

from core.settings import SIMULATED_NUMBER
from oncall.models.calls import PhoneCall
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket
from oncall.models.work.recordings import Recording
from simulator.driven_phone import DrivenPhone
from tests.calls.night_desk import PATIENCE, accept, holders, page_states, told, work
from tests.calls.people import ACME_PIN, ADA_PIN, BETA_PIN, BRUNO_PIN, Cast, report_problem
from tests.calls.stack import Gateway


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def enter(phone: DrivenPhone, pin: str, count: str) -> None:
    """Call the hotline and type the own PIN."""
    phone.dial()
    phone.expect("For the technician menu, type your own PIN")
    phone.press(f"{pin}#")
    phone.expect(f"Technician menu. There (is|are) {count} open ticket", PATIENCE)


def leave_a_ticket(gateway: Gateway, cast: Cast, caller: DrivenPhone, pin: str = ACME_PIN, priority: str = "1") -> str:
    """A customer reports a problem and hangs up; nobody is rung for it any more, so that all phones are free."""
    number = report_problem(caller, pin, priority)
    caller.hang_up()
    for phone in (cast.ada, cast.bruno, cast.carla):
        phone.decline(PATIENCE)
    cast.dino.rings(PATIENCE)
    return number


def test_no_tickets_and_who_is_on_call(gateway: Gateway, cast: Cast) -> None:
    enter(cast.ada, ADA_PIN, "no")
    cast.ada.expect("To hear who is on call, press 2.")
    cast.ada.press("2")
    cast.ada.expect("On call now: first, Ada Rossi; backup, Bruno Verdi. Technician menu.", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("There is no open ticket. Technician menu.", PATIENCE)
    cast.ada.press("7")
    cast.ada.expect("that key is not in use here. Technician menu.", PATIENCE)
    cast.ada.expect("No key was pressed. Goodbye.")
    cast.ada.hung_up()
    gateway.settle()
    [call] = gateway.rows(PhoneCall)
    assert call.result == "technician menu"


def test_a_wrong_pin_opens_nothing(gateway: Gateway, cast: Cast) -> None:
    """Three tries, as for everybody; a colleague's PIN is as wrong as any."""
    cast.ada.dial()
    cast.ada.expect("type your own PIN")
    for pin in ("11111111", BRUNO_PIN):
        cast.ada.press(f"{pin}#")
        cast.ada.expect("This PIN is not right", PATIENCE)
    cast.ada.press("22222222#")
    cast.ada.expect("This PIN is not right.* Please ask your manager for a new one.", PATIENCE)
    cast.ada.hung_up(PATIENCE)
    gateway.settle()
    assert [refusal.reason for refusal in gateway.rows(Refusal)] == ["wrong_staff_pin"]


def test_the_own_pin_opens_nothing_from_another_phone(gateway: Gateway, cast: Cast) -> None:
    cast.stranger.dial()
    cast.stranger.expect("type your PIN")
    cast.stranger.press(f"{ADA_PIN}#")
    cast.stranger.expect("This PIN is not right", PATIENCE)


def test_a_customers_pin_makes_a_technicians_phone_a_customers(gateway: Gateway, cast: Cast) -> None:
    cast.bruno.dial()
    cast.bruno.expect("Or type a customer's PIN")
    cast.bruno.press(f"{ACME_PIN}#")
    cast.bruno.expect("system administrator", PATIENCE)
    cast.bruno.press("1")
    cast.bruno.expect("critical", PATIENCE)
    cast.bruno.press("1")
    cast.bruno.expect("ticket number is", PATIENCE)
    cast.ada.rings(PATIENCE)
    accept(cast.ada)
    cast.bruno.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)


def test_accept_with_the_caller_on_the_line(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.ada.rings()
    enter(cast.bruno, BRUNO_PIN, "1")
    cast.bruno.press("1")
    cast.bruno.expect(
        f"P1, ticket {', '.join(number)}, Acme. Nobody has it yet. Somebody is being called for it."
        " The caller is on the line. Press 1 to accept",
        PATIENCE,
    )
    cast.bruno.press("1")
    cast.bruno.expect("It is yours. Connecting.", PATIENCE)
    cast.acme.expect("A technician is here", PATIENCE)
    assert cast.ada.hung_up(PATIENCE) == "canceled"
    gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    cast.bruno.expect("no longer on the line", PATIENCE)
    cast.bruno.press("3")
    cast.bruno.expect("The ticket stays open, and it stays with you. Technician menu. There is 1 open ticket", PATIENCE)
    gateway.settle()
    assert (work(gateway), holders(gateway)) == ([("Bruno", "call")], ["Bruno Verdi"])
    assert "Bruno Verdi accepted in the technician menu." in told(gateway)


def test_the_caller_is_gone_and_is_called_back(gateway: Gateway, cast: Cast) -> None:
    """Accepted by phone, called back later from the menu: the customer sees the hotline's number."""
    number = report_problem(cast.acme)
    cast.acme.hang_up()
    accept(cast.ada)
    cast.ada.hang_up()
    gateway.settle()
    enter(cast.ada, ADA_PIN, "1")
    cast.ada.press("1")
    cast.ada.expect("Acme. It is yours. Press 2 for the next ticket, 3 to call the customer", PATIENCE)
    cast.ada.press("3")
    cast.ada.expect("Calling the customer, who sees the hotline's number", PATIENCE)
    cast.acme.rings(PATIENCE)
    call = gateway.network.journal.requests("/Calls.json", "POST")[-1]
    assert (call.param("From"), call.param("To")) == (SIMULATED_NUMBER, cast.acme.number)
    cast.acme.answer()
    cast.acme.expect(f"about ticket {', '.join(number)}. Ada is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.ada.speak("Sorry for the delay")
    cast.acme.expect("Sorry for the delay")
    cast.acme.hang_up()
    cast.acme.expect_text(f"you spoke with Ada about ticket {number}", PATIENCE)
    gateway.settle()
    assert work(gateway) == [("Ada", "call back")]


def test_calling_the_customer_takes_an_open_page(gateway: Gateway, cast: Cast) -> None:
    leave_a_ticket(gateway, cast, cast.acme)
    enter(cast.ada, ADA_PIN, "1")
    cast.ada.press("1")
    cast.ada.expect("Nobody has it yet. Somebody is being called for it. Press 1", PATIENCE)
    cast.ada.press("3")
    assert cast.dino.hung_up(PATIENCE) == "canceled"
    cast.acme.answer(PATIENCE)
    cast.acme.expect("Ada is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert (page_states(gateway), holders(gateway)) == (["accepted"], ["Ada Rossi"])


def test_calling_back_who_is_on_the_line_again(gateway: Gateway, cast: Cast) -> None:
    """The customer waits on the hotline when the technician wants to call: they are joined at once."""
    report_problem(cast.acme)
    cast.ada.rings()
    enter(cast.bruno, BRUNO_PIN, "1")
    cast.bruno.press("1")
    cast.bruno.expect("3 to talk to the caller", PATIENCE)
    cast.bruno.press("3")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    assert holders(gateway) == ["Bruno Verdi"]


def test_the_list_goes_by_urgency_and_can_be_walked(gateway: Gateway, cast: Cast) -> None:
    second = leave_a_ticket(gateway, cast, cast.acme, priority="2")
    cast.dino.decline()
    gateway.stop_pages()
    first = report_problem(cast.beta, BETA_PIN)
    cast.beta.hang_up()
    cast.ada.rings(PATIENCE)
    gateway.stop_pages()
    cast.ada.decline()
    gateway.settle()
    enter(cast.ada, ADA_PIN, "2")
    cast.ada.press("1")
    cast.ada.expect(f"P1, ticket {', '.join(first)}, Beta. Nobody has it yet. Press 2 for the next ticket", PATIENCE)
    cast.ada.press("2")
    cast.ada.expect(f"P2, ticket {', '.join(second)}, Acme. Nobody has it yet. Press 2", PATIENCE)
    cast.ada.press("9")
    cast.ada.expect(f"P2, ticket {', '.join(second)}, Acme", PATIENCE)
    cast.ada.press("1")
    cast.ada.expect("Nobody is being called for this one. Press 3 to take it and call the customer. P2", PATIENCE)
    cast.ada.press("2")
    cast.ada.expect("These were all. Technician menu.", PATIENCE)


def test_somebody_else_was_quicker(gateway: Gateway, cast: Cast) -> None:
    """The page is accepted while the menu reads it: who has it is said, and the menu goes on."""
    leave_a_ticket(gateway, cast, cast.acme)
    enter(cast.ada, ADA_PIN, "1")
    cast.ada.press("1")
    cast.ada.expect("Press 1 to accept", PATIENCE)
    accept(cast.dino)
    cast.ada.press("1")
    cast.ada.expect("Dino Gallo has accepted this ticket already. Thank you. Technician menu.", PATIENCE)


def test_closing_with_a_spoken_note(gateway: Gateway, cast: Cast) -> None:
    number = leave_a_ticket(gateway, cast, cast.acme)
    enter(cast.ada, ADA_PIN, "1")
    cast.ada.press("1")
    cast.ada.expect("4 to close it with a spoken note", PATIENCE)
    cast.ada.press("4")
    cast.ada.expect("After the tone, say what was done", PATIENCE)
    cast.ada.expect("beep", PATIENCE, complete=True)
    cast.ada.speak("A cable was loose", wait=True)
    cast.ada.press("#")
    cast.ada.expect(f"Ticket {', '.join(number)} is closed. Thank you. Technician menu. There are no open", PATIENCE)
    assert cast.dino.hung_up(PATIENCE) == "canceled"
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    [recording] = gateway.rows(Recording)
    assert (ticket.state, recording.kind, recording.person_id) == ("closed", "note", ticket.assignee_id)
    assert work(gateway) == [("Ada", "note")]


def test_a_note_cut_off_by_hanging_up(gateway: Gateway, cast: Cast) -> None:
    leave_a_ticket(gateway, cast, cast.acme)
    enter(cast.ada, ADA_PIN, "1")
    cast.ada.press("1")
    cast.ada.expect("4 to close it", PATIENCE)
    cast.ada.press("4")
    cast.ada.expect("beep", PATIENCE, complete=True)
    cast.ada.speak("A cable was loose", wait=True)
    cast.ada.hang_up()
    gateway.settle()
    assert [ticket.state for ticket in gateway.rows(Ticket)] == ["closed"]
    assert len(gateway.rows(Recording)) == 1

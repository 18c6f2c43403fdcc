"""A caller may hang up at any moment. Where that was stands on the call; after a ticket the page goes on."""

import pytest
from sqlalchemy import select

from oncall.calls.call_end import end_call
from oncall.models.calls import PhoneCall
from oncall.models.pages import Attempt, Page
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket, TicketEvent
from oncall.models.work.recordings import Recording
from simulator.driven_phone import DrivenPhone
from tests.calls.people import ACME_PIN, Cast, report_problem
from tests.calls.stack import Gateway

# What a caller hears and then types, from the dial tone to the ticket.
CONVERSATION = (("type your PIN", f"{ACME_PIN}#"), ("system administrator", "1"), ("critical", "1"))


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    """The first technician's phone rings until somebody takes it up: nothing else happens meanwhile."""
    gateway.set_paging(no_answer=500, drop_grace=1)


def talk(phone: DrivenPhone, answers: int) -> None:
    """Dial, answer so many questions, and hear the one that follows."""
    phone.dial()
    for heard, keys in CONVERSATION[:answers]:
        phone.expect(heard)
        phone.press(keys)
    if answers < len(CONVERSATION):
        phone.expect(CONVERSATION[answers][0])


def hangs_up(gateway: Gateway, phone: DrivenPhone) -> PhoneCall:
    """Hang up, and the record of the call."""
    phone.hang_up()
    gateway.settle()
    [call] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert (call.state, call.waiting) == ("ended", False)
    return call


def told(gateway: Gateway) -> list[str]:
    """The ticket's timeline."""
    return [event.words for event in gateway.rows(TicketEvent)]


@pytest.mark.parametrize(
    ("answers", "where"), [(0, "at the greeting"), (1, "at the level"), (2, "at the priority")], ids=str
)
def test_before_the_ticket(gateway: Gateway, cast: Cast, answers: int, where: str) -> None:
    talk(cast.acme, answers)
    assert hangs_up(gateway, cast.acme).result == f"hung up {where}"
    assert (gateway.rows(Ticket), gateway.rows(Page), gateway.rows(Refusal)) == ([], [], [])


def test_at_the_pin(gateway: Gateway, cast: Cast) -> None:
    talk(cast.acme, 0)
    cast.acme.press("11111111#")
    cast.acme.expect("This PIN is not right")
    assert hangs_up(gateway, cast.acme).result == "hung up at the PIN"
    assert gateway.rows(Refusal) == []


def test_instead_of_a_message(gateway: Gateway, cast: Cast) -> None:
    """The refusal stands, as nothing was asked for that could be a ticket."""
    talk(cast.acme, 2)
    cast.acme.press("4")
    cast.acme.expect("may leave a message")
    assert hangs_up(gateway, cast.acme).result == "refused: low_priority"
    assert gateway.rows(Ticket) == []


def test_at_the_known_problem(gateway: Gateway, cast: Cast) -> None:
    """The first call's page goes on as it was; the second call opens and pages nothing."""
    report_problem(cast.acme)
    cast.acme.hang_up()
    cast.ada.rings()
    talk(cast.acme, 3)
    cast.acme.expect("You have an open P1 ticket")
    cast.acme.hang_up()
    gateway.settle()
    first, second = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert (first.result, second.result) == ("hung up while the ticket number was read", "hung up at the known problem")
    assert second.ticket_id is None
    assert len(gateway.rows(Ticket)) == len(gateway.rows(Page)) == 1


def test_while_the_number_is_read(gateway: Gateway, cast: Cast) -> None:
    talk(cast.acme, 3)
    cast.acme.expect("Your ticket number is")
    call = hangs_up(gateway, cast.acme)
    assert call.result == "hung up while the ticket number was read"
    the_page_goes_on(gateway, cast)


def test_while_recording(gateway: Gateway, cast: Cast) -> None:
    """What was said until then is kept."""
    talk(cast.acme, 3)
    cast.acme.expect("beep", complete=True)
    cast.acme.speak("Everything is down and", wait=True)
    assert hangs_up(gateway, cast.acme).result == "hung up while describing the problem"
    [recording] = gateway.rows(Recording)
    assert (recording.kind, recording.ticket_id) == ("description", gateway.rows(Ticket)[0].id)
    assert "The caller described the problem (recorded)." in told(gateway)
    the_page_goes_on(gateway, cast)


def test_while_waiting(gateway: Gateway, cast: Cast) -> None:
    talk(cast.acme, 3)
    cast.acme.expect("beep")
    cast.acme.expect("We are calling the technician on call")
    assert hangs_up(gateway, cast.acme).result == "hung up while waiting"
    the_page_goes_on(gateway, cast)


def test_in_the_call_back_menu(gateway: Gateway, cast: Cast) -> None:
    """Nothing was chosen, so the number called from is the one to call back."""
    talk(cast.acme, 3)
    cast.acme.expect("be called back instead of waiting, press 1")
    cast.acme.press("1")
    cast.acme.expect("To be called back on the number ending in 7, 8")
    assert hangs_up(gateway, cast.acme).result == "hung up in the call-back menu"
    assert gateway.rows(Ticket)[0].callback_number is None
    the_page_goes_on(gateway, cast)


def the_page_goes_on(gateway: Gateway, cast: Cast) -> None:
    """The first can't come; the second hears that nobody is on the line, and calls back."""
    assert "The caller hung up while waiting: call back." in told(gateway)
    cast.ada.decline()
    cast.bruno.answer()
    cast.bruno.expect_text("P1 ticket .* call back \\+390212345678")
    cast.bruno.expect("P1, ticket .*, Acme. The caller has hung up")
    cast.bruno.press("1")
    cast.bruno.expect("It is yours. The caller is no longer on the line.*call back now")
    cast.bruno.press("1")
    cast.acme.answer()
    cast.acme.expect("support about ticket .*Bruno is on the line")
    gateway.settle()
    assert [attempt.outcome for attempt in gateway.rows(Attempt)] == ["busy", "accepted"]


def test_the_last_key_comes_after_the_end_of_the_call(gateway: Gateway, cast: Cast) -> None:
    """A grave problem was reported: the ticket is opened and paged, and nobody is said to be on the line."""
    talk(cast.acme, 2)
    with gateway.database.transaction() as session:
        call = session.scalars(select(PhoneCall).with_for_update()).one()
        cast.acme.press("1")  # its webhook waits for the lock
        gateway.network.wait(lambda: not gateway.network.server.quiet())
        end_call(session, call, "completed", call.created_at)
    cast.ada.rings()
    cast.ada.expect_text("P1 ticket .* call back")
    call = hangs_up(gateway, cast.acme)
    assert call.result == "hung up at the priority"
    assert call.ticket_id == gateway.rows(Ticket)[0].id
    assert "The caller hung up while waiting: call back." in told(gateway)

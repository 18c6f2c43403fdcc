"""The caller's way to a ticket: languages, hasty keys, a withheld number, a known problem, what is sent and kept."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import update

from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketEvent
from oncall.models.work.recordings import Recording
from simulator.driven_phone import DrivenPhone
from tests.calls.people import ACME, ACME_PIN, Cast, hurry, report_problem
from tests.calls.stack import SPEED, Gateway
from tests.conftest import SUNDAY_NIGHT

# What a busy machine takes to answer counts as so many seconds of a call, where these are measured.
UNHURRIED = 2


def prove(phone: DrivenPhone, anonymous: str = "") -> None:
    """Call as an administrator with a right PIN, up to the priority."""
    phone.dial(anonymous)
    phone.expect("type your PIN")
    phone.press(f"{ACME_PIN}#")
    phone.expect("system administrator")
    phone.press("1")
    phone.expect("critical")


# --- languages and keys ---


def test_star_says_it_in_six_languages(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("Aurora Communications, after-hours support, in English only. Please type your PIN")
    cast.acme.press("*#")
    hurry(gateway)
    for words in ("solo in inglese", "nur auf Englisch", "uniquement en anglais", "solo en inglés", "apenas em inglês"):
        cast.acme.expect(words)
    cast.acme.expect("باللغة الإنجليزية")
    gateway.network.set_speed(SPEED)
    cast.acme.expect("Please type your PIN, then press hash")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")


def test_star_without_hash_and_a_pin_over_the_languages(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("For other languages, press star")
    cast.acme.press("*")
    cast.acme.expect("nur auf Englisch")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")
    assert [entry for entry in cast.acme.transcript if entry.kind == "said" and "inglês" in entry.text] == []


def test_a_slip_with_star_is_no_wrong_pin(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815*#")
    cast.acme.expect("Please type your PIN, then press hash")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")


def test_keys_over_every_prompt(gateway: Gateway, cast: Cast) -> None:
    """Who knows the way types at the first word of each sentence, also after a useless key."""
    gateway.network.set_speed(UNHURRIED)
    cast.acme.dial()
    cast.acme.expect("Aurora")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("If you")
    cast.acme.press("9")
    cast.acme.expect("Sorry")
    cast.acme.press("1")
    cast.acme.expect("If the system")
    cast.acme.press("2")
    cast.acme.expect("Your ticket number is")
    said = [entry for entry in cast.acme.transcript if entry.kind == "said"]
    assert said[-1].at - said[0].at < 15


def test_silences_between_wrong_pins_are_forgiven(gateway: Gateway, cast: Cast) -> None:
    """Looking for the paper takes time: only two silences in a row end the call."""
    cast.acme.dial()
    cast.acme.expect("did not hear any keys. Please type your PIN")
    cast.acme.press("11111111#")
    cast.acme.expect("This PIN is not right")
    cast.acme.expect("did not hear any keys. Please type your PIN")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")


# --- what a ticket brings about ---


def test_number_text_mail_and_description(gateway: Gateway, cast: Cast) -> None:
    for old in _mails(gateway):
        old.unlink()
    prove(cast.acme)
    cast.acme.press("2")
    heard = cast.acme.expect(r"ticket number is ((?:\d, )+\d)\. I repeat: ((?:\d, )+\d)\..*within 120 minutes")
    [ticket] = gateway.rows(Ticket)
    assert heard.group(1) == heard.group(2) == ", ".join(str(ticket.number))
    assert (ticket.priority, ticket.caller_number) == ("P2", ACME)
    assert ticket.due_at == ticket.opened_at + timedelta(minutes=120)
    cast.acme.expect_text(f"Aurora Communications: your ticket is {ticket.number}")
    cast.acme.expect("describe the problem")
    cast.ada.rings()  # while the caller speaks
    cast.acme.expect("beep", complete=True)
    cast.acme.speak("Calls are cut off after a minute", wait=True)
    cast.acme.press("#")
    cast.acme.expect("Thank you, that is on your ticket")
    gateway.settle()
    [recording] = gateway.rows(Recording)
    assert (recording.kind, recording.ticket_id) == ("description", ticket.id)
    [mail] = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in _mails(gateway)]
    assert mail["To"] == "it@acme.example"
    assert f"Ticket {ticket.number}" in mail["Subject"]


def _mails(gateway: Gateway) -> list[Path]:
    return list((gateway.folder / "mail").glob("*.eml"))


def test_joined_while_describing(gateway: Gateway, cast: Cast) -> None:
    """The technician accepts at once: the caller is taken out of the recording, and what was said is kept."""
    gateway.set_paging(no_answer=500, drop_grace=1)
    report_problem(cast.acme)
    cast.acme.expect("beep", complete=True)
    cast.acme.speak("The server room is dark", wait=True)
    cast.acme.speak("and nobody knows why, as far as I can see from here at this hour of the night")
    cast.ada.answer()
    cast.ada.expect("P1, ticket")
    cast.ada.press("1")
    cast.acme.expect("technician is here")
    gateway.joined(2)
    gateway.settle()
    gateway.network.wait(lambda: gateway.rows(Recording), 10, "the recording")
    [recording] = gateway.rows(Recording)
    assert (recording.kind, recording.ticket_id) == ("description", gateway.rows(Ticket)[0].id)
    assert gateway.rows(PhoneCall, PhoneCall.direction == "in")[0].result == "joined with a technician"


def test_nobody_describes_anything(gateway: Gateway, cast: Cast) -> None:
    """A few seconds of silence, and the waiting begins."""
    report_problem(cast.acme)
    cast.acme.expect("beep", complete=True)
    gateway.network.set_speed(UNHURRIED)
    begun = gateway.network.exchange.pace.now()
    cast.acme.expect("We are calling the technician|No answer yet")
    assert gateway.network.exchange.pace.now() - begun < 9
    assert gateway.rows(Recording) == []


def test_withheld_number(gateway: Gateway, cast: Cast) -> None:
    """No text, and nothing to call back, until the caller chooses a registered number or types another one."""
    prove(cast.acme, anonymous="anonymous")
    cast.acme.press("1")
    cast.acme.expect("Your ticket number is")
    cast.ada.expect_text("P1 ticket .* caller is on the line")
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    assert ticket.caller_number is None
    assert [m.recipient for m in gateway.rows(Message) if m.channel == "text"] == [cast.ada.number]
    cast.acme.expect("press 1")
    cast.acme.press("1")
    cast.acme.expect("on the registered number ending in 7, 8, press 1, then hash. For another number, type it")
    cast.acme.press("2#")
    cast.acme.expect("can't call that number. To be called back on the registered number")
    cast.acme.press("0039021234599#")
    cast.acme.expect("We will call you back on plus 3, 9, 0, 2, 1, 2, 3, 4, 5, 9, 9")
    gateway.settle()
    assert gateway.rows(Ticket)[0].callback_number == "+39021234599"


# --- a known problem ---


@pytest.fixture
def known(gateway: Gateway, cast: Cast) -> Ticket:
    """Acme's P2 ticket of a while ago, which Bruno has."""
    gateway.set_paging(no_answer=500, drop_grace=1)
    report_problem(cast.acme, priority="2")
    cast.ada.decline()
    cast.bruno.answer()
    cast.bruno.expect("P2, ticket")
    cast.bruno.press("1")
    gateway.joined(2)
    cast.acme.hang_up()
    cast.bruno.expect("no longer on the line")
    cast.bruno.hang_up()
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    return ticket


def test_known_problem_rings_its_technician_first(gateway: Gateway, cast: Cast, known: Ticket) -> None:
    """Who said P2 then and says P1 now has a P1 ticket; nothing new is opened."""
    prove(cast.acme)
    cast.acme.press("1")
    number = ", ".join(str(known.number))
    cast.acme.expect(f"You have an open P2 ticket, number {number}. If you call about that one, press 1")
    cast.acme.press("1")
    cast.acme.expect(f"Ticket {number}. We are calling Bruno, who has your ticket. To be called back")
    cast.bruno.answer()
    cast.bruno.expect("P1, ticket .*, Acme. The caller is on the line")
    assert cast.ada.state == "idle"
    cast.bruno.press("1")
    cast.acme.expect("technician is here")
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    assert (ticket.priority, ticket.due_at) == ("P1", min(known.due_at or SUNDAY_NIGHT, ticket.due_at or SUNDAY_NIGHT))
    words = [event.words for event in gateway.rows(TicketEvent)]
    assert "The customer called again from +39********78." in words
    assert "The customer reports P1 now, it was P2." in words
    assert [page.cause for page in gateway.rows(Page)] == ["hotline", "called again"]


def test_the_known_technician_does_not_answer(gateway: Gateway, cast: Cast, known: Ticket) -> None:
    prove(cast.acme)
    cast.acme.press("2")
    cast.acme.expect("If you call about that one, press 1")
    cast.acme.press("1")
    cast.bruno.decline()
    cast.ada.rings()
    people = {person.id: person.name for person in gateway.rows(Person)}
    attempts = gateway.rows(Attempt, Attempt.page_id == gateway.rows(Page)[-1].id)
    assert [people[attempt.person_id] for attempt in attempts] == ["Bruno Verdi", "Ada Rossi"]


def test_a_second_problem_is_a_second_ticket(gateway: Gateway, cast: Cast, known: Ticket) -> None:
    prove(cast.acme)
    cast.acme.press("1")
    cast.acme.expect("For a new problem, press 2")
    cast.acme.press("2")
    cast.acme.expect("Your ticket number is")
    cast.ada.rings()
    tickets = gateway.rows(Ticket)
    assert [ticket.priority for ticket in tickets] == ["P2", "P1"]
    assert tickets[1].number == known.number + 1


def test_no_usable_answer_is_a_new_problem(gateway: Gateway, cast: Cast, known: Ticket) -> None:
    """Somebody with a right PIN and a grave problem is never sent away for a missing key."""
    prove(cast.acme)
    cast.acme.press("1")
    for key in "789":
        cast.acme.expect("open P2 ticket")
        cast.acme.press(key)
    cast.acme.expect("Your ticket number is")
    cast.ada.rings()


@pytest.mark.parametrize("why", ["older than a day", "closed", "closed while it is offered"])
def test_not_offered(gateway: Gateway, cast: Cast, known: Ticket, why: str) -> None:
    if why == "older than a day":
        _change(gateway, opened_at=known.opened_at - timedelta(hours=24))
    if why == "closed":
        _change(gateway, state="closed", closed_at=known.opened_at)
    prove(cast.acme)
    cast.acme.press("1")
    if why == "closed while it is offered":
        cast.acme.expect("You have an open P2 ticket")
        _change(gateway, state="closed", closed_at=known.opened_at)
        cast.acme.press("1")
    cast.acme.expect("Your ticket number is")
    assert len(gateway.rows(Ticket)) == 2
    if why != "closed while it is offered":
        assert not any("open P2 ticket" in entry.text for entry in cast.acme.transcript)


def test_almost_a_day_old_is_offered(gateway: Gateway, cast: Cast, known: Ticket) -> None:
    _change(gateway, opened_at=known.opened_at - timedelta(hours=23, minutes=58))
    prove(cast.acme)
    cast.acme.press("1")
    cast.acme.expect("You have an open P2 ticket")


def _change(gateway: Gateway, **values: object) -> None:
    with gateway.database.transaction() as session:
        session.execute(update(Ticket).values(**values))

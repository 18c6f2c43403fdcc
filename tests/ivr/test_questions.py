"""Questions whose caller, or whose technician, has gone on meanwhile: what is asked, said and put down."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.dialogue import callback, hung_up
from ivr.hotline import questions
from ivr.hotline.live import LiveTalk
from ivr.prompts import calling_back, conversation, keypad, line_ended
from ivr.technician import joining, rejoin
from ivr.technician import prompts as technicians
from ivr.useless import MOST_WRONG_KEYS
from oncall.calls.goodbye import ring, ringing
from oncall.calls.participants import room_for
from oncall.models.calls import CallState, PhoneCall
from oncall.models.customers import CustomerPhone
from oncall.models.pages import Page, PageCause, PageState, Via
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketEvent, TicketState
from oncall.paging.engine import LISTENING, open_page
from oncall.runtime import Runtime, Work
from tests.oncall.calls.test_goodbye import a_call, a_technician, a_ticket, in_room, left
from tests.woken import enqueued


@pytest.fixture
def runtime(database: Database, now: datetime) -> Runtime:
    return Runtime(Settings(), database, ShiftedClock.starting_at(now))


@pytest.fixture
def ticket(session: Session, now: datetime) -> Ticket:
    return a_ticket(session, now)


def talk(session: Session, runtime: Runtime, call: PhoneCall, keys: str, now: datetime) -> LiveTalk:
    return LiveTalk(session, runtime, call, {"Digits": keys} if keys else {}, {} if keys else {"silent": "1"}, now)


def told(session: Session) -> list[str]:
    return [event.words for event in session.query(TicketEvent).order_by(TicketEvent.id)]


# --- a number to call back that is wrong ---


def read_back(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> tuple[PhoneCall, Page, Person]:
    """A caller to whom a typed number is read, while the page of their ticket goes on."""
    ada = a_technician(session)
    page = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
    caller = a_call(session, ticket, now, step="callback")
    caller.waiting = True
    session.flush()
    questions.ask_number(talk(session, runtime, caller, "", now))
    said = str(callback.callback(talk(session, runtime, caller, "0212345699#", now)))
    assert calling_back.IF_WRONG in said
    assert not caller.waiting
    return caller, page, ada


def accepted(session: Session, ticket: Ticket, page: Page, person: Person, now: datetime) -> None:
    page.state, page.accepted_by_id, page.accepted_at, page.accepted_via = PageState.ACCEPTED, person.id, now, Via.PHONE
    ticket.assignee_id = person.id
    session.flush()


def test_a_wrong_number_after_the_technician_has_gone(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Ada accepted, heard that the caller is gone, and hung up: she is rung again, first of all."""
    caller, page, ada = read_back(session, runtime, ticket, now)
    accepted(session, ticket, page, ada, now)
    said = str(callback.callback(talk(session, runtime, caller, "2", now)))
    assert "press 1, then hash" in said
    assert caller.waiting
    assert ticket.callback_number is None
    pages = session.query(Page).order_by(Page.id).all()
    assert [(each.state, each.cause, each.first_person_id) for each in pages][1:] == [
        ("paging", "called again", ada.id)
    ]
    assert "has taken your ticket" not in str(callback.callback(talk(session, runtime, caller, "*#", now)))


def test_a_wrong_number_while_the_page_goes_on(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    caller, page, _ = read_back(session, runtime, ticket, now)
    callback.callback(talk(session, runtime, caller, "2", now))
    assert caller.waiting
    assert session.query(Page).all() == [page]


def test_a_wrong_number_while_a_technician_is_in_the_room(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Ada calls the wrong number just now: the caller is joined with her."""
    caller, page, ada = read_back(session, runtime, ticket, now)
    accepted(session, ticket, page, ada, now)
    there = room_for(session, ticket.id, now)
    in_room(session, a_call(session, ticket, now, ada), there, now)
    callback.callback(talk(session, runtime, caller, "2", now))
    assert caller.memo.joins == caller.room_id == there.id
    assert "bring_callers" in enqueued(session)
    assert session.query(Page).all() == [page]


def test_a_wrong_number_while_the_technician_is_still_rung(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """They accepted by text: their phone rings for this caller, and its end sees them waiting."""
    caller, page, ada = read_back(session, runtime, ticket, now)
    accepted(session, ticket, page, ada, now)
    a_call(session, ticket, now, ada, purpose="connect", step="answered")
    callback.callback(talk(session, runtime, caller, "2", now))
    assert session.query(Page).all() == [page]


def test_a_wrong_number_of_a_ticket_that_is_closed(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    caller, page, ada = read_back(session, runtime, ticket, now)
    accepted(session, ticket, page, ada, now)
    ticket.state, ticket.closed_at = TicketState.CLOSED, now
    said = str(callback.callback(talk(session, runtime, caller, "2", now)))
    assert conversation.TICKET_CLOSED in said
    assert not caller.waiting
    assert session.query(Page).all() == [page]


def test_a_wrong_number_after_a_conversation_rings_nobody(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now, step="callback")
    left(session, caller, ada, step="callback")
    questions.ask_number(talk(session, runtime, caller, "", now))
    callback.callback(talk(session, runtime, caller, "0212345699#", now))
    callback.callback(talk(session, runtime, caller, "2", now))
    assert caller.waiting
    assert session.query(Page).count() == 0


def test_hash_alone_is_no_star(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    caller = a_call(session, ticket, now, step="callback")
    questions.ask_number(talk(session, runtime, caller, "", now))
    said = str(callback.callback(talk(session, runtime, caller, "#", now)))
    assert "star in it" not in said
    assert calling_back.NOT_THAT_NUMBER in said


# --- only wrong keys ---


@pytest.mark.parametrize("answers", [["7"] * (MOST_WRONG_KEYS + 1), ["7", ""], ["#", "*", ""]])
def test_wrong_keys_when_asked_what_comes_next(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, answers: list[str]
) -> None:
    caller = a_call(session, ticket, now)
    left(session, caller, a_technician(session), step="next_key")
    said = [str(hung_up.next_key(talk(session, runtime, caller, keys, now))) for keys in answers]
    assert all(line_ended.WHAT_NEXT in each for each in said[:-1])
    assert line_ended.silent_goodbye("Ada", wrong_keys=True) in said[-1]
    assert "did not hear a key" not in said[-1]
    assert caller.memo.silent
    assert caller.memo.only_wrong_keys
    assert any("Only keys that are not in use there were pressed" in words for words in told(session))
    assert not any("No key was pressed" in words for words in told(session))


def test_silence_when_asked_what_comes_next(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    caller = a_call(session, ticket, now)
    left(session, caller, a_technician(session), step="next_key")
    assert line_ended.silent_goodbye("Ada") in str(hung_up.next_key(talk(session, runtime, caller, "", now)))
    assert any("No key was pressed" in words for words in told(session))


def test_wrong_numbers_do_not_count_at_the_question_after_them(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    caller = a_call(session, ticket, now, step="callback")
    left(session, caller, a_technician(session), step="callback")
    questions.ask_number(talk(session, runtime, caller, "", now))
    for _ in range(MOST_WRONG_KEYS + 1):
        said = str(callback.callback(talk(session, runtime, caller, "99#", now)))
    assert line_ended.WHAT_NEXT in said
    assert keypad.NOT_UNDERSTOOD in str(hung_up.next_key(talk(session, runtime, caller, "7", now)))


@pytest.mark.parametrize(("keys", "words"), [("7", technicians.ONLY_WRONG_KEYS), ("", technicians.NOTHING_CHOSEN)])
def test_a_technician_who_is_rung_again_and_plays(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, keys: str, words: str
) -> None:
    caller = a_call(session, ticket, now)
    left(session, caller, a_technician(session), step="rejoining")
    ring(session, caller, now)
    rung = ringing(session, ticket.id, now)
    assert rung is not None
    rung.state, rung.sid, rung.answered_at, rung.turn, rung.step = CallState.ANSWERED, "CAr", now, 1, "rejoin_key"
    session.flush()
    late = now + LISTENING + timedelta(seconds=1)
    assert words in str(rejoin.rejoin_key(talk(session, runtime, rung, keys, late)))


# --- a caller who hangs up in the moment in which they are called ---


@pytest.mark.parametrize("registered", [[], ["+390212345600", "+390212345601"]])
def test_nobody_is_rung_whose_number_is_not_known(
    session: Session,
    runtime: Runtime,
    ticket: Ticket,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    registered: list[str],
) -> None:
    """The caller, whose number is withheld, is there at the first look and gone at the second."""
    ticket.caller_number = None
    session.add_all([CustomerPhone(customer_id=ticket.customer_id, number=number) for number in registered])
    session.flush()
    technician = a_call(session, ticket, now, a_technician(session), step="alone_key")
    looks = iter([True, False])
    monkeypatch.setattr(joining, "caller_is_waiting", lambda *_: next(looks, False))
    said = str(joining.call_customer(talk(session, runtime, technician, "1", now), ticket))
    assert [call for call in session.query(PhoneCall) if call.purpose == "callback"] == []
    assert technician.step == ("registered" if registered else "alone_key")
    assert ("To call the registered number ending in" in said) is bool(registered)
    assert "None" not in said

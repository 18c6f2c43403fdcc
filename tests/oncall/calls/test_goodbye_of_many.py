"""A technician has hung up, and more than one caller or technician is concerned: nobody is lost, nobody is misled."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.db import Database
from ivr.dialogue import callback, hung_up
from ivr.hotline import questions, rejoining, waiting
from ivr.hotline.live import LiveTalk
from ivr.technician import aftermath, paged, rejoin, telling
from oncall.calls.call_end import end_call
from oncall.calls.conference import send_to_room, settle_room
from oncall.calls.goodbye import arrange, coming, last_ring, may_ring, ring, ringing
from oncall.calls.goodbye_jobs import check_rejoined, conclude_goodbye
from oncall.calls.hang_up import cut_off
from oncall.calls.jobs import finish_callers, move_call
from oncall.calls.known_ticket import rejoin_ticket
from oncall.calls.participants import room_for, stay_left
from oncall.calls.placing import still_wanted
from oncall.delivery.sender import Sender
from oncall.models.calls import CallState, PhoneCall
from oncall.models.conferences import ParticipantRole
from oncall.models.pages import Page, PageCause, PageState, Via
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketEvent, TicketState
from oncall.paging.acknowledge import accepted_with_caller
from oncall.paging.acknowledge_elsewhere import take
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work
from oncall.sla.promises import Priority
from tests.oncall.calls.test_goodbye import (
    SECOND,
    Quiet,
    a_call,
    a_technician,
    a_ticket,
    desk,
    in_room,
    left,
    network,
    over,
    runtime,
    steps,
    texts,
    ticket,
)
from tests.woken import enqueued

__all__ = ["desk", "network", "runtime", "ticket"]


def another_phone(session: Session, ticket: Ticket, now: datetime) -> PhoneCall:
    """A second caller about the ticket, from a phone of their own."""
    call = a_call(session, ticket, now)
    call.number = "+390212349999"
    session.flush()
    return call


def pages(session: Session) -> list[tuple[str, str]]:
    return [(page.state, page.cause) for page in session.query(Page).order_by(Page.id)]


def heard(session: Session, runtime: Runtime, call: PhoneCall, now: datetime, digits: str = "") -> LiveTalk:
    return LiveTalk(session, runtime, call, {"Digits": digits} if digits else {}, {}, now)


# --- the search that several callers rely on ---


@pytest.mark.parametrize("who", ["chooses the ticket", "asks for the next person", "waits for nobody"])
def test_a_search_goes_on_for_whoever_else_relies_on_it(
    database: Database, desk: Sender, now: datetime, who: str
) -> None:
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada = a_technician(session)
        a_technician(session, "Bruno Verdi", 2)
        ticket.assignee_id = ada.id
        first = a_call(session, ticket, now)
        left(session, first, ada)
        open_page(Work(session, desk.runtime, now), ticket, PageCause.HUNG_UP)
        second = another_phone(session, ticket, now)
        if who == "chooses the ticket":
            rejoin_ticket(Work(session, desk.runtime, now), second, ticket, Priority.P1)
        elif who == "asks for the next person":
            left(session, second, ada, step="next_key")
            hung_up.next_key(heard(session, desk.runtime, second, now, "1"))
        over(session, first, now)
        first_id = first.id
    conclude_goodbye(desk, call_id=first_id)
    with database.transaction() as session:
        expected = {
            "chooses the ticket": ("paging", PageCause.CALLED_AGAIN),
            "asks for the next person": ("paging", PageCause.ASKED_ON),
            "waits for nobody": ("stopped", PageCause.HUNG_UP),
        }
        assert pages(session) == [expected[who]]


def test_a_wide_search_does_not_become_a_narrow_one(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    a_technician(session)
    for cause, then in (
        (PageCause.COLLEAGUE, PageCause.COLLEAGUE),
        (PageCause.HUNG_UP, PageCause.HUNG_UP),
        (PageCause.COLLEAGUE, PageCause.HUNG_UP),
        (PageCause.ASKED_ON, PageCause.ASKED_ON),
    ):
        open_page(Work(session, runtime, now), ticket, cause)
        assert pages(session) == [("paging", then)]
    for cause in (PageCause.HUNG_UP, PageCause.COLLEAGUE, PageCause.CALLED_AGAIN):
        open_page(Work(session, runtime, now), ticket, cause)
        assert pages(session) == [("paging", PageCause.ASKED_ON)]


def test_the_ring_goes_on_for_a_second_caller(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Whoever is rung hears which caller is there, and that they have not talked with this one."""
    ada = a_technician(session)
    ticket.assignee_id = ada.id
    page = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
    page.state, page.accepted_by_id, page.accepted_at = PageState.ACCEPTED, ada.id, now
    first = a_call(session, ticket, now)
    left(session, first, ada, step="rejoining")
    ring(session, first, now)
    second = another_phone(session, ticket, now)
    rejoin_ticket(Work(session, runtime, now), second, ticket, Priority.P1)
    rung = ringing(session, ticket.id, now)
    assert rung is not None
    assert "Your call with Acme" in str(rejoin.offer(heard(session, runtime, rung, now)))
    over(session, first, now)
    assert still_wanted(session, rung)
    words = str(rejoin.offer(heard(session, runtime, rung, now)))
    assert "Acme is on the line for ticket" in words
    assert "Your call with" not in words
    over(session, second, now)
    assert not still_wanted(session, rung)


# --- the end of a conversation that a second caller was joined with ---


@pytest.mark.parametrize(("sent", "expected"), [(5, "hung_up"), (590, "hung_up"), (597, "missed"), (600, "missed")])
def test_a_lost_report_does_not_make_a_goodbye_a_missed_conversation(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, sent: int, expected: str
) -> None:
    ada = a_technician(session)
    ticket.assignee_id = ada.id
    room = room_for(session, ticket.id, now)
    technician, first = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    in_room(session, technician, room, now)
    in_room(session, first, room, now)
    second = another_phone(session, ticket, now)
    second.memo.joined_later = room.id
    send_to_room(session, second, room, ParticipantRole.CALLER, now + sent * SECOND)  # its arrival is never reported
    over(session, technician, now + 600 * SECOND)
    moves = steps(settle_room(Work(session, runtime, now + 600 * SECOND), room.id))
    assert moves[second.id] == expected
    assert len(pages(session)) == (expected == "missed")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("rejoined", [True, False])
def test_whether_the_ticket_is_closed_is_told_by_the_ticket(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, closed: bool, rejoined: bool
) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    caller.room_id = room_for(session, ticket.id, now).id
    if rejoined:
        left(session, caller, ada, step="rejoining")
        waiting.room(heard(session, runtime, caller, now))
    if closed:
        ticket.state, ticket.closed_at = TicketState.CLOSED, now
    session.flush()
    words = str(waiting.finished(heard(session, runtime, caller, now)))
    assert ("has closed your ticket" in words) is closed
    assert ("has ended the conversation" in words) is not closed


@pytest.mark.parametrize("another", [False, True])
def test_nobody_is_rung_on_for_a_closed_ticket(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, another: bool
) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada, step="rejoining")
    ring(session, caller, now)
    if another:
        another_phone(session, ticket, now).waiting = True
    ticket.state, ticket.closed_at = TicketState.CLOSED, now
    session.flush()
    waiting.finished(heard(session, runtime, caller, now))
    assert ("cut_off" in enqueued(session)) is not another


def test_who_is_asked_for_the_key_hears_of_it(database: Database, desk: Sender, network: Quiet, now: datetime) -> None:
    """Once nobody waits any more, and not before."""
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada, caller = a_technician(session), a_call(session, ticket, now)
        left(session, caller, ada, step="rejoining")
        rung = a_call(session, ticket, now, ada, purpose="connect", step="rejoin_key")
        rung.memo.rejoins = True
        caller_id, rung_id = caller.id, rung.id
    cut_off(desk, call_id=rung_id)
    move_call(desk, call_id=rung_id, step="alone")
    assert network.moved == []
    with database.transaction() as session:
        session.get_one(PhoneCall, caller_id).waiting = False
    cut_off(desk, call_id=rung_id)
    assert network.moved == [(rung_id, "alone")]


@pytest.mark.parametrize("where", ["offered", "presses 1", "presses nothing", "is moved"])
@pytest.mark.parametrize("what", ["a colleague has them", "the ticket is closed", "they have hung up"])
def test_who_comes_too_late_hears_why(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, where: str, what: str
) -> None:
    ada, bruno, caller = a_technician(session), a_technician(session, "Bruno Verdi", 2), a_call(session, ticket, now)
    left(session, caller, ada, step="rejoining")
    rung = a_call(session, ticket, now, ada, purpose="connect", step="rejoin_key")
    rung.memo.rejoins = True
    caller.waiting = False
    if what == "a colleague has them":
        room = room_for(session, ticket.id, now)
        helper = a_call(session, ticket, now, bruno)
        in_room(session, helper, room, now)
        in_room(session, caller, room, now)
    elif what == "the ticket is closed":
        ticket.state, ticket.closed_at = TicketState.CLOSED, now
    session.flush()
    talk = heard(session, runtime, rung, now, "1" if where == "presses 1" else "")
    step = {"offered": rejoin.offer, "is moved": aftermath.alone}.get(where, rejoin.rejoin_key)
    words = str(step(talk))
    expected = {
        "a colleague has them": "Bruno has accepted this ticket already",
        "the ticket is closed": "Nobody is needed any more",
        "they have hung up": "To call back now, press 1",
    }
    assert [said for said in expected.values() if said in words] == [expected[what]]


# --- who has arranged what comes ---


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("came", [19, 20, 21, 40])
def test_who_comes_into_the_room_after_the_goodbye_is_not_left_there(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, came: int, live: bool
) -> None:
    ada = a_technician(session)
    room = room_for(session, ticket.id, now)
    technician, first = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    there, his = in_room(session, technician, room, now), in_room(session, first, room, now)
    stay_left(session, there, now + 18 * SECOND)
    arrange(technician, room.id, now + 20 * SECOND)
    technician.step = "alone_key"
    second = another_phone(session, ticket, now)
    in_room(session, second, room, now + came * SECOND)
    stay_left(session, his, now + 50 * SECOND)
    if not live:
        over(session, technician, now + 50 * SECOND)
    moves = steps(settle_room(Work(session, runtime, now + 60 * SECOND), room.id))
    assert moves == ({second.id: "dropped"} if came > 20 else {})
    assert pages(session) == ([("paging", "not joined")] if came > 20 else [])


def test_an_arrangement_ends_when_its_technician_is_back(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    room = room_for(session, ticket.id, now)
    technician = a_call(session, ticket, now, ada, step="rejoin_key")
    arrange(technician, room.id, now)
    in_room(session, caller, room, now)
    caller.waiting = True
    session.flush()
    rejoin.rejoin_key(heard(session, runtime, technician, now + SECOND, "1"))
    over(session, technician, now + 30 * SECOND)
    assert steps(settle_room(Work(session, runtime, now + 30 * SECOND), room.id)) == {caller.id: "hung_up"}


def test_only_who_was_there_is_told_goodbye(database: Database, desk: Sender, network: Quiet, now: datetime) -> None:
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        room = room_for(session, ticket.id, now)
        technician, first = a_call(session, ticket, now, a_technician(session)), a_call(session, ticket, now)
        stay_left(session, in_room(session, technician, room, now), now + SECOND)
        in_room(session, first, room, now)
        arrange(technician, room.id, now + 2 * SECOND)
        in_room(session, another_phone(session, ticket, now), room, now + 3 * SECOND)
        first_id, room_id = first.id, room.id
    finish_callers(desk, room_id=room_id)
    assert network.moved == [(first_id, "finished")]


# --- a colleague who takes over ---


def taken_over(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> tuple[PhoneCall, Person, Page]:
    """Ada has left a caller, and Bruno accepts the search by text: the caller, Bruno and the page."""
    ada, bruno, caller = a_technician(session), a_technician(session, "Bruno Verdi", 2), a_call(session, ticket, now)
    ticket.assignee_id = ada.id
    left(session, caller, ada)
    page = open_page(Work(session, runtime, now), ticket, PageCause.HUNG_UP, first=bruno.id)
    return caller, bruno, page


@pytest.mark.parametrize("phone", ["rings for the page", "is free"])
def test_who_accepts_by_text_is_rung_and_offered_the_caller(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, phone: str
) -> None:
    _, bruno, page = taken_over(session, runtime, ticket, now)
    calls = session.query(PhoneCall).filter(PhoneCall.person_id == bruno.id)
    if phone == "is free":
        end_call(session, calls.one(), "no-answer", now)
        session.flush()
    take(Work(session, runtime, now + SECOND), page, bruno, Via.TEXT)
    rung = calls.filter(PhoneCall.state != "ended").one()
    assert still_wanted(session, rung)
    rung.state, rung.answered_at, rung.sid, rung.turn = CallState.ANSWERED, now, "CAb", 1
    first = paged.offer_caller if rung.purpose == "connect" else telling.tell_next
    for document in (first, paged.talk):
        words = str(document(heard(session, runtime, rung, now + SECOND)))
        assert "Acme is on the line for ticket" in words
        assert "Your call with" not in words


def test_the_caller_waits_for_who_is_on_the_way(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """By name; Ada is not rung, her rings are not used up, and she is told nothing."""
    caller, bruno, page = taken_over(session, runtime, ticket, now)
    take(Work(session, runtime, now), page, bruno, Via.TEXT)
    words = str(hung_up.hung_up_key(heard(session, runtime, caller, now, "1")))
    assert "Bruno has taken your ticket" in words
    assert "Ada" not in words
    assert "still calling Bruno" in str(rejoining.rejoining(heard(session, runtime, caller, now)))
    assert last_ring(session, ticket.id) is None
    assert not caller.memo.rung
    found = coming(session, ticket.id, now)
    assert found is not None
    assert found.person_id == bruno.id
    end_call(session, found, "no-answer", now)
    session.flush()
    words = str(rejoining.rejoining(heard(session, runtime, caller, now)))
    assert "Nobody could be connected with you. To try once more, press 1" in words
    assert may_ring(session, caller)


def test_who_is_rung_for_something_else_is_not_on_the_way(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    page = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
    page.state, page.accepted_by_id, page.accepted_at = PageState.ACCEPTED, ada.id, now
    for call in session.query(PhoneCall).filter(PhoneCall.person_id == ada.id):
        end_call(session, call, "completed", now)
    left(session, caller, ada)
    a_call(session, ticket, now, ada, step="choose")
    assert coming(session, ticket.id, now) is None


def test_who_was_joined_after_accepting_owes_nothing_any_more(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Two technicians leave one after the other: the end of either call wakes nobody."""
    caller, bruno, page = taken_over(session, runtime, ticket, now)
    take(Work(session, runtime, now), page, bruno, Via.TEXT)
    assert [one.id for one in accepted_with_caller(session, bruno.id)] == [page.id]
    room = room_for(session, ticket.id, now)
    [rung] = session.query(PhoneCall).filter(PhoneCall.person_id == bruno.id, PhoneCall.state != "ended")
    in_room(session, rung, room, now + SECOND)
    caller.waiting = True
    session.flush()
    assert accepted_with_caller(session, bruno.id) == []


def test_the_caller_is_asked_on_when_the_colleague_does_not_come(
    database: Database, desk: Sender, network: Quiet, now: datetime
) -> None:
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        caller, bruno, page = taken_over(session, desk.runtime, ticket, now)
        for call in session.query(PhoneCall).filter(PhoneCall.person_id == bruno.id):
            end_call(session, call, "no-answer", now)
        session.flush()
        take(Work(session, desk.runtime, now), page, bruno, Via.TEXT)
        hung_up.hung_up_key(heard(session, desk.runtime, caller, now, "1"))
        rung = session.query(PhoneCall).filter(PhoneCall.person_id == bruno.id, PhoneCall.state != "ended").one()
        before = enqueued(session).count("check_rejoined")
        end_call(session, rung, "no-answer", now)
        assert enqueued(session).count("check_rejoined") == before + 1
        caller_id, rung_id = caller.id, rung.id
    check_rejoined(desk, call_id=rung_id)
    assert network.moved == [(caller_id, "unreached")]
    with database.transaction() as session:
        assert session.query(TicketEvent).filter(TicketEvent.key == f"call:{rung_id}:in_vain").count() == 0


# --- what is told afterwards ---


@pytest.mark.parametrize("step", ["left", "room", "handed", "finished"])
def test_who_came_was_not_called_in_vain(database: Database, desk: Sender, now: datetime, step: str) -> None:
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada, caller = a_technician(session), a_call(session, ticket, now)
        left(session, caller, ada, step=step)
        caller.memo.rung = True
        open_page(Work(session, desk.runtime, now), ticket, PageCause.HUNG_UP)
        over(session, caller, now)
        caller_id = caller.id
    conclude_goodbye(desk, call_id=caller_id)
    assert not [body for body in texts(database) if "rang you again" in body]
    with database.transaction() as session:
        assert session.query(TicketEvent).filter(TicketEvent.words.contains("in vain")).count() == 0
        assert pages(session) == [("stopped", PageCause.HUNG_UP)]


@pytest.mark.parametrize("retired", [True, False])
def test_who_has_left_is_neither_rung_nor_promised(
    database: Database, desk: Sender, now: datetime, retired: bool
) -> None:
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada, caller = a_technician(session), a_call(session, ticket, now)
        a_technician(session, "Bruno Verdi", 2)
        ticket.assignee_id = ada.id
        left(session, caller, ada)
        ada.retired_at = now if retired else None
        session.flush()
        assert may_ring(session, caller) is not retired
        talk = heard(session, desk.runtime, caller, now)
        if retired:
            assert "To speak with the next person" in str(rejoining.hung_up(talk))
            assert "To speak with the next person" in str(hung_up.hung_up_key(talk))
            assert last_ring(session, ticket.id) is None
        caller.step = "next_key"
        assert ("Ada" in str(hung_up.next_key(talk))) is not retired
        questions.ask_number(heard(session, desk.runtime, caller, now))
        words = str(callback.callback(heard(session, desk.runtime, caller, now, "1")))
        assert ("Ada is told to call you" in words) is not retired
        assert ("I am calling somebody who will call you back" in words) is retired
        assert caller.memo.wants_call
        over(session, caller, now)
        caller_id = caller.id
    for _ in range(2):
        conclude_goodbye(desk, call_id=caller_id)
    with database.transaction() as session:
        assert pages(session) == ([("paging", "call back")] if retired else [])


def test_another_caller_has_used_the_last_ring(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Nobody is rung, and nobody is said to have been."""
    ada, first = a_technician(session), a_call(session, ticket, now)
    second = another_phone(session, ticket, now)
    for call in (first, second):
        left(session, call, ada)
    for _ in range(2):
        ring(session, first, now)
        rung = ringing(session, ticket.id, now)
        assert rung is not None
        end_call(session, rung, "no-answer", now)
        session.flush()
    words = str(hung_up.hung_up_key(heard(session, runtime, second, now, "1")))
    assert "Your technician has hung up. To speak with the next person" in words
    assert "could not be reached" not in words
    assert not second.memo.rung


def test_the_attempt_stands_before_what_came_of_it(session: Session, ticket: Ticket, now: datetime) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada)
    a_call(session, ticket, now, ada, step="choose")
    ring(session, caller, now)
    kinds = [event.kind for event in session.query(TicketEvent).order_by(TicketEvent.id)]
    assert kinds == ["attempt", "busy"]
    assert caller.memo.left_by is not None

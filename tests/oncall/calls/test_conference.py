"""Rooms as the database sees them: who is moved where, whatever was reported."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls.conference import callers_to_bring, overdue_move, prepare_move, send_to_room, settle_room
from oncall.calls.participants import room_for, stay_left
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.customers import Contract, Customer, Region
from oncall.models.pages import Page
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.runtime import Runtime, Work
from tests.woken import enqueued


@pytest.fixture
def runtime(database: Database, now: datetime) -> Runtime:
    return Runtime(Settings(), database, ShiftedClock.starting_at(now))


@pytest.fixture
def ticket(session: Session, now: datetime) -> Ticket:
    """An open ticket of a customer, to which nobody is called."""
    region = session.get(Region, "europe") or Region(name="europe", time_zone="Europe/Rome")
    customer = Customer(name="Acme")
    session.add_all([region, customer])
    session.flush()
    terms = {"plan": "platinum", "start_date": now.date(), "end_date": now.date(), "paid": True}
    contract = Contract(customer_id=customer.id, region_name="europe", **terms)
    session.add(contract)
    session.flush()
    found = Ticket(
        origin="test", customer_id=customer.id, contract_id=contract.id, priority="P1", channel="hotline", opened_at=now
    )
    session.add(found)
    session.flush()
    return found


def a_call(session: Session, ticket: Ticket, now: datetime, person: Person | None = None) -> PhoneCall:
    """An answered call: a technician's, or the caller's."""
    call = PhoneCall(
        sid=f"CA{session.query(PhoneCall).count()}",
        direction="in" if person is None else "out",
        purpose="hotline" if person is None else "page",
        ticket_id=ticket.id,
        person_id=None if person is None else person.id,
        state="answered",
        step="choose",
        turn=3,
        created_at=now,
    )
    session.add(call)
    session.flush()
    return call


def a_technician(session: Session) -> Person:
    person = Person(name="Ada Rossi", phone="+393470000001", role="technician")
    session.add(person)
    session.flush()
    return person


def woken(session: Session, task: str) -> int:
    """How many wake-ups for this are put down."""
    return enqueued(session).count(task)


def test_a_technician_comes_as_the_caller_leaves(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """The room is looked at once more after the technician was sent there, without any report from the network."""
    caller, technician = a_call(session, ticket, now), a_call(session, ticket, now, a_technician(session))
    room = room_for(session, ticket.id, now)
    stay_left(session, send_to_room(session, caller, room, ParticipantRole.CALLER, now), now)
    settle_room(Work(session, runtime, now), room.id)
    session.info.clear()  # what is put down from here on counts
    send_to_room(session, technician, room, ParticipantRole.TECHNICIAN, now)
    assert woken(session, "check_room") == 1
    [move] = settle_room(Work(session, runtime, now), room.id)
    assert (move.call_id, move.step, move.turn) == (technician.id, "alone", 4)


def test_whoever_is_moved_is_out_of_the_room(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    stay = send_to_room(session, technician, room_for(session, ticket.id, now), ParticipantRole.TECHNICIAN, now)
    assert prepare_move(Work(session, runtime, now + timedelta(seconds=9)), technician, "unanswered") is not None
    assert stay.left_at == now + timedelta(seconds=9)
    assert woken(session, "repeat_move") == 1, "should this process die before it has asked the provider"


def test_a_call_without_its_first_document_is_not_moved(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    technician.turn = 0
    assert prepare_move(Work(session, runtime, now), technician, "taken") is None
    assert technician.step == "choose"


def test_a_move_is_overdue_only_after_a_while(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    caller = a_call(session, ticket, now)
    assert overdue_move(caller) is None
    prepare_move(Work(session, runtime, now), caller, "room")
    assert overdue_move(caller) is None
    assert caller.memo.moved is not None
    caller.memo.moved = replace(caller.memo.moved, at=caller.memo.moved.at - 3)
    assert overdue_move(caller) == "room"
    caller.turn += 1
    assert overdue_move(caller) is None, "the call has gone on"


def test_a_call_that_is_over_leaves_no_stay_open(session: Session, ticket: Ticket, now: datetime) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    technician.state, technician.ended_at = CallState.ENDED, now
    stay = send_to_room(session, technician, room_for(session, ticket.id, now), ParticipantRole.TECHNICIAN, now)
    assert stay.left_at == now


def test_a_room_is_shared_while_somebody_is_in_it(session: Session, ticket: Ticket, now: datetime) -> None:
    first = room_for(session, ticket.id, now)
    technician = a_call(session, ticket, now, a_technician(session))
    stay = send_to_room(session, technician, first, ParticipantRole.TECHNICIAN, now)
    assert room_for(session, ticket.id, now).id == first.id
    stay_left(session, stay, now)
    session.flush()
    assert room_for(session, ticket.id, now).id != first.id
    assert session.query(Conference).count() == 2
    assert session.query(Participant).count() == 1


def in_room(session: Session, call: PhoneCall, room: Conference, role: ParticipantRole, now: datetime) -> Participant:
    """The call is in the room, as its document says."""
    call.step = "left"
    stay = send_to_room(session, call, room, role, now)
    stay.joined_at = now
    return stay


def test_who_comes_too_late_waits_and_the_technician_is_rung(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """The conversation ended while another caller was on the way into it: that is no dropped line."""
    ada = a_technician(session)
    ticket.assignee_id = ada.id
    room = room_for(session, ticket.id, now)
    technician, late = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    in_room(session, technician, room, ParticipantRole.TECHNICIAN, now)
    technician.state, technician.ended_at = CallState.ENDED, now + timedelta(seconds=2)
    stay_left(session, session.query(Participant).one(), now + timedelta(seconds=2))
    in_room(session, late, room, ParticipantRole.CALLER, now + timedelta(seconds=3))
    late.memo.joined_later = room.id
    [move] = settle_room(Work(session, runtime, now + timedelta(seconds=3)), room.id)
    assert (move.call_id, move.step) == (late.id, "missed")
    assert late.waiting
    [page] = session.query(Page).all()
    assert (page.cause, page.first_person_id) == ("called again", ada.id)


@pytest.mark.parametrize("who", ["a caller who is being brought", "a customer who is being rung"])
def test_a_technician_is_not_alone_while_somebody_is_still_to_come(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, who: str
) -> None:
    room = room_for(session, ticket.id, now)
    technician, caller = a_call(session, ticket, now, a_technician(session)), a_call(session, ticket, now)
    in_room(session, technician, room, ParticipantRole.TECHNICIAN, now)
    gone = in_room(session, caller, room, ParticipantRole.CALLER, now)
    other = a_call(session, ticket, now)
    other.room_id = room.id
    if who == "a caller who is being brought":
        other.waiting, other.memo.joins = True, room.id
    else:
        other.direction, other.purpose = Direction.OUT, Purpose.CALLBACK
    stay_left(session, gone, now + timedelta(seconds=5))
    session.flush()
    assert settle_room(Work(session, runtime, now + timedelta(seconds=5)), room.id) == []
    other.state, other.waiting, other.ended_at = CallState.ENDED, False, now + timedelta(seconds=6)
    session.flush()
    [move] = settle_room(Work(session, runtime, now + timedelta(seconds=6)), room.id)
    assert (move.call_id, move.step) == (technician.id, "alone")


def test_callers_are_not_brought_to_a_technician_who_has_gone_on(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """Their call goes on, with the question what to do next: they are told of the caller there."""
    ada = a_technician(session)
    room = room_for(session, ticket.id, now)
    technician, caller = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    stay = in_room(session, technician, room, ParticipantRole.TECHNICIAN, now)
    stay_left(session, stay, now + timedelta(seconds=1))
    technician.step = "alone_key"
    caller.waiting, caller.memo.joins = True, room.id
    session.flush()
    assert callers_to_bring(Work(session, runtime, now + timedelta(seconds=2)), room.id) == []
    [page] = session.query(Page).all()
    assert (page.cause, page.first_person_id) == ("called again", ada.id)
    assert caller.memo.joins is None

"""Rooms as the database sees them: who is moved where, whatever was reported."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from core.wakeups import put_down
from oncall.calls import PhoneCall
from oncall.customers import Contract, Customer, Region
from oncall.joining import overdue_move, prepare_move, room_for, send_to_room, settle_room, stay_left
from oncall.people import Person
from oncall.rooms import Room, Stay
from oncall.runtime import Runtime
from oncall.tickets import Ticket


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
    return put_down(session).count(task)


def test_a_technician_comes_as_the_caller_leaves(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """The room is looked at once more after the technician was sent there, without any report from the network."""
    caller, technician = a_call(session, ticket, now), a_call(session, ticket, now, a_technician(session))
    room = room_for(session, ticket.id, now)
    stay_left(session, send_to_room(session, caller, room, "caller", now), now)
    settle_room(session, runtime, room.id, now)
    session.info.clear()  # what is put down from here on counts
    send_to_room(session, technician, room, "technician", now)
    assert woken(session, "check_room") == 1
    [move] = settle_room(session, runtime, room.id, now)
    assert (move.call_id, move.step, move.turn) == (technician.id, "alone", 4)


def test_whoever_is_moved_is_out_of_the_room(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    stay = send_to_room(session, technician, room_for(session, ticket.id, now), "technician", now)
    assert prepare_move(session, runtime, technician, "unanswered", now + timedelta(seconds=9)) is not None
    assert stay.left_at == now + timedelta(seconds=9)
    assert woken(session, "repeat_move") == 1, "should this process die before it has asked the provider"


def test_a_call_without_its_first_document_is_not_moved(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    technician.turn = 0
    assert prepare_move(session, runtime, technician, "taken", now) is None
    assert technician.step == "choose"


def test_a_move_is_overdue_only_after_a_while(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    caller = a_call(session, ticket, now)
    assert overdue_move(caller) is None
    prepare_move(session, runtime, caller, "room", now)
    assert overdue_move(caller) is None
    caller.memo["moved"] = caller.memo["moved"] | {"at": caller.memo["moved"]["at"] - 3}
    assert overdue_move(caller) == "room"
    caller.turn += 1
    assert overdue_move(caller) is None, "the call has gone on"


def test_a_call_that_is_over_leaves_no_stay_open(session: Session, ticket: Ticket, now: datetime) -> None:
    technician = a_call(session, ticket, now, a_technician(session))
    technician.state, technician.ended_at = "ended", now
    stay = send_to_room(session, technician, room_for(session, ticket.id, now), "technician", now)
    assert stay.left_at == now


def test_a_room_is_shared_while_somebody_is_in_it(session: Session, ticket: Ticket, now: datetime) -> None:
    first = room_for(session, ticket.id, now)
    technician = a_call(session, ticket, now, a_technician(session))
    stay = send_to_room(session, technician, first, "technician", now)
    assert room_for(session, ticket.id, now).id == first.id
    stay_left(session, stay, now)
    session.flush()
    assert room_for(session, ticket.id, now).id != first.id
    assert session.query(Room).count() == 2
    assert session.query(Stay).count() == 1

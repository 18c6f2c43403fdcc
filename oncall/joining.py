"""Callers and technicians in one room: who is sent there, who came, who left, and the interventions that follow.

Callbacks only write on the stay they are about and wake `check_room`, which looks at all stays under the room's
lock. So callbacks may come twice, late or in any order: the last look sees them all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.clock import real_now
from core.wakeups import URGENT, wake, wake_at
from oncall import messages, wording
from oncall.calls import PhoneCall, lock_call
from oncall.interventions import write_interventions
from oncall.paging.engine import open_page
from oncall.people import Person
from oncall.rooms import Room, Stay
from oncall.runtime import Runtime
from oncall.setting import paging_times
from oncall.tickets import Ticket, tell

# A callback whose own time is older than this came late: then its time counts, not that of its arrival.
LATE = timedelta(seconds=3)


@dataclass(frozen=True)
class Move:
    """A live call that has to go on with another step of its conversation."""

    call_id: int
    sid: str
    step: str
    turn: int


def room_for(session: Session, ticket_id: int, now: datetime) -> Room:
    """The room in which people are for this ticket, or a new one."""
    query = (
        select(Room)
        .join(Stay)
        .join(PhoneCall, PhoneCall.id == Stay.call_id)
        .where(Room.ticket_id == ticket_id, Room.closed_at.is_(None), Stay.left_at.is_(None))
        .where(PhoneCall.state != "ended")
        .order_by(Room.id.desc())
        .limit(1)
    )
    room = session.scalar(query)
    if room is None:
        room = Room(ticket_id=ticket_id, created_at=now)
        session.add(room)
        session.flush()
    return room


def send_to_room(session: Session, call: PhoneCall, room: Room, role: str, now: datetime) -> Stay:
    """Note that this call's next document sends it to the room; the same turn makes one stay."""
    key = f"{call.id}:{call.turn}"
    stay = session.scalar(select(Stay).where(Stay.key == key))
    if stay is None:
        stay = Stay(key=key, room_id=room.id, call_id=call.id, role=role, person_id=call.person_id, sent_at=now)
        session.add(stay)
    call.room_id = room.id
    call.waiting = False
    session.flush()
    return stay


def call_callers(session: Session, room: Room) -> None:
    """Bring everybody who waits for the room's ticket into it, once this transaction is committed."""
    wake(session, "bring_callers", priority=URGENT, room_id=room.id)


def event_time(stamp: datetime | None, shift: timedelta, now: datetime) -> datetime:
    """When something happened, in the gateway's time: the provider's stamp (real UTC) if the callback came late."""
    if stamp is None or real_now() - stamp < LATE:
        return now
    return min(now, stamp + shift)


def stay_joined(session: Session, stay: Stay, at: datetime) -> None:
    """The provider says that the call is in the room."""
    stay.joined_at = stay.joined_at or at
    wake(session, "check_room", priority=URGENT, room_id=stay.room_id)


def stay_left(session: Session, stay: Stay, at: datetime) -> None:
    """The provider says that the call has left the room, or is over."""
    stay.left_at = stay.left_at or max(at, stay.sent_at)
    wake(session, "check_room", priority=URGENT, room_id=stay.room_id)


def stays_of_call(session: Session, call_id: int) -> list[Stay]:
    """The call's stays that have not ended."""
    return list(session.scalars(select(Stay).where(Stay.call_id == call_id, Stay.left_at.is_(None))))


def prepare_move(session: Session, call: PhoneCall, step: str) -> Move | None:
    """Put down that a locked, live call goes on with `step`; None when there is no call to move any more.

    Its turn is counted up first, so that whatever is still under way from before finds itself out of date.
    """
    if call.state != "answered" or call.sid is None:
        return None
    call.turn += 1
    call.step = step
    return Move(call.id, call.sid, step, call.turn)


def callers_to_bring(session: Session, room_id: int) -> list[Move]:
    """Moves of all waiting callers of the room's ticket into the room."""
    room = session.get_one(Room, room_id)
    query = select(PhoneCall.id).where(PhoneCall.ticket_id == room.ticket_id, PhoneCall.waiting)
    moves = []
    for call_id in sorted(session.scalars(query)):
        call = lock_call(session, call_id)
        if call is None or not call.waiting:
            continue
        call.room_id = room.id
        move = prepare_move(session, call, "room")
        if move is not None:
            moves.append(move)
    return moves


def settle_room(session: Session, runtime: Runtime, room_id: int, now: datetime) -> list[Move]:
    """Look at who is in the room and draw the consequences; the calls that have to be moved."""
    room = session.scalar(select(Room).where(Room.id == room_id).with_for_update(key_share=True))
    if room is None:
        return []
    query = select(Stay).where(Stay.room_id == room_id).options(joinedload(Stay.call)).order_by(Stay.id)
    stays = list(session.scalars(query.execution_options(populate_existing=True)).unique())
    write_interventions(session, room, stays, now)
    callers = [stay for stay in stays if stay.role == "caller"]
    technicians = [stay for stay in stays if stay.role == "technician"]
    if any(map(present, callers)) and technicians and not any(map(present, technicians)):
        return _technicians_gone(session, runtime, room, callers, technicians, now)
    if callers and not any(map(present, callers)):
        _thank_callers(session, runtime, room, callers, technicians, now)
        return _callers_gone(session, room, technicians, now)
    return []


def present(stay: Stay) -> bool:
    """Whether the call is in the room, as far as we were told."""
    return stay.left_at is None and stay.call.live


def _technicians_gone(
    session: Session, runtime: Runtime, room: Room, callers: list[Stay], technicians: list[Stay], now: datetime
) -> list[Move]:
    """A caller is alone. If the line dropped, they wait again and the technician is rung again, then the roster."""
    if any(stay.call.live for stay in technicians):
        return []  # a technician is at the keys, arranging something; the end of that call wakes us again
    last = max(technicians, key=lambda stay: stay.left_at or stay.sent_at)
    patience = (last.left_at or now) + timedelta(seconds=paging_times(session).drop_grace)
    if now < patience:
        wake_at(session, runtime.clock, patience, "check_room", room_id=room.id)
        return []
    moves = []
    for stay in filter(present, callers):
        call = lock_call(session, stay.call_id)
        if call is None:
            continue
        move = prepare_move(session, call, "dropped")
        if move is not None:
            call.waiting = True
            moves.append(move)
        stay.left_at = now
    room.closed_at = now
    write_interventions(session, room, [*callers, *technicians], now)
    words = "The technician's line dropped; the caller waits again."
    tell(session, room.ticket_id, now, "dropped", words, key=f"room:{room.id}:dropped")
    session.flush()
    open_page(session, runtime, session.get_one(Ticket, room.ticket_id), now, "line dropped", first=last.person_id)
    return moves


def _callers_gone(session: Session, room: Room, technicians: list[Stay], now: datetime) -> list[Move]:
    """Technicians who are left alone are asked what to do next."""
    moves = []
    for stay in filter(present, technicians):
        call = lock_call(session, stay.call_id)
        move = prepare_move(session, call, "alone") if call is not None else None
        if move is not None:
            moves.append(move)
        stay.left_at = now
    room.closed_at = room.closed_at or now
    return moves


def _thank_callers(
    session: Session, runtime: Runtime, room: Room, callers: list[Stay], technicians: list[Stay], now: datetime
) -> None:
    """The text afterwards, to whoever really spoke with somebody: ticket number and first name."""
    spoke = next((stay for stay in technicians if stay.joined_at or stay.left_at), None)
    ticket = session.get_one(Ticket, room.ticket_id)
    if spoke is None or spoke.person_id is None:
        return
    person = session.get_one(Person, spoke.person_id)
    for stay in callers:
        if stay.call.number is None:
            continue
        messages.post(
            session,
            now,
            key=f"after:{room.id}:{stay.call.number}",
            channel="text",
            recipient=stay.call.number,
            body=wording.afterwards_text(ticket, person, runtime.settings.company_name),
            ticket_id=ticket.id,
        )

"""Callers and technicians in one room: who is sent there, who came, who left, and what follows from it.

Callbacks only write on the stay they are about and wake `check_room`, which looks at all stays under the room's
lock. So callbacks may come twice, late, in any order or not at all: the last look sees what there is to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.calls.follow_up_text import thank_callers
from oncall.calls.goodbye import Talked, arranged_at, close_conversation, judge, note_goodbye
from oncall.calls.known_ticket import can_talk, is_expected
from oncall.calls.participants import lock_room, present, stay_left, stays_of_call, stays_of_room
from oncall.models import jobs
from oncall.models.call_memo import Moved
from oncall.models.calls import CallState, PhoneCall, Purpose, lock_call
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.pages import PageCause
from oncall.models.people import Person
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.paging.acknowledge import stop_page
from oncall.paging.engine import open_page
from oncall.runtime import Work
from oncall.tickets.interventions import write_interventions

# A move that has shown no effect for so long is asked for again.
UNDONE = timedelta(seconds=5)
# Later than this a move that is still under way does not meet the call's own request half-way.
LATE_MOVE_SECONDS = 2.0


@dataclass(frozen=True)
class Move:
    """A live call that has to go on with another step of its conversation."""

    call_id: int
    sid: str
    step: str
    turn: int


def send_to_room(
    session: Session, call: PhoneCall, room: Conference, role: ParticipantRole, now: datetime
) -> Participant:
    """Note that this call's next document sends it to the room; the same turn makes one stay.

    The room is looked at once this is committed: whoever it is meant for may have left in this very moment.
    """
    key = f"{call.id}:{call.turn}"
    stay = session.scalar(select(Participant).where(Participant.key == key))
    if stay is None:
        stay = Participant(key=key, room_id=room.id, call_id=call.id, role=role, person_id=call.person_id, sent_at=now)
        stay.left_at = None if call.live else now
        session.add(stay)
    call.room_id = room.id
    call.waiting = False
    session.flush()
    jobs.check_room.wake(session, room_id=room.id)
    return stay


def call_callers(session: Session, room: Conference) -> None:
    """Bring everybody who waits for the room's ticket into it, once this transaction is committed."""
    jobs.bring_callers.wake(session, room_id=room.id)


def prepare_move(work: Work, call: PhoneCall, step: str) -> Move | None:
    """Put down that a locked, live call goes on with `step`; None when there is no call to move.

    Its turn is counted up first, so that whatever is still under way from before finds itself out of date; and
    whatever room it is in, it is taken out of. A call that was picked up just now and has not got its first document
    is not moved: that document tells it what is to be told. Should this process die before it has asked the
    provider, the move is carried out by a later wake-up.
    """
    if call.state != CallState.ANSWERED or call.sid is None or call.turn == 0:
        return None
    for stay in stays_of_call(work.session, call.id):
        stay_left(work.session, stay, work.now)
    call.turn += 1
    call.step = step
    call.memo.moved = Moved(call.turn, real_now().timestamp())
    work.session.flush()
    jobs.repeat_move.wake_at(
        work.session, work.runtime.clock, work.now + UNDONE, call_id=call.id, step=step, turn=call.turn
    )
    return Move(call.id, call.sid, step, call.turn)


def overdue_move(call: PhoneCall) -> str | None:
    """The step to which this call should have been moved but was not, because the provider does not take the request.

    Then the call's own next request is answered with that step, in place of the question that is out of date.
    """
    moved = call.memo.moved
    if moved is None or moved.turn != call.turn or real_now().timestamp() - moved.at <= LATE_MOVE_SECONDS:
        return None
    return call.step


def callers_to_bring(work: Work, room_id: int) -> list[Move]:
    """Moves of all waiting callers of the room's ticket into the room.

    When the technician who should talk with them has hung up meanwhile, they go on waiting and the page begins again,
    with the next person; for callers who were to join a conversation that is over by now, with its technician. Whom
    that technician has left before go on by themselves.
    """
    room = lock_room(work.session, room_id)
    query = select(PhoneCall.id).where(PhoneCall.ticket_id == room.ticket_id, PhoneCall.waiting)
    calls = [
        call for id_ in sorted(work.session.scalars(query)) if (call := lock_call(work.session, id_)) and call.waiting
    ]
    technicians = [stay for stay in stays_of_room(work.session, room_id) if stay.role == ParticipantRole.TECHNICIAN]
    if calls and not any(present(stay) or can_talk(stay.call, room.id) for stay in technicians):
        _page_for(work, room, calls, technicians[-1].person_id if technicians else None)
        return []
    moves = []
    for call in calls:
        call.room_id = room.id
        move = prepare_move(work, call, "room")
        if move is not None:
            moves.append(move)
    return moves


def _page_for(work: Work, room: Conference, calls: Sequence[PhoneCall], person_id: int | None) -> None:
    """Look for somebody for locked calls that wait in vain for `person_id`; whom that one left go on by themselves."""
    unserved = [call for call in calls if call.memo.left_by is None]
    came_late = all(call.memo.joins is not None for call in unserved)
    for call in calls:
        call.memo.joins = None
    if not unserved:
        return
    cause = PageCause.CALLED_AGAIN if came_late else PageCause.NOT_JOINED
    first, after = (person_id, None) if came_late else (None, person_id)
    ticket = work.session.get_one(Ticket, room.ticket_id)
    open_page(work, ticket, cause, first=first, after=after)


def settle_room(work: Work, room_id: int) -> list[Move]:
    """Look at who is in the room and draw the consequences; the calls that have to be moved."""
    room = lock_room(work.session, room_id)
    stays = stays_of_room(work.session, room_id)
    write_interventions(work.session, room, stays)
    thank_callers(work, room, stays)
    callers = [stay for stay in stays if stay.role == ParticipantRole.CALLER]
    technicians = [stay for stay in stays if stay.role == ParticipantRole.TECHNICIAN]
    if not any(stay.call.live for stay in technicians):
        _stop_ringing_customer(work.session, room)
    missed = _too_late(work, room, callers, technicians)
    if missed:
        return missed  # which wakes the next look
    if any(map(present, callers)) and technicians and not any(map(present, technicians)):
        return _technicians_gone(work, room, callers, technicians)
    if callers and not any(map(present, callers)) and not is_expected(work.session, room):
        return _callers_gone(work, room, technicians)
    return []


def _too_late(
    work: Work, room: Conference, callers: Sequence[Participant], technicians: Sequence[Participant]
) -> list[Move]:
    """Callers who were joined with a conversation that ended in that very moment wait, and its technician is rung.

    Whose arrival was not reported came soon after they were sent there.
    """
    if not technicians or any(present(stay) or can_talk(stay.call, room.id) for stay in technicians):
        return []
    over = max(stay.left_at or stay.sent_at for stay in technicians)
    late = [stay for stay in callers if present(stay) and stay.call.memo.joined_later == room.id]
    moves = []
    for stay in late:
        call = lock_call(work.session, stay.call_id) if (stay.joined_at or stay.sent_at + UNDONE) >= over else None
        move = prepare_move(work, call, "missed") if call is not None else None
        if call is not None and move is not None:
            call.waiting = True
            moves.append(move)
    if moves:
        work.session.flush()
        ticket = work.session.get_one(Ticket, room.ticket_id)
        open_page(work, ticket, PageCause.CALLED_AGAIN, first=ticket.assignee_id)
    return moves


def _technicians_gone(
    work: Work, room: Conference, callers: Sequence[Participant], technicians: Sequence[Participant]
) -> list[Move]:
    """A caller is alone. After a conversation they are asked what to do; before any, the page goes on."""
    arranged = arranged_at(technicians, room.id)
    if arranged is not None:  # a job goes on with those; who was sent here after that is alone
        callers = [stay for stay in callers if stay.sent_at > arranged]
    elif any(stay.call.live for stay in technicians):
        return []  # at the keys: the end of that call goes on from here
    if not any(map(present, callers)):
        return []
    last = max(technicians, key=lambda stay: (stay.left_at or stay.sent_at, stay.id))
    grace = timedelta(seconds=paging_times(work.session).drop_grace)
    talked, length = judge(technicians, callers, work.now, grace)
    if talked is Talked.UNKNOWN:
        jobs.check_room.wake_at(work.session, work.runtime.clock, (last.left_at or work.now) + grace, room_id=room.id)
        return []
    moves, unserved = [], False
    for stay in filter(present, callers):
        call = lock_call(work.session, stay.call_id)
        if call is None:
            continue
        step = _after_technicians(call, talked)
        move = prepare_move(work, call, step)
        if move is None:
            continue
        moves.append(move)
        call.waiting = True
        unserved = unserved or step == "dropped"
        if step == "hung_up" and last.person_id is not None:
            note_goodbye(work.session, call, last.person_id, length)
    if unserved:
        _page_on(work, room, last)
    elif moves and last.person_id is not None:
        close_conversation(work.session, room, work.session.get_one(Person, last.person_id), work.now)
    room.closed_at = work.now
    work.session.flush()
    return moves


def _after_technicians(call: PhoneCall, talked: Talked) -> str:
    """How a caller goes on whom all technicians have left. Whom we have called is asked in any case."""
    if talked is Talked.YES or call.purpose == Purpose.CALLBACK:
        return "hung_up"
    return "unreached" if call.memo.left_by is not None else "dropped"


def _page_on(work: Work, room: Conference, last: Participant) -> None:
    """There was no conversation: the page goes on at once, with the next person."""
    words = "The technician was gone before they talked with the caller, who waits again."
    record_event(work.session, room.ticket_id, work.now, EventKind.DROPPED, words, key=f"room:{room.id}:dropped")
    ticket = work.session.get_one(Ticket, room.ticket_id)
    open_page(work, ticket, PageCause.NOT_JOINED, after=last.person_id)


def _callers_gone(work: Work, room: Conference, technicians: Sequence[Participant]) -> list[Move]:
    """Technicians who are left alone are asked what to do next; a colleague who was being called isn't any more."""
    moves = []
    for stay in filter(present, technicians):
        call = lock_call(work.session, stay.call_id)
        move = prepare_move(work, call, "alone") if call is not None else None
        if move is not None:
            moves.append(move)
    if room.closed_at is None:
        room.closed_at = work.now
        work.session.flush()
        words = "The conversation is over: no colleague is needed any more."
        stop_page(work.session, room.ticket_id, PageCause.COLLEAGUE, words, work.now)
    return moves


def _stop_ringing_customer(session: Session, room: Conference) -> None:
    """Nobody is there any more to talk with a customer whose phone we still ring."""
    query = select(PhoneCall.id).where(
        PhoneCall.room_id == room.id,
        PhoneCall.purpose == Purpose.CALLBACK,
        PhoneCall.state.in_([CallState.QUEUED, CallState.SENDING, CallState.PLACED, CallState.RINGING]),
    )
    for call_id in session.scalars(query):
        jobs.cut_off.wake(session, call_id=call_id)

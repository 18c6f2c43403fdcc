"""The technician's line has ended and the caller is still there: what the caller hears decides, nobody else does.

A normal goodbye and a dropped line look the same. So the caller is asked at once; who presses 1, or stays, has the same
technician rung again, a few times in a call at most; then they say what comes next (product, hotline step 11). All of
it holds for every caller who was in the room: rings are shared, each caller answers for themselves.

How often somebody was rung is counted in rows of calls and not in a memo, so that two callers, two processes or a
repeated request count the same rings.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.call_memo import Arranged, CallMemo
from oncall.models.calls import (
    IN_ROOM,
    CallResult,
    CallState,
    Direction,
    PhoneCall,
    Purpose,
    call_person,
    is_talking,
    memo_has,
)
from oncall.models.conferences import Conference, Participant
from oncall.models.pages import Page, PageCause
from oncall.models.people import Person, is_active
from oncall.models.ranks import rank_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.paging.acknowledge import accepted_with_caller
from oncall.paging.engine import LISTENING, widen_search
from oncall.paging.ringing import ASKED_NEXT
from oncall.tickets.interventions import conversation

# Steps of a caller's conversation after the technician has hung up.
STEPS: Final = frozenset({"hung_up", "hung_up_key", "rejoining", "unreached", "next_key"})


class Talked(Enum):
    """Whether a room's technicians, who are gone, and its callers have talked. UNKNOWN: a report may still come."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def judge(
    technicians: Sequence[Participant], callers: Sequence[Participant], now: datetime, grace: timedelta
) -> tuple[Talked, timedelta]:
    """Whether they have talked, and how long at most. Pure. All technicians' stays have ended.

    Where the arrival of a caller who is there has not been reported, its report is waited for (`grace`); a network that
    reports nothing at all is judged by the documents that sent the two there.
    """
    own = [[stay for stay in technicians if stay.call_id == call_id] for call_id in {s.call_id for s in technicians}]
    talks = [talk for stays in own if (talk := conversation(stays, callers)) is not None and talk.end is not None]
    if talks:
        start, end = min(talk.start for talk in talks), max(talk.end for talk in talks if talk.end is not None)
        return Talked.YES, end - start
    ends = [stay.left_at for stay in technicians if stay.left_at is not None]
    unreported = [stay for stay in callers if stay.left_at is None and stay.joined_at is None]
    if not ends or not unreported:
        return Talked.NO, timedelta()
    if now < max(ends) + grace:
        return Talked.UNKNOWN, timedelta()
    if any(stay.joined_at is not None for stay in technicians):
        return Talked.NO, timedelta()  # reports do come, and this one did not
    start = max(min(stay.sent_at for stay in unreported), min(stay.sent_at for stay in technicians))
    together = max(ends) - start
    return (Talked.YES, together) if together > timedelta() else (Talked.NO, timedelta())


def note_goodbye(session: Session, call: PhoneCall, person_id: int, talked: timedelta) -> None:
    """Note on a locked caller's call whose line has ended, after they had talked for so long."""
    call.memo.left_by = person_id
    call.memo.rung = False
    call.waiting = call.live
    if call.memo.rings_from is None or talked > timedelta(seconds=paging_times(session).goodbye_talk):
        newest = select(func.max(PhoneCall.id)).where(*_rings_of(call.ticket_id))
        call.memo.rings_from = session.scalar(newest) or 0


def close_conversation(session: Session, room: Conference, person: Person, now: datetime) -> None:
    """The room's conversation is over as far as the technicians go; a colleague who is being called takes over."""
    room.closed_at = now
    words = f"The line of {person.name} has ended; the caller is still there, and is asked what to do."
    record_event(
        session, room.ticket_id, now, EventKind.LEFT, words, key=f"room:{room.id}:goodbye", person_id=person.id
    )
    widen_search(session, room.ticket_id, PageCause.HUNG_UP)


def technician_of(session: Session, call: PhoneCall) -> Person:
    """Whose line has ended in this caller's call."""
    return session.get_one(Person, call.memo.left_by)


def holder_of(session: Session, call: PhoneCall) -> Person | None:
    """Who is to call this caller back: who has the ticket, else who talked with them. None when they have left."""
    ticket = session.get_one(Ticket, call.ticket_id)
    people = (ticket.assignee, technician_of(session, call))
    return next((person for person in people if person is not None and not person.retired), None)


def arrange(call: PhoneCall, room_id: int, now: datetime) -> None:
    """A technician has arranged what comes for those who are in the room by now."""
    call.memo.arranged = Arranged(room_id, now)


def arranged_at(stays: Iterable[Participant], room_id: int) -> datetime | None:
    """When that was, of these technicians the last; None when nobody has. Who is sent there later is not covered."""
    notes = [stay.call.memo.arranged for stay in stays]
    return max((note.at for note in notes if note is not None and note.room == room_id), default=None)


def may_ring(session: Session, call: PhoneCall) -> bool:
    """Whether the technician may be rung once more in this caller's call. Nobody who has left is."""
    if not is_active(session, call.memo.left_by or 0):
        return False
    counted = PhoneCall.id > (call.memo.rings_from or 0)
    rung = session.scalar(select(func.count()).where(*_rings_of(call.ticket_id), counted)) or 0
    return rung < paging_times(session).goodbye_rings


def ring(session: Session, call: PhoneCall, now: datetime) -> None:
    """Ring the technician for this caller, unless that is done, or somebody else is on the way (`coming`).

    Whoever talks, or is rung, counts as busy.
    """
    if coming(session, call.ticket_id, now) is not None:
        return
    person, ticket = technician_of(session, call), session.get_one(Ticket, call.ticket_id)
    rank = rank_of(ticket.priority)
    free = not is_talking(session, person.id)
    call_id = call_person(session, person, Purpose.CONNECT, now, ticket.id, rank) if free else None
    if call_id is None:
        if ringing(session, call.ticket_id, now) is not None:  # another caller was faster
            return
        made = _busy(session, person, ticket, now)
    else:
        made = session.get_one(PhoneCall, call_id)
        made.memo.rejoins = True
        session.flush()
        jobs.place_call.with_urgency(Urgency.FIRST).wake(session, call_id=call_id)
    words = f"Calling {person.name} again: the caller is still on the line."
    record_event(session, ticket.id, now, EventKind.ATTEMPT, words, key=f"call:{made.id}:rejoin", person_id=person.id)
    if not made.live:
        tell_in_vain(session, made, now)


def _busy(session: Session, person: Person, ticket: Ticket, now: datetime) -> PhoneCall:
    """A call that was not made counts all the same; its row says why."""
    made = PhoneCall(
        direction=Direction.OUT,
        purpose=Purpose.CONNECT,
        number=person.phone,
        person_id=person.id,
        ticket_id=ticket.id,
        state=CallState.ENDED,
        step="answered",
        result=CallResult.BUSY,
        memo=CallMemo(rejoins=True),
        created_at=now,
        ended_at=now,
    )
    session.add(made)
    session.flush()
    return made


def ringing(session: Session, ticket_id: int | None, now: datetime) -> PhoneCall | None:
    """The call that rings the ticket's technician again, or asks for the key. One whose end was lost doesn't count."""
    return _first_lively(session, select(PhoneCall).where(*_rings_of(ticket_id)), now)


def coming(session: Session, ticket_id: int | None, now: datetime) -> PhoneCall | None:
    """That call, or the one in which somebody else is asked for the key who has accepted, and is not there yet."""
    found = ringing(session, ticket_id, now)
    if found is not None:
        return found
    page = session.scalar(select(Page).where(Page.ticket_id == ticket_id).order_by(Page.id.desc()).limit(1))
    if page is None or page.accepted_by_id is None:
        return None
    mine = PhoneCall.person_id == page.accepted_by_id
    if page not in accepted_with_caller(session, page.accepted_by_id):
        mine &= (PhoneCall.ticket_id == ticket_id) & (PhoneCall.purpose == Purpose.CONNECT)
    steps = (*IN_ROOM, *ASKED_NEXT, "goodbye")
    outward = (PhoneCall.direction == Direction.OUT) & PhoneCall.step.not_in(steps)
    return _first_lively(session, select(PhoneCall).where(mine, outward), now)


def _first_lively(session: Session, calls: Select[PhoneCall], now: datetime) -> PhoneCall | None:
    query = calls.where(PhoneCall.state != CallState.ENDED).execution_options(populate_existing=True)
    for found in session.scalars(query):
        if found.answered_at is None or now < found.answered_at + LISTENING:
            return found
    return None


def last_ring(session: Session, ticket_id: int | None) -> PhoneCall | None:
    """The newest of them, whatever came of it."""
    return session.scalar(select(PhoneCall).where(*_rings_of(ticket_id)).order_by(PhoneCall.id.desc()).limit(1))


def tell_in_vain(session: Session, call: PhoneCall, now: datetime) -> None:
    """A line about a technician who was rung again and did not come back."""
    if call.person_id is None or call.ticket_id is None:
        return
    person = session.get_one(Person, call.person_id)
    kind, words = _IN_VAIN.get(call.result or "", _IN_VAIN[CallResult.FAILED])
    key = f"call:{call.id}:in_vain"
    record_event(session, call.ticket_id, now, kind, words.format(name=person.name), key=key, person_id=person.id)


_IN_VAIN: Final[dict[str, tuple[EventKind, str]]] = {
    CallResult.BUSY: (EventKind.BUSY, "{name}'s line is busy, or the call was declined."),
    CallResult.NO_ANSWER: (EventKind.NO_ANSWER, "No answer from {name}."),
    CallResult.CANCELED: (EventKind.NO_ANSWER, "{name} is not called any longer."),
    CallResult.COMPLETED: (EventKind.NO_KEY, "{name}'s phone was answered, but nobody pressed the key."),
    CallResult.FAILED: (EventKind.FAILED, "{name}'s phone can't be reached."),
}


def callers_left(session: Session, ticket_id: int | None) -> Select[int]:
    """Ids of callers of a ticket who are still there after a technician has hung up."""
    return select(PhoneCall.id).where(
        PhoneCall.ticket_id == ticket_id,
        PhoneCall.waiting,
        PhoneCall.state != CallState.ENDED,
        memo_has("left_by"),
    )


def _rings_of(ticket_id: int | None) -> tuple:  # type: ignore[type-arg]
    return (PhoneCall.ticket_id == ticket_id, PhoneCall.purpose == Purpose.CONNECT, memo_has("rejoins"))

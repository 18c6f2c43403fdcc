"""Conferences and who is in them: opened, locked, entered and left."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from oncall.models import jobs
from oncall.models.calls import CallState, PhoneCall
from oncall.models.conferences import Conference, Participant, ParticipantRole

# The provider's stamps have whole seconds: something happened within the second that begins then.
_SECOND = timedelta(seconds=1)


def room_for(session: Session, ticket_id: int, now: datetime) -> Conference:
    """The room in which people are for this ticket, or a new one."""
    query = (
        select(Conference)
        .join(Participant)
        .join(PhoneCall, PhoneCall.id == Participant.call_id)
        .where(Conference.ticket_id == ticket_id, Conference.closed_at.is_(None), Participant.left_at.is_(None))
        .where(PhoneCall.state != CallState.ENDED)
        .order_by(Conference.id.desc())
        .limit(1)
    )
    room = session.scalar(query)
    if room is None:
        room = Conference(ticket_id=ticket_id, created_at=now)
        session.add(room)
        session.flush()
    return room


def room_with(session: Session, ticket_id: int, role: ParticipantRole) -> int | None:
    """Id of the newest room of this ticket with somebody of this role in it, or on the way into it."""
    query = (
        select(Conference.id)
        .join(Participant)
        .join(PhoneCall, PhoneCall.id == Participant.call_id)
        .where(Conference.ticket_id == ticket_id, Conference.closed_at.is_(None), PhoneCall.state != CallState.ENDED)
        .where(Participant.role == role, Participant.left_at.is_(None))
    )
    return session.scalar(query.order_by(Conference.id.desc()).limit(1))


def lock_room(session: Session, room_id: int) -> Conference:
    """The room with its row locked. Lock order everywhere: room, call, page, ticket."""
    query = select(Conference).where(Conference.id == room_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def stays_of_room(session: Session, room_id: int) -> list[Participant]:
    """All stays in the room with their calls, as they stand now, in the order in which they were sent there."""
    query = (
        select(Participant)
        .where(Participant.room_id == room_id)
        .options(joinedload(Participant.call))
        .order_by(Participant.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)).unique())


def event_time(stamp: datetime | None, shift: timedelta, now: datetime) -> datetime:
    """When something happened, in the gateway's time: by the provider's stamp (real UTC), not after its arrival `now`.

    The end of the stamp's second counts, for comings and goings alike: who leaves in the second in which the other
    comes has not left before.
    """
    return now if stamp is None else min(now, stamp + _SECOND + shift)


def stay_joined(session: Session, stay: Participant, at: datetime) -> None:
    """The provider says that the call is in the room."""
    stay.joined_at = stay.joined_at or max(at, stay.sent_at)
    jobs.check_room.wake(session, room_id=stay.room_id)


def stay_left(session: Session, stay: Participant, at: datetime) -> None:
    """The provider says that the call has left the room, or is over."""
    stay.left_at = max(min(stay.left_at or at, at), stay.sent_at)  # of several reports the earliest, in any order
    jobs.check_room.wake(session, room_id=stay.room_id)


def stays_of_call(session: Session, call_id: int) -> list[Participant]:
    """The call's stays that have not ended."""
    return list(
        session.scalars(select(Participant).where(Participant.call_id == call_id, Participant.left_at.is_(None)))
    )


def present(stay: Participant) -> bool:
    """Whether the call is in the room, as far as we were told."""
    return stay.left_at is None and stay.call.live

"""Interventions: who worked on a ticket, from when to when, by which channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.models.calls import Direction, PhoneCall, in_conversation
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.people import Person
from oncall.models.tickets import (
    EventKind,
    Intervention,
    InterventionChannel,
    InterventionKind,
    take_back,
    tell_now,
)


@dataclass(frozen=True)
class Conversation:
    """A conversation; `end` is None while it goes on."""

    start: datetime
    end: datetime | None


def conversation(
    technician: Sequence[Participant], callers: Sequence[Participant], *, coming_back: bool = False
) -> Conversation | None:
    """From when to when one technician and the callers talked, or None. Pure.

    `technician`: all stays of one technician's call; stepping aside to the keys and back is the same conversation,
    which is not over while that technician is `coming_back` to a caller who is still there. A stay without a usable
    report of its beginning counts from the document that sent it there, once its end is known: a provider may lose a
    callback, or deliver it late.
    """
    spans = [talk for one in technician for other in callers if (talk := _together(one, other)) is not None]
    if not spans:
        return None
    ends = [span.end for span in spans]
    goes_on = None in ends or (coming_back and any(caller.left_at is None for caller in callers))
    return Conversation(
        min(span.start for span in spans), None if goes_on else max(end for end in ends if end is not None)
    )


def _together(one: Participant, other: Participant) -> Conversation | None:
    begins = [_begin(one), _begin(other)]
    if None in begins:
        return None
    start = max(begin for begin in begins if begin is not None)
    end = min((stay.left_at for stay in (one, other) if stay.left_at is not None), default=None)
    return Conversation(start, end) if end is None or end > start else None


def _begin(stay: Participant) -> datetime | None:
    if stay.left_at is None:
        return stay.joined_at
    return stay.joined_at if stay.joined_at is not None and stay.joined_at < stay.left_at else stay.sent_at


def duration(seconds: float) -> str:
    """A length of time in words: "3 min 12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"


def write_interventions(session: Session, room: Conference, stays: Sequence[Participant]) -> None:
    """Bring the room's interventions into line with who was in it when: one a technician's call."""
    callers = [stay for stay in stays if stay.role == ParticipantRole.CALLER]
    technicians: dict[int, list[Participant]] = {}
    for stay in stays:
        if stay.role == ParticipantRole.TECHNICIAN and stay.person_id is not None:
            technicians.setdefault(stay.call_id, []).append(stay)
    for own in technicians.values():
        coming_back = _coming_back(own[0].call, room)
        talk = conversation(own, callers, coming_back=coming_back)
        if talk is not None:
            _write(
                session, room, own[0], talk, InterventionKind.CALL_BACK if _by_us(callers) else InterventionKind.CALL
            )
        else:
            _end_begun(session, room, own, callers, coming_back)


def _end_begun(
    session: Session, room: Conference, own: Sequence[Participant], callers: Sequence[Participant], coming_back: bool
) -> None:
    """Later reports may deny a conversation that was told of already: it is kept, and ends with what is left of it."""
    ends = [_last(callers), None if coming_back and _last(callers) is None else _last(own)]
    known = [end for end in ends if end is not None]
    if not known:
        return
    begun = session.scalar(select(Intervention).where(Intervention.key == _key(room, own[0])))
    if begun is not None and begun.corrected_at is None:
        begun.ended_at = max(begun.started_at, min([*known, begun.ended_at or known[0]]))
        tell_end(session, room.ticket_id, begun.person, begun.key, begun.started_at, begun.ended_at)


def _last(stays: Sequence[Participant]) -> datetime | None:
    """When the last of them left; None while somebody may be there, or nobody ever was."""
    ends = [stay.left_at for stay in stays if stay.left_at is not None]
    return max(ends) if ends and len(ends) == len(stays) else None


def _key(room: Conference, stay: Participant) -> str:
    return f"room:{room.id}:call:{stay.call_id}"


def _coming_back(call: PhoneCall, room: Conference) -> bool:
    return call.room_id == room.id and in_conversation(call)


def _by_us(callers: Sequence[Participant]) -> bool:
    return any(stay.call.direction == Direction.OUT for stay in callers)


def _write(session: Session, room: Conference, stay: Participant, talk: Conversation, kind: InterventionKind) -> None:
    key = _key(room, stay)
    values = {"started_at": talk.start, "ended_at": talk.end}
    row = insert(Intervention).values(
        key=key,
        ticket_id=room.ticket_id,
        person_id=stay.person_id,
        kind=kind,
        channel=InterventionChannel.PHONE,
        note="",
        **values,
    )
    changed = or_(
        Intervention.started_at.is_distinct_from(row.excluded.started_at),
        Intervention.ended_at.is_distinct_from(row.excluded.ended_at),
    )
    changed &= Intervention.corrected_at.is_(None)
    update = row.on_conflict_do_update(index_elements=["key"], set_=values, where=changed)
    if session.scalar(update.returning(Intervention.id)) is None:
        return  # as it was when somebody last looked, so it has been told too
    person = session.get_one(Person, stay.person_id)
    words = f"{person.name} and the caller are talking."
    tell_now(session, room.ticket_id, talk.start, EventKind.JOINED, words, key=f"{key}:begun", person_id=person.id)
    if talk.end is None:
        take_back(session, room.ticket_id, f"{key}:ended")  # they talk again
    else:
        tell_end(session, room.ticket_id, person, key, talk.start, talk.end)


def tell_end(session: Session, ticket_id: int, person: Person, key: str, start: datetime, end: datetime) -> None:
    """The line about the end of a conversation, corrected when later reports change it. `key`: the intervention's."""
    words = f"Intervention of {person.name} by phone ended after {duration((end - start).total_seconds())}."
    tell_now(session, ticket_id, end, EventKind.INTERVENTION, words, key=f"{key}:ended", person_id=person.id)


def has_work(session: Session, ticket_id: int, since: datetime) -> bool:
    """Whether an intervention or note was begun at or after `since`, or is under way."""
    query = select(Intervention.id).where(
        Intervention.ticket_id == ticket_id,
        (Intervention.started_at >= since) | Intervention.ended_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None

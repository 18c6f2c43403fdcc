"""Interventions: who worked on a ticket, from when to when, by which channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.people import Person
from oncall.rooms import Room, Stay
from oncall.tickets import Intervention, tell


@dataclass(frozen=True)
class Talk:
    """A conversation; `end` is None while it goes on."""

    start: datetime
    end: datetime | None


def conversation(technician: Stay, callers: Sequence[Stay]) -> Talk | None:
    """When a technician and a caller were in the room together, or None. Pure.

    A stay without a report of its beginning counts from the document that sent it there, once its end is reported:
    a provider may lose a callback.
    """
    begun = _begin(technician)
    together = [
        (max(begun, start), min(_ends(technician, caller), default=None))
        for caller in callers
        if begun is not None and (start := _begin(caller)) is not None
    ]
    spans = [(start, end) for start, end in together if end is None or end > start]
    if not spans:
        return None
    ends = [end for _, end in spans]
    return Talk(min(start for start, _ in spans), None if None in ends else max(end for end in ends if end))


def _begin(stay: Stay) -> datetime | None:
    return stay.joined_at or (stay.sent_at if stay.left_at is not None else None)


def _ends(*stays: Stay) -> list[datetime]:
    return [stay.left_at for stay in stays if stay.left_at is not None]


def duration(seconds: float) -> str:
    """A length of time in words: "3 min 12 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"


def write_interventions(session: Session, room: Room, stays: Sequence[Stay], now: datetime) -> None:
    """Bring the room's interventions into line with who was in it when: one a technician's stay."""
    callers = [stay for stay in stays if stay.role == "caller"]
    for stay in stays:
        if stay.role != "technician" or stay.person_id is None:
            continue
        talk = conversation(stay, callers)
        if talk is not None:
            _write(session, room, stay, talk, now, "call back" if _by_us(callers) else "call")


def _by_us(callers: Sequence[Stay]) -> bool:
    return any(stay.call.direction == "out" for stay in callers)


def _write(session: Session, room: Room, stay: Stay, talk: Talk, now: datetime, kind: str) -> None:
    values = {"started_at": talk.start, "ended_at": talk.end}
    row = insert(Intervention).values(
        key=f"stay:{stay.id}",
        ticket_id=room.ticket_id,
        person_id=stay.person_id,
        kind=kind,
        channel="phone",
        note="",
        **values,
    )
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_=values))
    person = session.get_one(Person, stay.person_id)
    words = f"{person.name} and the caller are talking."
    begun = f"stay:{stay.id}:begun"
    tell(session, room.ticket_id, talk.start, "joined", words, key=begun, person_id=person.id)
    if talk.end is not None:
        length = duration((talk.end - talk.start).total_seconds())
        words = f"Intervention of {person.name} by phone ended after {length}."
        key = f"stay:{stay.id}:ended"
        tell(session, room.ticket_id, talk.end, "intervention", words, key=key, person_id=person.id)


def write_note(
    session: Session, ticket_id: int, person: Person, channel: str, note: str, key: str, now: datetime
) -> bool:
    """Log work told in words; False when this very note was logged before."""
    row = insert(Intervention).values(
        key=key,
        ticket_id=ticket_id,
        person_id=person.id,
        kind="note",
        channel=channel,
        started_at=now,
        ended_at=now,
        note=note,
    )
    if session.execute(row.on_conflict_do_nothing().returning(Intervention.id)).scalar() is None:
        return False
    tell(session, ticket_id, now, "note", f"{person.name}: {note}", key=f"note:{key}", person_id=person.id)
    return True


def has_work(session: Session, ticket_id: int, since: datetime) -> bool:
    """Whether an intervention or note was begun at or after `since`, or is under way."""
    query = select(Intervention.id).where(
        Intervention.ticket_id == ticket_id,
        (Intervention.started_at >= since) | Intervention.ended_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None

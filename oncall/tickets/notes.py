"""Notes and recordings of a ticket."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.tickets import EventKind, Intervention, InterventionChannel, InterventionKind, record_event
from oncall.models.work.recordings import Recording, RecordingKind


def keep_recording(
    session: Session,
    ticket_id: int,
    kind: RecordingKind,
    sid: str,
    url: str,
    seconds: int | None,
    now: datetime,
    person_id: int | None = None,
) -> int:
    """Attach a recording to its ticket; told twice, it is kept once with the newest length. Its id."""
    row = insert(Recording).values(
        ticket_id=ticket_id, kind=kind, provider_sid=sid, url=url, seconds=seconds, person_id=person_id, at=now
    )
    length = func.coalesce(row.excluded.seconds, Recording.seconds)
    kept = row.on_conflict_do_update(index_elements=["provider_sid"], set_={"seconds": length})
    recording_id: int = session.execute(kept.returning(Recording.id)).scalar_one()
    record_event(
        session, ticket_id, now, EventKind.RECORDING, RECORDED[kind], key=f"recording:{sid}", person_id=person_id
    )
    return recording_id


# What may be recorded, and what the timeline says of it.
RECORDED = {
    RecordingKind.DESCRIPTION: "The caller described the problem (recorded).",
    RecordingKind.MESSAGE: "The caller left a message (recorded).",
    RecordingKind.NOTE: "A spoken note was recorded.",
}


def write_note(
    session: Session, ticket_id: int, person: Person, channel: InterventionChannel, note: str, key: str, now: datetime
) -> bool:
    """Log work told in words; False when this very note was logged before."""
    row = insert(Intervention).values(
        key=key,
        ticket_id=ticket_id,
        person_id=person.id,
        kind=InterventionKind.NOTE,
        channel=channel,
        started_at=now,
        ended_at=now,
        note=note,
    )
    if session.execute(row.on_conflict_do_nothing().returning(Intervention.id)).scalar() is None:
        return False
    record_event(
        session, ticket_id, now, EventKind.NOTE, f"{person.name}: {note}", key=f"note:{key}", person_id=person.id
    )
    return True

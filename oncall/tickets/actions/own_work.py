"""Notes, and interventions logged by hand: begun, ended, corrected by a manager with the old times on the ticket."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from oncall.models.tickets import (
    EventKind,
    Intervention,
    InterventionChannel,
    InterventionKind,
    TicketState,
    record_event,
)
from oncall.tickets.actions.acting import Acting, NotPossibleError
from oncall.tickets.interventions import duration
from oncall.tickets.notes import write_note
from schedules.wall_clock import written_time


def note(acting: Acting, words: str) -> None:
    """What they have to say of the ticket; it counts as work done."""
    person = acting.somebody()
    write_note(acting.session, acting.ticket.id, person, InterventionChannel.WEB, words, acting.cause, acting.work.now)


def begin_work(acting: Acting, channel: InterventionChannel) -> None:
    """They work on the ticket from now on, until they say that it is over."""
    person = acting.somebody()
    if acting.ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {acting.ticket.number} is closed: reopen it first.")
    if open_work(acting.session, acting.ticket.id, person.id) is not None:
        raise NotPossibleError("You are at work on this ticket already.")
    acting.session.add(
        Intervention(
            ticket_id=acting.ticket.id,
            person_id=person.id,
            kind=InterventionKind.WORK,
            channel=channel,
            started_at=acting.work.now,
            key=acting.cause,
        )
    )
    acting.record(EventKind.INTERVENTION, f"{person.name} began to work on it ({channel}).")


def end_work(acting: Acting, words: str) -> None:
    """What they have begun is over. `words`: what was done; they stand as a note as well."""
    person = acting.somebody()
    work = open_work(acting.session, acting.ticket.id, person.id)
    if work is None:
        raise NotPossibleError("You are not at work on this ticket: nothing to end.")
    work.ended_at, work.note = acting.work.now, words
    took = duration((work.ended_at - work.started_at).total_seconds())
    acting.record(EventKind.INTERVENTION, f"Work of {person.name} ({work.channel}) ended after {took}.")
    record_event(
        acting.session,
        acting.ticket.id,
        acting.work.now,
        EventKind.NOTE,
        f"{person.name}: {words}",
        key=f"{acting.cause}:done",
        person_id=person.id,
    )


def open_work(session: Session, ticket_id: int, person_id: int) -> Intervention | None:
    """What a person has begun by hand on a ticket and not ended."""
    return session.scalar(_open(ticket_id).where(Intervention.person_id == person_id))


def end_all_work(session: Session, ticket_id: int, now: datetime) -> None:
    """The ticket is closed: nobody is at work on it any more."""
    for work in session.scalars(_open(ticket_id)):
        work.ended_at = now


def correct(acting: Acting, intervention_id: int, start: datetime, end: datetime, why: str) -> None:
    """Other times of an intervention; what they were before stays on the timeline. `start`, `end`: UTC."""
    found = acting.session.get(Intervention, intervention_id)
    if found is None or found.ticket_id != acting.ticket.id or found.kind == InterventionKind.NOTE:
        raise NotPossibleError("There is no such intervention on this ticket.")
    if found.ended_at is None and found.kind != InterventionKind.WORK:
        raise NotPossibleError("This conversation goes on: correct it once it is over.")
    if end < start:
        raise NotPossibleError("It can't end before it begins.")
    if end > acting.work.now:
        raise NotPossibleError("It can't end in the future.")
    zone = acting.ticket.contract.region.time_zone
    old = _span(found.started_at, found.ended_at, zone)
    found.started_at, found.ended_at, found.corrected_at = start, end, acting.work.now
    words = f"{acting.name} corrected the work of {found.person.name}: {old} is now {_span(start, end, zone)}: {why}"
    acting.record(EventKind.CORRECTED, words)


def _span(start: datetime, end: datetime | None, zone: str) -> str:
    return f"{written_time(start, zone)} to {'now' if end is None else written_time(end, zone)}"


def _open(ticket_id: int) -> Select[Intervention]:
    return select(Intervention).where(
        Intervention.ticket_id == ticket_id,
        Intervention.kind == InterventionKind.WORK,
        Intervention.ended_at.is_(None),
    )

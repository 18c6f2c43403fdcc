"""Closing a ticket, with a spoken or a written note."""

from sqlalchemy import select

from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.pages import PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.tickets import (
    EventKind,
    InterventionChannel,
    RecordingKind,
    Ticket,
    TicketState,
    record_event,
)
from oncall.paging.acknowledge import accept
from oncall.runtime import Work
from oncall.tickets.notes import keep_recording, write_note


def close_with_recording(work: Work, ticket: Ticket, person: Person, recording: tuple[str, str, int | None]) -> None:
    """Close with a spoken note. `recording`: the provider's id, address, length in seconds."""
    sid, url, seconds = recording
    keep_recording(work.session, ticket.id, RecordingKind.NOTE, sid, url, seconds, work.now, person.id)
    write_note(
        work.session,
        ticket.id,
        person,
        InterventionChannel.PHONE,
        "Spoken note." if seconds is None else f"Spoken note ({seconds} s).",
        f"recording:{sid}",
        work.now,
    )
    close(work, ticket, person)


def close(work: Work, ticket: Ticket, person: Person) -> None:
    """Close the ticket; an open page ends with it, as accepted by whoever closes. A second time changes nothing.

    Somebody who still waits on the line for it is told that it is over.
    """
    page = page_of(work.session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        accept(work, page.id, person, Via.CLOSING)
    locked = work.session.scalars(
        select(Ticket)
        .where(Ticket.id == ticket.id)
        .with_for_update(of=Ticket, key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if locked.state == TicketState.CLOSED:
        return
    locked.state, locked.closed_at = TicketState.CLOSED, work.now
    locked.assignee_id = locked.assignee_id or person.id
    record_event(
        work.session,
        ticket.id,
        work.now,
        EventKind.CLOSED,
        f"{person.name} closed the ticket.",
        key="closed",
        person_id=person.id,
    )
    waiting = select(PhoneCall.id).where(PhoneCall.ticket_id == ticket.id, PhoneCall.waiting)
    for call_id in work.session.scalars(waiting):
        jobs.move_call.wake(work.session, call_id=call_id, step="finished")

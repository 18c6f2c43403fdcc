"""Closing a ticket, with a spoken or a written note, and opening it again."""

from sqlalchemy import select

from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.pages import PageCause, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.tickets import EventKind, InterventionChannel, Ticket, TicketState, record_event
from oncall.models.work.recordings import RecordingKind
from oncall.paging.acknowledge import accept
from oncall.paging.engine import open_page
from oncall.runtime import Work
from oncall.tickets.actions.acting import Acting, NotPossibleError
from oncall.tickets.actions.own_work import end_all_work
from oncall.tickets.actions.waiting import end_waiting
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
    end_waiting(work.session, locked, work.now)
    end_all_work(work.session, ticket.id, work.now)
    record_event(
        work.session,
        ticket.id,
        work.now,
        EventKind.CLOSED,
        f"{person.name} closed the ticket.",
        key=f"closed:{work.now.isoformat()}",
        person_id=person.id,
    )
    waiting = select(PhoneCall.id).where(PhoneCall.ticket_id == ticket.id, PhoneCall.waiting)
    for call_id in work.session.scalars(waiting):
        jobs.move_call.wake(work.session, call_id=call_id, step="finished")


def close_with_words(acting: Acting, words: str) -> None:
    """Close with what was done."""
    if acting.ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {acting.ticket.number} is closed already.")
    person = acting.somebody()
    write_note(acting.session, acting.ticket.id, person, InterventionChannel.WEB, words, acting.cause, acting.work.now)
    close(acting.work, acting.ticket, person)


def reopen(acting: Acting, why: str, *, paged: bool) -> None:
    """It was closed too soon. `paged`: who had it is called first, then whoever is on call (P1 and P2)."""
    ticket = acting.ticket
    if ticket.state != TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {ticket.number} is not closed.")
    if paged and not ticket.priority.is_paged:
        raise NotPossibleError(f"Nobody is called for {ticket.priority}: only for P1 and P2.")
    ticket.state = TicketState.TAKEN if ticket.assignee_id is not None else TicketState.OPEN
    ticket.closed_at = ticket.merged_into_id = None
    acting.session.flush()
    acting.record(EventKind.REOPENED, f"{acting.name} reopened the ticket: {why}")
    if paged:
        open_page(acting.work, ticket, PageCause.BY_HAND, first=ticket.assignee_id)

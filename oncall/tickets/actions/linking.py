"""Two tickets that belong together: a second problem is split off, a double is merged into the one that goes on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.calls import CallState, PhoneCall
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.tickets import EventKind, InterventionChannel, Ticket, TicketState, record_event
from oncall.paging.engine import first_page
from oncall.sla.promises import Priority
from oncall.tickets.actions.acting import Acting, NotPossibleError, lock_ticket
from oncall.tickets.closing import close
from oncall.tickets.notes import write_note
from oncall.tickets.opening import Report, put_ticket


def split(acting: Acting, priority: Priority, problem: str, *, paged: bool) -> Ticket:
    """A ticket of its own for a second problem of the same customer; its promise counts from now.

    `paged`: whoever is on call is called for it (P1 and P2); otherwise it belongs to whoever splits it off.
    """
    ticket, work, person = acting.ticket, acting.work, acting.somebody()
    if paged and not priority.is_paged:
        raise NotPossibleError(f"Nobody is called for {priority}: only for P1 and P2.")
    report = Report(
        f"split:{ticket.id}:{acting.key}",
        priority,
        ticket.channel,
        number=ticket.caller_number,
        name=ticket.caller_name,
        call_back=ticket.callback_number,
        taken_by=None if paged else person.id,
        split_from=ticket.id,
    )
    words = f"{acting.name} split this off from ticket {ticket.number}, {priority}."
    new = put_ticket(work.session, ticket.contract, report, words, work.now, person.id)
    write_note(work.session, new.id, person, InterventionChannel.WEB, problem, acting.cause, work.now)
    acting.record(EventKind.LINKED, f"{acting.name} split off ticket {new.number}, {priority}: {problem}")
    if paged:
        first_page(work, new, PageCause.BY_HAND)
    return new


def merge(acting: Acting, into: int) -> Ticket:
    """Close this ticket as a double of number `into`, which goes on in its place."""
    ticket, person = acting.ticket, acting.somebody()
    other = _goes_on(acting, into)
    if _is_on_the_line(acting.session, ticket.id):
        raise NotPossibleError(f"Somebody is on the line about ticket {ticket.number}: merge it when the call is over.")
    ticket.merged_into_id = other.id
    acting.record(EventKind.LINKED, f"{acting.name} merged this into ticket {other.number}, which goes on.")
    words = f"{acting.name} merged ticket {ticket.number} into this one."
    record_event(
        acting.session, other.id, acting.work.now, EventKind.LINKED, words, key=acting.cause, person_id=person.id
    )
    close(acting.work, ticket, person)
    return other


def _goes_on(acting: Acting, number: int) -> Ticket:
    """The locked ticket of the same customer that is worked on, so that the problem stays in somebody's hands."""
    ticket = acting.ticket
    found = acting.session.scalar(select(Ticket.id).where(Ticket.number == number))
    if found == ticket.id:
        raise NotPossibleError("A ticket can't be merged into itself: type the number of the one that goes on.")
    other = lock_ticket(acting.session, found) if found is not None else None
    if other is None or other.customer_id != ticket.customer_id:
        raise NotPossibleError(f"{ticket.customer.name} has no ticket {number}.")
    closed = next((each for each in (ticket, other) if each.state == TicketState.CLOSED), None)
    if closed is not None:
        raise NotPossibleError(f"Ticket {closed.number} is closed: reopen it first.")
    page = page_of(acting.session, other.id)
    if other.assignee_id is None and (page is None or page.state != PageState.PAGING):
        raise NotPossibleError(f"Nobody has ticket {other.number}, and nobody is called for it: take it first.")
    return other


def _is_on_the_line(session: Session, ticket_id: int) -> bool:
    query = select(PhoneCall.id).where(
        PhoneCall.ticket_id == ticket_id, PhoneCall.person_id.is_(None), PhoneCall.state != CallState.ENDED
    )
    return session.scalar(query.limit(1)) is not None

"""A ticket's priority changes: by what the customer reports, or by somebody of ours, with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.paging.engine import open_page
from oncall.sla.promises import Priority, response_due
from oncall.tickets.actions.acting import Acting, NotPossibleError
from oncall.tickets.actions.waiting import due_now
from schedules.staffed_hours import Plan


def raised_by_customer(session: Session, ticket: Ticket, priority: Priority, now: datetime) -> None:
    """The customer of a locked ticket reports that the problem has become worse."""
    words = f"The customer reports {priority.value} now, it was {ticket.priority}."
    _raise(ticket, priority, now)
    record_event(session, ticket.id, now, EventKind.CALLER, words, key=f"raised:{priority.value}")


def change_priority(acting: Acting, priority: Priority, why: str, *, paged: bool) -> None:
    """Another priority, and the promise that goes with it as long as nobody has taken the ticket.

    A worse one counts from now, unless the old promise ends before; a better one from the opening. `paged`: whoever is
    on call is called for it, where nobody is being called yet (P1 and P2 only).
    """
    ticket, was = acting.ticket, acting.ticket.priority
    if ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {ticket.number} is closed: reopen it first.")
    if priority == was:
        raise NotPossibleError(f"Ticket {ticket.number} is {was} already.")
    if paged and not priority.is_paged:
        raise NotPossibleError(f"Nobody is called for {priority}: only for P1 and P2.")
    if ticket.taken_at is None and priority < was:
        _raise(ticket, priority, acting.work.now)
    else:
        ticket.priority = priority
        if ticket.taken_at is None:
            ticket.due_at = due_now(acting.session, ticket, acting.work.now)
    acting.record(EventKind.PRIORITY, f"{acting.name} changed the priority from {was} to {priority}: {why}")
    page = page_of(acting.session, ticket.id)
    if paged and (page is None or page.state != PageState.PAGING):
        open_page(acting.work, ticket, PageCause.BY_HAND, first=ticket.assignee_id)


def _raise(ticket: Ticket, priority: Priority, now: datetime) -> None:
    """The shorter promise counts from now, unless the old one ends before."""
    plan, zone = Plan(ticket.contract.plan), ticket.contract.region.time_zone
    due = [at for at in (ticket.due_at, response_due(plan, priority, zone, now)) if at is not None]
    ticket.priority, ticket.due_at = priority, min(due, default=None)

"""A ticket waits for the customer or for a third party: its clocks stand still meanwhile (domain: waiting excluded)."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from oncall.models import jobs
from oncall.models.pages import PageState, page_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, TicketState, TicketWait, WaitsFor, record_event
from oncall.runtime import Work
from oncall.sla.promises import response_due
from oncall.tickets.actions.acting import Acting, NotPossibleError
from schedules.spans import Span
from schedules.staffed_hours import Plan

WAITS_WORDS: Final = {WaitsFor.CUSTOMER: "the customer", WaitsFor.THIRD_PARTY: "a third party"}


def wait(acting: Acting, waits_for: WaitsFor, why: str) -> None:
    """From now on the ticket waits. Not while somebody is still looked for: whoever is needed is needed now."""
    ticket = acting.ticket
    if ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {ticket.number} is closed: reopen it first.")
    if ticket.waits_for is not None:
        raise NotPossibleError(f"Ticket {ticket.number} waits for {WAITS_WORDS[ticket.waits_for]} already.")
    page = page_of(acting.session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        raise NotPossibleError("Somebody is still being called for this ticket: accept it first.")
    ticket.waits_for = waits_for
    acting.session.add(TicketWait(ticket_id=ticket.id, waits_for=waits_for, since=acting.work.now))
    words = f"{acting.name}: waiting for {WAITS_WORDS[waits_for]}: {why}"
    acting.record(EventKind.WAITING, words)


def resume(acting: Acting) -> None:
    """The ticket does not wait any more: its clocks run on."""
    if acting.ticket.waits_for is None:
        raise NotPossibleError(f"Ticket {acting.ticket.number} does not wait for anybody.")
    words = f"{acting.name}: no longer waiting for {WAITS_WORDS[acting.ticket.waits_for]}."
    _end(acting.work, acting.ticket)
    acting.record(EventKind.RESUMED, words)


def customer_spoke(work: Work, ticket: Ticket, key: str) -> None:
    """The customer has called about a locked ticket: what it waited for from them, if anything, has come."""
    if ticket.waits_for != WaitsFor.CUSTOMER:
        return
    _end(work, ticket)
    words = "The customer has called: no longer waiting for them."
    record_event(work.session, ticket.id, work.now, EventKind.RESUMED, words, key=key)


def end_waiting(session: Session, ticket: Ticket, now: datetime) -> None:
    """Nothing is waited for any more on a locked ticket, because it ends."""
    ticket.waits_for = None
    waiting = update(TicketWait).where(TicketWait.ticket_id == ticket.id, TicketWait.until.is_(None))
    session.execute(waiting.values(until=now))


def waited(session: Session, ticket_id: int, now: datetime) -> list[Span]:
    """The spans in which a ticket has waited, the last of them up to `now` if it still does."""
    query = select(TicketWait.since, TicketWait.until).where(TicketWait.ticket_id == ticket_id)
    ends = [(since, until or now) for since, until in session.execute(query.order_by(TicketWait.since))]
    return [Span(since, until) for since, until in ends if since < until]


def due_now(session: Session, ticket: Ticket, now: datetime) -> datetime | None:
    """The response's due time by the ticket's priority and what it has waited; None where best effort is owed."""
    contract = ticket.contract
    return response_due(
        Plan(contract.plan),
        ticket.priority,
        contract.region.time_zone,
        ticket.opened_at,
        waited(session, ticket.id, now),
    )


def _end(work: Work, ticket: Ticket) -> None:
    end_waiting(work.session, ticket, work.now)
    work.session.flush()
    if ticket.taken_at is None:
        ticket.due_at = due_now(work.session, ticket, work.now)
    page = page_of(work.session, ticket.id)
    if page is not None and page.state == PageState.ACCEPTED:
        due = work.now + timedelta(seconds=paging_times(work.session).promise)
        jobs.check_promise.wake_at(work.session, work.runtime.clock, due, page_id=page.id)

"""Who has a ticket: taking it without a page, handing it over, being rung for it, and a manager's end of a page."""

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.call_memo import CallMemo
from oncall.models.calls import Purpose, call_person, caller_is_waiting, is_talking
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.people import Person
from oncall.models.ranks import rank_of
from oncall.models.tickets import EventKind, TicketState
from oncall.paging.acknowledge import stop_page
from oncall.paging.engine import open_page
from oncall.tickets.actions.acting import Acting, NotPossibleError


def take(acting: Acting, why: str = "") -> None:
    """The ticket is theirs from now on, where nobody is being called for it. `why`: where a colleague has it."""
    ticket, person = acting.ticket, acting.somebody()
    if ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {ticket.number} is closed: reopen it first.")
    if is_paging(acting):
        raise NotPossibleError("Somebody is being called for this ticket: accept it instead.")
    if ticket.assignee_id == person.id:
        raise NotPossibleError(f"Ticket {ticket.number} is yours already.")
    words = (
        f"{person.name} took the ticket over from {ticket.assignee.name}: {why}"
        if ticket.assignee
        else (f"{person.name} took the ticket.")
    )
    ticket.assignee_id, ticket.state = person.id, TicketState.TAKEN
    ticket.taken_at = ticket.taken_at or acting.work.now
    acting.record(EventKind.TAKEN, words)


def hand_over(acting: Acting, to: Person, why: str) -> None:
    """`to` is called first, others follow if nobody answers; until somebody accepts, the ticket stays as it is."""
    ticket = acting.ticket
    if ticket.state == TicketState.CLOSED:
        raise NotPossibleError(f"Ticket {ticket.number} is closed: reopen it first.")
    if to.retired:
        raise NotPossibleError(f"{to.name} has left: choose somebody else.")
    if ticket.assignee_id == to.id:
        raise NotPossibleError(f"{to.name} has ticket {ticket.number} already.")
    if is_paging(acting):
        raise NotPossibleError("Somebody is being called for this ticket already: wait for who accepts.")
    acting.record(EventKind.HANDED_OVER, f"{acting.name} hands the ticket over to {to.name}: {why}")
    open_page(acting.work, ticket, PageCause.HANDOVER, first=to.id)


def ring_me(acting: Acting) -> None:
    """Ring their phone: key 1 joins the caller who holds, or rings the customer, who sees the hotline's number."""
    person = acting.somebody()
    if acting.ticket.assignee_id != person.id:
        raise NotPossibleError(f"Ticket {acting.ticket.number} is not yours: take it first.")
    if is_talking(acting.session, person.id):
        raise NotPossibleError("You are in a conversation at this moment.")
    rank = rank_of(acting.ticket.priority)
    memo = CallMemo(asked_for=True)
    call_id = call_person(acting.session, person, Purpose.CONNECT, acting.work.now, acting.ticket.id, rank, memo)
    if call_id is None:
        raise NotPossibleError("Your phone is being rung already: pick it up, or wait until that call is over.")
    jobs.place_call.with_urgency(Urgency.FIRST).wake(acting.session, call_id=call_id)
    acting.record(EventKind.ATTEMPT, f"{person.name} asks to be rung for this ticket.")


def stop_paging(acting: Acting, why: str) -> None:
    """A manager's word: nobody is called for this ticket any more. Not over the head of a caller who still holds."""
    page = page_of(acting.session, acting.ticket.id)
    if page is None or page.state != PageState.PAGING:
        raise NotPossibleError(f"Nobody is being called for ticket {acting.ticket.number}.")
    if caller_is_waiting(acting.session, acting.ticket.id):
        raise NotPossibleError("The caller is still on the line for it: accept it, or wait until they have hung up.")
    acting.record(EventKind.PAGE, f"{acting.name} ended the calls for this ticket: {why}")
    stop_page(acting.session, acting.ticket.id, page.cause, f"Stopped by {acting.name}: {why}", acting.work.now)


def is_paging(acting: Acting) -> bool:
    """Whether somebody is looked for."""
    page = page_of(acting.session, acting.ticket.id)
    return page is not None and page.state == PageState.PAGING

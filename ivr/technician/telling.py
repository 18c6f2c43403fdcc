"""Telling the pages that a call is about: the most urgent one, its keys, and what became of it."""

from sqlalchemy import select

from ivr.technician import prompts
from ivr.technician.details import read_details
from ivr.technician.questions import finish
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.calls.goodbye import callers_left
from oncall.models import jobs
from oncall.models.calls import Purpose, caller_is_waiting
from oncall.models.pages import Attempt, Page, PageCause, PageState, page_of
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import accepted_with_caller
from oncall.paging.call_queue import count_told, told_first
from oncall.sla.promises import spoken_remaining


def is_wanted(turn: Turn) -> bool:
    """Whether there is a page to tell in this call, or a caller who waits for its owner."""
    if count_told(turn.session, turn.call):
        return True
    return bool(accepted_with_caller(turn.session, turn.call.person_id))


def tell_next(turn: Turn, before: str = "", again: str = "") -> VoiceResponse:
    """Tell the most urgent page that this call is about; when there is none, what became of it, and goodbye."""
    first = told_first(turn.session, turn.call)
    if first is not None:
        return read_out(turn, first, before, again)
    mine = caller_for(turn)
    if mine is not None:
        return _offer(turn, mine, before, again)
    return finish(turn, before or _what_became(turn))


def caller_for(turn: Turn) -> Ticket | None:
    """The ticket whose caller waits to be joined with who listens.

    Who was rung to be joined is offered the caller also where somebody else has talked with them before.
    """
    pages = accepted_with_caller(turn.session, turn.call.person_id)
    if pages:
        return pages[0].ticket
    page = page_of(turn.session, turn.call.ticket_id or 0) if turn.call.purpose == Purpose.CONNECT else None
    if page is None or page.accepted_by_id != turn.call.person_id:
        return None
    left = turn.session.scalar(callers_left(turn.session, page.ticket_id).limit(1)) is not None
    return page.ticket if left else None


def read_out(turn: Turn, attempt: Attempt, before: str = "", again: str = "", details: bool = False) -> VoiceResponse:
    """The page and its keys. `again`: why it is heard once more; it can be typed over, which `before` can't."""
    if turn.call.told_attempt_id != attempt.id and caller_is_waiting(turn.session, attempt.page.ticket_id):
        jobs.ask_about_callers.wake(turn.session, ticket_id=attempt.page.ticket_id)
    turn.call.told_attempt_id = attempt.id
    ticket, count = attempt.page.ticket, count_told(turn.session, turn.call)
    keys = prompts.page_keys(count)
    if details:
        response = turn.ask("choose", "", before=before)
        read_details(turn, response, ticket, keys)
        return response
    words = prompts.page(
        ticket.priority,
        ticket.number,
        ticket.customer.name,
        _where_the_caller_is(turn, attempt),
        spoken_remaining(ticket.due_at, turn.now) if ticket.due_at else None,
    )
    return turn.ask("choose", prompts.joined(again, f"{_how_many(turn, count)}{words}", keys), before=before)


def _how_many(turn: Turn, count: int) -> str:
    """How many pages there are, once in a call."""
    if count < 2 or turn.call.memo.counted:
        return ""
    turn.call.memo.counted = True
    return f"{prompts.page_count(count)} "


def _where_the_caller_is(turn: Turn, attempt: Attempt) -> str:
    page = attempt.page
    if page.cause == PageCause.COLLEAGUE:
        return prompts.TALKS
    if not caller_is_waiting(turn.session, page.ticket_id):
        return prompts.HUNG_UP
    return prompts.HOLDS


def _offer(turn: Turn, ticket: Ticket, before: str = "", again: str = "") -> VoiceResponse:
    turn.call.about_ticket_id = ticket.id
    words = prompts.joined(again, prompts.connect(ticket.customer.name, ticket.number))
    return turn.ask("talk", words, before=before)


def _what_became(turn: Turn) -> str:
    """Of the page this call was about last, for who still listens, or picks up too late."""
    query = select(Attempt.page_id).where(Attempt.call_id == turn.call.id).order_by(Attempt.id.desc()).limit(1)
    page_id = turn.session.scalar(query)
    page = turn.session.get(Page, page_id) if page_id else page_of(turn.session, turn.call.ticket_id or 0)
    if page is None or page.state == PageState.STOPPED:
        return prompts.NOBODY_NEEDED
    if page.accepted_by is None:
        return prompts.GOES_ON
    if page.accepted_by_id == turn.call.person_id:
        return prompts.yours(page.ticket.number)
    return prompts.has_it(page.accepted_by.name)

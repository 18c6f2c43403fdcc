"""Whether somebody still has to be paged for a call that went on without the database.

Such a call rings the people on call by itself, to its end, also when the database is back meanwhile. Only when that has
led to no conversation is the ordinary page begun: at once when the search or the call is over, else when the call has
been silent for longer than a phone rings.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models import jobs
from oncall.models.call_memo import Away, AwayState
from oncall.models.calls import PhoneCall, lock_call
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import Intervention, Ticket, TicketState
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work, in_transaction
from oncall.sla.promises import Priority
from oncall.tickets.interventions import has_work, tell_end

# Longer than the longest pause between two facts: what is said before and after a phone rings, seconds.
_SILENCE = 90
# The other facts of the same call follow within that.
_REST_COMES = timedelta(seconds=3)


def settle(work: Work, call: PhoneCall) -> None:
    """Begin a page for a locked call that needs one, or look again when it may."""
    found = call.memo.away
    if found is None or call.ticket_id is None or found.state == AwayState.TALKED:
        return
    if found.state == AwayState.TALKING:
        _end_with_call(work.session, work.runtime, call, found)
        return
    if call.live and found.state == AwayState.RINGING and work.now < _patience(work.session, found):
        settle_later(work.session, work.runtime, call)
        return
    page = page_of(work.session, call.ticket_id)
    ticket = work.session.get_one(Ticket, call.ticket_id)
    if (
        ticket.state == TicketState.CLOSED
        or ticket.priority not in {Priority.P1, Priority.P2}
        or (page is not None and page.state == PageState.PAGING)
    ):
        return
    since = found.at
    if page is not None and page.cause == PageCause.AWAY and page.opened_at >= since:
        return  # it was begun here already, and somebody has stopped it
    if (page is not None and page.accepted_at is not None and page.accepted_at >= since) or has_work(
        work.session, ticket.id, since
    ):
        return  # the page that was open before has found somebody meanwhile
    after = call.memo.away_after
    open_page(work, ticket, PageCause.AWAY, first=None if after else ticket.assignee_id, after=after)


def _end_with_call(session: Session, runtime: Runtime, call: PhoneCall, found: Away) -> None:
    """A conversation whose own end nothing told has ended with the call; a moment is left for its fact to come."""
    if call.live or call.ended_at is None:
        return
    if not found.over:
        call.memo.away = replace(found, over=True)
        jobs.settle_away.wake_at(session, runtime.clock, runtime.clock.now() + _REST_COMES, call_id=call.id)
        return
    work = session.scalars(select(Intervention).where(Intervention.key == found.work)).one_or_none()
    if work is not None and work.ended_at is None:
        work.ended_at = max(work.started_at, call.ended_at)
        tell_end(session, work.ticket_id, work.person, work.key, work.started_at, work.ended_at)
    call.memo.away = Away(AwayState.TALKED, call.ended_at, found.work, found.person, guessed=True)


def settle_later(session: Session, runtime: Runtime, call: PhoneCall) -> None:
    """Look again when the call has been silent for too long; soon, if it was over before its facts came."""
    found = call.memo.away
    due = _patience(session, found) if call.live and found is not None else runtime.clock.now() + _REST_COMES
    jobs.settle_away.wake_at(session, runtime.clock, due, call_id=call.id)


def _patience(session: Session, found: Away) -> datetime:
    ring = timedelta(seconds=paging_times(session).no_answer + _SILENCE)
    return found.at + ring


@jobs.settle_away.runner
@in_transaction
def settle_away(work: Work, *, call_id: int) -> None:
    call = lock_call(work.session, call_id)
    if call is not None:
        settle(work, call)

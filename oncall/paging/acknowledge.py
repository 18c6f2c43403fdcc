"""Taking a page: first to accept wins, decided under the page's row lock. And the other ways out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.calls import PhoneCall, caller_is_waiting, memo_has
from oncall.models.conferences import Conference, Participant
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState, Via
from oncall.models.people import Person, is_active
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.paging.engine import lock_page
from oncall.paging.ringing import end_attempt
from oncall.runtime import Work

_WORDS = {
    Via.PHONE: "{name} accepted on the phone.",
    Via.TEXT: "{name} accepted by text.",
    Via.MENU: "{name} accepted in the technician menu.",
    Via.WEB: "{name} accepted on the web page.",
    Via.CLOSING: "{name} closes the ticket: nobody needs to be called any more.",
}


class Verdict(Enum):
    """What became of an attempt to accept."""

    WON = "won"
    ALREADY_YOURS = "already yours"
    LOST = "lost"
    OVER = "over"


@dataclass(frozen=True)
class Acceptance:
    """`holder` has the page now (None when it was stopped without anybody)."""

    verdict: Verdict
    holder: Person | None


def accept(work: Work, page_id: int, person: Person, via: Via) -> Acceptance:
    """Give the page to `person` unless somebody was first. `via`: phone, text, menu, closing or web.

    On a win everyone else's attempts end, the ticket is theirs, and they are held to it: without an intervention
    or a note within the configured time the ticket is paged again.
    """
    page = lock_page(work.session, page_id)
    if page is None or page.state == PageState.STOPPED:
        return Acceptance(Verdict.OVER, None)
    if page.state == PageState.ACCEPTED:
        holder = work.session.get_one(Person, page.accepted_by_id)
        mine = holder.id == person.id
        return Acceptance(Verdict.ALREADY_YOURS if mine else Verdict.LOST, holder)
    if not is_active(work.session, person.id):
        return Acceptance(Verdict.OVER, None)  # they have left since they were rung: the page goes on without them
    page.state, page.accepted_at, page.accepted_by_id, page.accepted_via = PageState.ACCEPTED, work.now, person.id, via
    _take_ticket(work.session, page, person, work.now)
    for attempt in _open_attempts(work.session, page):
        own = attempt.person_id == person.id
        end_attempt(work.session, attempt, AttemptOutcome.ACCEPTED if own else AttemptOutcome.CUT_OFF, work.now)
        if own and via != Via.PHONE and attempt.call_id is not None:
            # Their phone may still ring for it, or read it out.
            jobs.cut_off.wake(work.session, call_id=attempt.call_id)
    words = _WORDS.get(via, "{name} accepted.").format(name=person.name)
    record_event(
        work.session,
        page.ticket_id,
        work.now,
        EventKind.ACCEPTED,
        words,
        key=f"page:{page.id}:accepted",
        person_id=person.id,
    )
    promise = paging_times(work.session).promise
    jobs.check_promise.wake_at(work.session, work.runtime.clock, work.now + timedelta(seconds=promise), page_id=page.id)
    return Acceptance(Verdict.WON, person)


def _take_ticket(session: Session, page: Page, person: Person, now: datetime) -> None:
    ticket = session.scalars(
        select(Ticket).where(Ticket.id == page.ticket_id).with_for_update(of=Ticket, key_share=True)
    ).one()
    if page.cause != PageCause.COLLEAGUE:
        ticket.assignee_id = person.id
    if ticket.state == TicketState.OPEN:
        ticket.state = TicketState.TAKEN
    ticket.taken_at = ticket.taken_at or now


def _open_attempts(session: Session, page: Page) -> Sequence[Attempt]:
    query = (
        select(Attempt)
        .where(Attempt.page_id == page.id, Attempt.outcome.is_(None))
        .options(joinedload(Attempt.person), joinedload(Attempt.page))
    )
    return session.scalars(query).unique().all()


def give_up(session: Session, attempt_id: int, outcome: AttemptOutcome, now: datetime) -> bool:
    """Note that one person won't take the page ("passed", "no key") and let it go on; False when it was too late."""
    found = session.get(Attempt, attempt_id)
    if found is None:
        return False
    page = lock_page(session, found.page_id)
    session.refresh(found)
    if page is None or page.state != PageState.PAGING or found.outcome is not None:
        return False
    end_attempt(session, found, outcome, now)
    urgency = Urgency.FIRST if caller_is_waiting(session, page.ticket_id) else Urgency.URGENT
    jobs.advance_page.with_urgency(urgency).wake(session, page_id=page.id)
    return True


def stop_page(session: Session, ticket_id: int, cause: PageCause, words: str, now: datetime) -> None:
    """End the ticket's search of this cause, because what it was begun for is over. `words` go on the timeline."""
    query = select(Page.id).where(Page.ticket_id == ticket_id, Page.state == PageState.PAGING, Page.cause == cause)
    page_id = session.scalar(query)
    page = lock_page(session, page_id) if page_id is not None else None
    if page is None or page.state != PageState.PAGING or page.cause != cause:
        return
    page.state, page.stopped_why = PageState.STOPPED, words
    for attempt in _open_attempts(session, page):
        end_attempt(session, attempt, AttemptOutcome.CUT_OFF, now)
    record_event(session, ticket_id, now, EventKind.PAGE, words, key=f"page:{page.id}:stopped")


def accepted_with_caller(session: Session, person_id: int | None) -> Sequence[Page]:
    """Pages that this person has accepted and whose caller still waits to be joined, most urgent first.

    Not those whose caller was joined and is asked what comes next, as the technician has hung up
    (`oncall.calls.goodbye`); but who has accepted the search that went on after that is to be joined with them.
    """
    newest = select(func.max(Page.id)).where(Page.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
    came = (
        select(Participant.id)
        .join(Conference)
        .where(Conference.ticket_id == Ticket.id, Participant.person_id == person_id)
    )
    came = came.where(Participant.sent_at >= Page.accepted_at).correlate(Page, Ticket)
    takes_over = (Page.cause == PageCause.HUNG_UP) & (Ticket.state != TicketState.CLOSED) & ~came.exists()
    waiting = (
        select(PhoneCall.id)
        .where(PhoneCall.ticket_id == Ticket.id, PhoneCall.waiting)
        .where(~memo_has("left_by") | takes_over)
        .correlate(Page, Ticket)
    )
    query = (
        select(Page)
        .join(Ticket, Ticket.id == Page.ticket_id)
        .where(Page.accepted_by_id == person_id, Page.state == PageState.ACCEPTED, Page.id == newest, waiting.exists())
        .order_by(Ticket.priority, Page.id)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def waits_unjoined(session: Session, ticket_id: int) -> bool:
    """Whether a caller waits for this ticket whom no technician has left after a conversation."""
    query = select(PhoneCall.id).where(PhoneCall.ticket_id == ticket_id, PhoneCall.waiting, ~memo_has("left_by"))
    return session.scalar(query.limit(1)) is not None

"""Carrying a page on: from opening it to the next person, each step under the page's row lock.

A page is advanced by wake-ups that may come twice, late or together; each looks at the rows again and acts only on
what it finds. Calls and texts are only put down here; the jobs that send them run after the commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from core.jobs import Urgency
from oncall.delivery.text_codes import new_code
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, Purpose, caller_is_waiting, in_conversation
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState, covers_more
from oncall.models.people import is_active
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.paging.escalation import Step, behind, is_everybody_round, next_step
from oncall.paging.keys import pressed_wrong
from oncall.paging.ringing import end_attempt, ring_again, try_person
from oncall.rosters import on_call
from oncall.runtime import Runtime, Work
from oncall.sla.paging_times import PagingTimes

# A wake-up comes by the clock of the database's machine, which may be a little ahead of ours.
EARLY = timedelta(seconds=1)

# Longest time an answered call may be listened to before it counts as no answer (two readings and their pauses).
LISTENING = timedelta(seconds=100)

# Whether the caller of a page listens to the waiting music.
CALLER_WAITS = select(PhoneCall.id).where(PhoneCall.ticket_id == Page.ticket_id, PhoneCall.waiting).exists()

# Longest time that a page waits for its call to be placed at all.
LONGEST_QUEUE = timedelta(minutes=10)

# What the provider says of a call that ended without a key, in the words of an attempt's outcome.
_OUTCOMES: dict[str, AttemptOutcome] = {
    CallResult.BUSY: AttemptOutcome.BUSY,
    CallResult.NO_ANSWER: AttemptOutcome.NO_ANSWER,
    CallResult.CANCELED: AttemptOutcome.NO_ANSWER,
    CallResult.FAILED: AttemptOutcome.FAILED,
    CallResult.COMPLETED: AttemptOutcome.NO_KEY,
}


def open_page(work: Work, ticket: Ticket, cause: PageCause, first: int | None = None, after: int | None = None) -> Page:
    """Start looking for somebody for this ticket and take the first step in the same transaction.

    `first`: id of who is tried before the roster; `after`: of who was rung in vain, or has talked with the caller, just
    now, so that it is the next person's turn. A ticket has one open page at most: when one is open already, it is
    returned. One that covers less than `cause` (`covers_more`) looks for whoever that needs from now on.
    """
    return _joined_page(work.session, ticket, cause, first, after) or first_page(work, ticket, cause, first, after)


def first_page(
    work: Work, ticket: Ticket, cause: PageCause, first: int | None = None, after: int | None = None
) -> Page:
    """`open_page` for a ticket that has no open page and that nobody else can page now: one just made, or locked."""
    page = Page(
        ticket_id=ticket.id,
        cause=cause,
        code=new_code(work.session, work.runtime.settings.code_length, work.now),
        state=PageState.PAGING,
        round=1,
        first_person_id=first,
        after_person_id=after,
        opened_at=work.now,
        due_at=work.now - work.runtime.clock.shift(),
    )
    page.ticket = ticket
    work.session.add(page)
    work.session.flush()
    _step_on(work, page, paging_times(work.session), set())
    return page


def _joined_page(
    session: Session, ticket: Ticket, cause: PageCause, first: int | None, after: int | None
) -> Page | None:
    """The page that is open already; with None the ticket stays locked against another one."""
    page = _open_page_of(session, ticket)
    if page is not None and covers_more(cause, page.cause):
        _widen(session, page, cause, first, after)
    session.execute(select(Ticket.id).where(Ticket.id == ticket.id).with_for_update(key_share=True))
    return _open_page_of(session, ticket)


def widen_search(session: Session, ticket_id: int, cause: PageCause) -> None:
    """A search for a colleague that goes on looks for somebody who takes the ticket from now on."""
    query = select(Page).where(
        Page.ticket_id == ticket_id, Page.state == PageState.PAGING, Page.cause == PageCause.COLLEAGUE
    )
    page = session.scalar(query)
    if page is not None:
        _widen(session, page, cause, None, None)


def _open_page_of(session: Session, ticket: Ticket) -> Page | None:
    query = select(Page).where(Page.ticket_id == ticket.id, Page.state == PageState.PAGING)
    return session.scalar(query.execution_options(populate_existing=True))


def _widen(session: Session, page: Page, cause: PageCause, first: int | None, after: int | None) -> None:
    """The search becomes one for whoever `cause` needs; before its ticket is locked (lock order)."""
    locked = lock_page(session, page.id)
    if locked is not None and locked.state == PageState.PAGING and covers_more(cause, locked.cause):
        locked.cause, locked.first_person_id, locked.after_person_id = cause, first, after
        session.flush()


def advance(work: Work, page_id: int) -> None:
    """Take the page's next step if it is due: nobody is being tried any more, or their time is up."""
    page = lock_page(work.session, page_id)
    if page is None or page.state != PageState.PAGING:
        return
    times = paging_times(work.session)
    trying = _still_trying(work, page)
    if work.now - work.runtime.clock.shift() < page.due_at - EARLY and (
        trying or is_everybody_round(page.round, times)
    ):
        return
    later = _time_left(page, trying, times, work.now)
    if later is not None:
        _sleep_until(work.session, work.runtime, page, later)
        return
    for attempt in trying:
        wrong = pressed_wrong(attempt.call, attempt.id)
        end_attempt(work.session, attempt, AttemptOutcome.WRONG_KEYS if wrong else AttemptOutcome.NO_ANSWER, work.now)
    _step_on(work, page, times, _tried(work.session, page))


def lock_page(session: Session, page_id: int) -> Page | None:
    """The page with its row locked, as it stands now."""
    query = select(Page).where(Page.id == page_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def _still_trying(work: Work, page: Page) -> list[Attempt]:
    """Open attempts whose call may still decide; the others are closed with what came of their call."""
    query = (
        select(Attempt)
        .where(Attempt.page_id == page.id, Attempt.outcome.is_(None))
        .options(joinedload(Attempt.call), joinedload(Attempt.person))
        .execution_options(populate_existing=True)
    )
    trying = []
    for attempt in work.session.scalars(query).unique():
        call = attempt.call
        if call is not None and _lost_to_drill(work.runtime, page, call, work.now):
            decides = ring_again(work, attempt)
        else:
            decides = call is not None and call.live and not in_conversation(call)
        if decides:
            trying.append(attempt)
        else:
            end_attempt(work.session, attempt, _outcome(attempt, call), work.now)
    return trying


def _time_left(page: Page, trying: Sequence[Attempt], times: PagingTimes, now: datetime) -> datetime | None:
    """Until when somebody who is tried still has time to listen or to answer; None when nobody has.

    The time to answer counts from the placing of the call: how long it was queued before eats nothing of it. Failed
    requests do: from the first one on the page waits no longer than for a phone that rings. A call that follows a lost
    one has what was left. Rounds in which everybody is called keep to their beat.
    """
    ends = [now]
    for attempt in trying:
        call = attempt.call
        if call is None:
            continue
        if call.state == CallState.ANSWERED:
            ends.append(call.answered_at + LISTENING if call.answered_at else now)
        elif is_everybody_round(page.round, times):
            continue
        else:
            put_down = max(call.created_at, attempt.started_at)
            to_answer = timedelta(seconds=times.no_answer) - (put_down - attempt.started_at)
            if call.ringing_from is None:
                ends.append(now + to_answer if now < attempt.started_at + LONGEST_QUEUE else now)
            elif now + EARLY < max(call.ringing_from, put_down) + to_answer:
                ends.append(max(call.ringing_from, put_down) + to_answer)
    return max(ends) if max(ends) > now else None


def _lost_to_drill(runtime: Runtime, page: Page, call: PhoneCall, now: datetime) -> bool:
    """Whether the time of an attempt is not up and its call, a test call at first, is over: the phone is rung anew."""
    return call.purpose == Purpose.DRILL and not call.live and now - runtime.clock.shift() < page.due_at - EARLY


def _outcome(attempt: Attempt, call: PhoneCall | None) -> AttemptOutcome:
    """What came of a call in which nobody decided about the page. Who talks with a caller has no ear for another."""
    if call is not None and call.live:
        return AttemptOutcome.BUSY
    if pressed_wrong(call, attempt.id):
        return AttemptOutcome.WRONG_KEYS
    return _OUTCOMES.get((call.result if call is not None else None) or "", AttemptOutcome.FAILED)


def _tried(session: Session, page: Page) -> set[tuple[int, int]]:
    """Pairs of (round, person id)."""
    rows = session.execute(select(Attempt.round, Attempt.person_id).where(Attempt.page_id == page.id))
    return {(round_, person) for round_, person in rows}


def _step_on(work: Work, page: Page, times: PagingTimes, tried: set[tuple[int, int]]) -> None:
    """Try the next people; whoever can't be rung at all (in a conversation) is passed over at once."""
    links = on_call.chain(work.session, page.ticket.contract.region_name, work.now)
    order = _order(page, [link.person.id for link in links])
    sources = {link.person.id: link.source for link in links}
    first = page.first_person_id
    if first is not None and not _may_be_first(work.session, page, first, work.now):
        first = None
    while True:
        step = next_step(order, tried, page.round, times, first)
        page.round = step.round
        # By id: two pages that call everybody at once must not wait for each other.
        ringing = [try_person(work, page, person, step.round, sources) for person in sorted(step.people)]
        tried.update((step.round, person) for person in step.people)
        if any(ringing) or is_everybody_round(step.round, times):
            break
    if not step.people:
        _tell_nobody(work.session, page, step, work.now)
    _sleep_until(work.session, work.runtime, page, work.now + timedelta(seconds=step.wait))


def _may_be_first(session: Session, page: Page, person_id: int, now: datetime) -> bool:
    """Who has the ticket is rung whatever the roster says, unless they have left.

    Who only promised may have time off by now.
    """
    if page.cause == PageCause.PROMISE and person_id in on_call.away(session, now):
        return False
    return is_active(session, person_id)


def _order(page: Page, people: list[int]) -> list[int]:
    """Ring order; who asks for a colleague, or hands over, is not rung, unless there is nobody else."""
    if page.cause in {PageCause.COLLEAGUE, PageCause.HANDOVER}:
        people = [person for person in people if person != page.ticket.assignee_id] or people
    return behind(people, page.after_person_id)


def _tell_nobody(session: Session, page: Page, step: Step, now: datetime) -> None:
    words = f"Nobody is on call: no technician, team leader or manager to ring. Trying again in {step.wait} seconds."
    record_event(session, page.ticket_id, now, EventKind.WARNING, words, key=f"page:{page.id}:nobody:{step.round}")
    page.round = step.round + 1


def _sleep_until(session: Session, runtime: Runtime, page: Page, due: datetime) -> None:
    page.due_at = due - runtime.clock.shift()
    session.flush()
    urgency = Urgency.FIRST if caller_is_waiting(session, page.ticket_id) else Urgency.NORMAL
    jobs.advance_page.with_urgency(urgency).wake_at(session, runtime.clock, due, page_id=page.id)


def call_ended(session: Session, call: PhoneCall) -> None:
    """A call is over: the pages that were told in it go on at once."""
    told = select(Attempt.page_id).where(Attempt.call_id == call.id, Attempt.outcome.is_(None))
    go_on(session, told)


def go_on(session: Session, pages: Select[int] | Sequence[int]) -> None:
    """Wake these pages (ids), the most urgent first.

    There may be thousands, so what concerns somebody on the line goes before them.
    """
    query = select(Page.id, CALLER_WAITS).join(Ticket).where(Page.id.in_(pages)).order_by(Ticket.priority, Page.id)
    for page_id, waits in session.execute(query):
        jobs.advance_page.with_urgency(Urgency.FIRST if waits else Urgency.NEXT).wake(session, page_id=page_id)


def open_attempts_of(session: Session, call_id: int) -> Sequence[Attempt]:
    """What is still to be told or decided in a technician's call, oldest first."""
    query = (
        select(Attempt)
        .join(Page)
        .where(Attempt.call_id == call_id, Attempt.outcome.is_(None))
        .options(joinedload(Attempt.page).joinedload(Page.ticket))
        .order_by(Attempt.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).unique().all()

"""Taking a page, and passing it on, other than in the call that tells of it: the rules that texts and the web share."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs import Urgency
from oncall.models import jobs
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, call_person, caller_is_waiting, is_talking
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.ranks import rank_of
from oncall.models.tickets import Ticket, TicketState
from oncall.paging.acknowledge import Verdict, accept, give_up
from oncall.paging.engine import lock_page
from oncall.paging.ringing import take_over
from oncall.runtime import Work


class Answer(Enum):
    """What became of the wish to take a page.

    TALKING: its caller waits, and whoever asks is in a conversation. HELPING: a colleague in a conversation asks for
    help, and only a call brings somebody in there; accepting elsewhere would silence the phone and join nobody.
    """

    TAKEN = "taken"
    ALREADY_YOURS = "already yours"
    LOST = "lost"
    OVER = "over"
    TALKING = "talking"
    HELPING = "helping"


@dataclass(frozen=True)
class Taking:
    """`holder`: who has it, by name, where somebody was first. `rings`: the caller holds, so the taker is rung."""

    answer: Answer
    holder: str | None = None
    rings: bool = False


@dataclass(frozen=True)
class Standing:
    """What somebody can do about a ticket at this moment. `theirs`: they have it, and nobody else is looked for.

    `helping`: a colleague in a conversation asks for help. `talking`: they are in a conversation themselves.
    """

    may_accept: bool = False
    may_pass: bool = False
    theirs: bool = False
    helping: bool = False
    talking: bool = False


def take(work: Work, page: Page, person: Person, via: Via) -> Taking:
    """Give the page to `person` unless somebody was first, and ring them if its caller holds.

    `via`: text or web. Once more for who has it already changes nothing; a phone that no longer rings is rung again.
    """
    waits = caller_is_waiting(work.session, page.ticket_id)
    if waits:
        _hold_calls(work.session, person)
    locked = lock_page(work.session, page.id)
    if locked is not None and asks_for_help(locked):
        return Taking(Answer.HELPING)
    if waits and locked is not None and locked.state == PageState.PAGING and is_talking(work.session, person.id):
        return Taking(Answer.TALKING)
    result = accept(work, page.id, person, via)
    if result.verdict is Verdict.LOST and result.holder:
        return Taking(Answer.LOST, result.holder.name)
    if result.verdict not in {Verdict.WON, Verdict.ALREADY_YOURS}:
        return Taking(Answer.OVER)
    if waits:
        _connect(work.session, page, person, work.now)
    return Taking(Answer.TAKEN if result.verdict is Verdict.WON else Answer.ALREADY_YOURS, person.name, waits)


def pass_on(session: Session, page: Page, person: Person, now: datetime) -> bool:
    """Let the next person be tried; False when the page is not with this one (any more)."""
    attempt = _own_attempt(session, page, person.id)
    if attempt is None or not give_up(session, attempt.id, AttemptOutcome.PASSED, now):
        return False
    if attempt.call_id is not None:
        jobs.cut_off.wake(session, call_id=attempt.call_id)
    return True


def standing(session: Session, ticket: Ticket, person_id: int) -> Standing:
    """For showing: by the time it is acted on, somebody else may have been first."""
    page = page_of(session, ticket.id)
    if page is None or ticket.state == TicketState.CLOSED:
        return Standing()
    searching, helping = page.state == PageState.PAGING, asks_for_help(page)
    talking = is_talking(session, person_id)
    busy = talking and caller_is_waiting(session, ticket.id)
    return Standing(
        may_accept=searching and not helping and not busy,
        may_pass=searching and _own_attempt(session, page, person_id) is not None,
        theirs=ticket.assignee_id == person_id and (helping or not searching),
        helping=helping,
        talking=talking,
    )


def asks_for_help(page: Page) -> bool:
    """Whether it looks for somebody who comes into a conversation that goes on."""
    return page.state == PageState.PAGING and page.cause == PageCause.COLLEAGUE


def _own_attempt(session: Session, page: Page, person_id: int) -> Attempt | None:
    query = select(Attempt).where(Attempt.page_id == page.id, Attempt.person_id == person_id, Attempt.outcome.is_(None))
    return session.scalar(query.order_by(Attempt.id.desc()).limit(1))


def _hold_calls(session: Session, person: Person) -> None:
    """Lock our live calls to them, which go before the page: ringing them waits for whoever changes one of these."""
    live = select(PhoneCall.id).where(
        PhoneCall.person_id == person.id, PhoneCall.direction == Direction.OUT, PhoneCall.state != CallState.ENDED
    )
    session.execute(live.order_by(PhoneCall.id).with_for_update(key_share=True))


def _connect(session: Session, page: Page, person: Person, now: datetime) -> None:
    """Ring the technician to join the caller, unless their phone is being rung or answered right now."""
    call_id = call_person(session, person, Purpose.CONNECT, now, page.ticket_id, rank_of(page.ticket.priority))
    if call_id is not None:
        jobs.place_call.with_urgency(Urgency.FIRST).wake(session, call_id=call_id)
        return
    drilled = select(PhoneCall.id).where(
        PhoneCall.person_id == person.id, PhoneCall.purpose == Purpose.DRILL, PhoneCall.state != CallState.ENDED
    )
    for call_id in session.scalars(drilled):
        take_over(session, call_id)

"""Taking a page: first to accept wins, decided under the page's row lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.wakeups import wake_at
from oncall.paging.engine import lock_page
from oncall.paging.models import Attempt, Page
from oncall.paging.ringing import end_attempt
from oncall.people import Person
from oncall.runtime import Runtime
from oncall.setting import paging_times
from oncall.tickets import Ticket, tell


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


def accept(session: Session, runtime: Runtime, page_id: int, person: Person, via: str, now: datetime) -> Acceptance:
    """Give the page to `person` unless somebody was first. `via`: phone, text, menu or web.

    On a win everyone else's attempts end, the ticket is theirs, and they are held to it: without an intervention
    or a note within the configured time the ticket is paged again.
    """
    page = lock_page(session, page_id)
    if page is None or page.state == "stopped":
        return Acceptance(Verdict.OVER, None)
    if page.state == "accepted":
        holder = session.get_one(Person, page.accepted_by_id)
        mine = holder.id == person.id
        return Acceptance(Verdict.ALREADY_YOURS if mine else Verdict.LOST, holder)
    page.state, page.accepted_at, page.accepted_by_id, page.accepted_via = "accepted", now, person.id, via
    _take_ticket(session, page, person, now)
    _end_attempts(session, page, person, now)
    words = f"{person.name} accepted by {via}."
    tell(session, page.ticket_id, now, "accepted", words, key=f"page:{page.id}:accepted", person_id=person.id)
    promise = paging_times(session).promise
    wake_at(session, runtime.clock, now + timedelta(seconds=promise), "check_promise", page_id=page.id)
    return Acceptance(Verdict.WON, person)


def _take_ticket(session: Session, page: Page, person: Person, now: datetime) -> None:
    ticket = session.scalars(
        select(Ticket).where(Ticket.id == page.ticket_id).with_for_update(of=Ticket, key_share=True)
    ).one()
    if page.cause != "colleague":
        ticket.assignee_id = person.id
    if ticket.state == "open":
        ticket.state = "taken"
    ticket.taken_at = ticket.taken_at or now


def _end_attempts(session: Session, page: Page, winner: Person, now: datetime) -> None:
    query = (
        select(Attempt)
        .where(Attempt.page_id == page.id, Attempt.outcome.is_(None))
        .options(joinedload(Attempt.person), joinedload(Attempt.page))
    )
    for attempt in session.scalars(query).unique():
        end_attempt(session, attempt, "accepted" if attempt.person_id == winner.id else "cut off", now)


def pass_on(session: Session, attempt_id: int, now: datetime) -> int | None:
    """Note that a person declines; the page's id, for the wake-up that goes on, or None when it was too late."""
    found = session.get(Attempt, attempt_id)
    if found is None:
        return None
    page = lock_page(session, found.page_id)
    session.refresh(found)
    if page is None or page.state != "paging" or found.outcome is not None:
        return None
    end_attempt(session, found, "passed", now)
    return page.id

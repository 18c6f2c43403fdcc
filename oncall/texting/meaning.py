"""What a code means for the person who sends it.

A code dies with its page. While a page is open, whoever has the code may take it: the code is the proof, and a
colleague may have passed it on. Once somebody has it, the code serves only those who were paged for it, or have its
ticket, until the ticket is closed or they get a newer code for it. For everybody else it is a wrong one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from oncall.delivery.text_codes import pages_with
from oncall.drills.checking import drills_with
from oncall.models.pages import Attempt, Page, PageState
from oncall.models.people import Person
from oncall.models.tickets import TicketState
from oncall.planning.handoffs import notices_with


class Standing(Enum):
    """What a code is to its sender.

    OWN: of a page that they were paged for, or whose ticket they have. OPEN: of somebody else's page that nobody has
    taken. OLD: one that was their own. NOTICE: of a handoff or a test that they are to confirm. WRONG: anything else.
    """

    OWN = "own"
    OPEN = "open"
    OLD = "old"
    NOTICE = "notice"
    WRONG = "wrong"


@dataclass(frozen=True)
class Meaning:
    """`page` is there for OWN, OPEN and OLD."""

    standing: Standing
    page: Page | None = None


_NOTHING: Final = Meaning(Standing.WRONG)


def meaning_of(session: Session, person: Person, code: str, now: datetime) -> Meaning:
    """What this code is to this person. Of a page rather than of a notice, should two have the same digits."""
    if not code.isascii() or not code.isdigit():
        return _NOTHING
    found = next((_of_page(session, person, page) for page in pages_with(session, code)), _NOTHING)
    if found.standing not in {Standing.WRONG, Standing.OLD}:
        return found
    if notices_with(session, person, code, now) or drills_with(session, person, code, now):
        return Meaning(Standing.NOTICE)
    return found


def _of_page(session: Session, person: Person, page: Page) -> Meaning:
    was_paged = session.scalar(select(exists().where(Attempt.page_id == page.id, Attempt.person_id == person.id)))
    has_ticket = person.id in {page.ticket.assignee_id, page.accepted_by_id}
    if not was_paged and not has_ticket:
        return Meaning(Standing.OPEN, page) if page.state == PageState.PAGING else _NOTHING
    over = page.ticket.state == TicketState.CLOSED or _is_replaced(session, page, person, has_ticket)
    return Meaning(Standing.OLD if over else Standing.OWN, page)


def _is_replaced(session: Session, page: Page, person: Person, has_ticket: bool) -> bool:
    """Whether the ticket has a newer page that this person was told of; for who hasn't the ticket, any newer one."""
    newer = select(Page.id).where(Page.ticket_id == page.ticket_id, Page.id > page.id)
    if has_ticket:
        newer = newer.join(Attempt, Attempt.page_id == Page.id).where(Attempt.person_id == person.id)
    return session.scalar(newer.limit(1)) is not None

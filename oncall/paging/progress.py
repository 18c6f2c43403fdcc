"""How the search for a technician stands, as far as a caller should know."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.models.pages import Attempt, Page, page_of
from oncall.models.people import Person
from oncall.models.stored_settings import paging_times
from oncall.paging.escalation import is_everybody_round


@dataclass(frozen=True)
class Search:
    """How the search for a technician stands, as far as a caller should know.

    `tried`: how many people so far. `everybody`: all are being called together. `first`: first name of who has the
    ticket and is being tried before the roster. `goes_on`: it began with the next person, after somebody who was rung
    in vain or has hung up. `taken_by`: first name of who has accepted.
    """

    tried: int = 0
    round: int = 1
    everybody: bool = False
    first: str | None = None
    taken_by: str | None = None
    goes_on: bool = False


def search_for(session: Session, ticket_id: int) -> Search:
    """How the search of the ticket's newest page stands."""
    page = page_of(session, ticket_id)
    if page is None:
        return Search()
    people = func.count(func.distinct(Attempt.person_id))
    tried = session.scalar(select(people).where(Attempt.page_id == page.id)) or 0
    everybody = is_everybody_round(page.round, paging_times(session))
    return Search(
        tried,
        page.round,
        everybody,
        _first_name(session, page.first_person_id),
        _first_name(session, page.accepted_by_id),
        page.after_person_id is not None,
    )


def somebody_is_tried(session: Session, ticket_id: int) -> bool:
    """Whether anybody has been called for this ticket."""
    query = select(Attempt.id).join(Page, Page.id == Attempt.page_id).where(Page.ticket_id == ticket_id)
    return session.scalar(query.limit(1)) is not None


def _first_name(session: Session, person_id: int | None) -> str | None:
    person = session.get(Person, person_id) if person_id else None
    return person.first_name if person else None

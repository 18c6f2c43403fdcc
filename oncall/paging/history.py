"""Who moved a ticket's pages, when and why, as the database itself has kept it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.pages import Page, PageMove, PageState
from oncall.models.people import Person
from oncall.models.tickets import Ticket

# Rounds that nobody takes go on for days; the latest tell what matters.
MOST = 200


@dataclass(frozen=True)
class MoveView:
    """One move. `page` counts the ticket's pages from 1; `at` is UTC of the gateway's clock; `person`: who took it."""

    page: int
    at: datetime
    from_state: PageState | None
    to_state: PageState
    round: int
    person: str | None
    why: str


def read_moves(session: Session, number: int, shift: timedelta) -> list[MoveView]:
    """The moves of all pages of this ticket, oldest first; of very many the latest. Two queries.

    They are kept in real time: `shift` is what the gateway's clock is ahead of that.
    """
    of_ticket = select(Page.id).join(Ticket, Ticket.id == Page.ticket_id).where(Ticket.number == number)
    places = {page_id: place for place, page_id in enumerate(session.scalars(of_ticket.order_by(Page.id)), start=1)}
    query = (
        select(PageMove, Person.name)
        .outerjoin(Person, Person.id == PageMove.person_id)
        .where(PageMove.page_id.in_(places))
        .order_by(PageMove.id.desc())
        .limit(MOST)
    )
    return [
        MoveView(places[row.page_id], row.at + shift, row.from_state, row.to_state, row.round, name, row.why)
        for row, name in reversed(session.execute(query).all())
    ]

"""A ticket and everything that happened on it, read for showing: plain frozen data, a fixed small number of queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from core.text.phones import mask
from oncall.models.calls import PhoneCall, caller_is_waiting
from oncall.models.customers import Contract, Customer
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person, Role
from oncall.models.refusals import Reason, Refusal
from oncall.models.tickets import Intervention, Ticket, TicketEvent
from oncall.models.work.recordings import Recording
from oncall.tickets.views import (
    AttemptView,
    LineView,
    LinkView,
    PageView,
    RecordingView,
    RefusalView,
    TicketLine,
    TicketView,
    WorkView,
)
from oncall.wording import ordinal

# A page that nobody takes for days tries everybody every few minutes; only the latest tries are worth showing.
MOST_ATTEMPTS = 60
MOST_LINES = 500
_MOST_LINKS = 20


def read_ticket(session: Session, number: int | None, now: datetime) -> TicketView | None:
    """The ticket of this number, or the newest one for None; None when there is none. Eight queries."""
    query = select(Ticket).options(joinedload(Ticket.contract).joinedload(Contract.region))
    chosen = query.order_by(Ticket.id.desc()) if number is None else query.where(Ticket.number == number)
    ticket = session.scalar(chosen.limit(1).execution_options(populate_existing=True))
    if ticket is None:
        return None
    return TicketView(
        number=ticket.number,
        customer=ticket.customer.name,
        priority=ticket.priority,
        state=ticket.state,
        zone=ticket.contract.region.time_zone,
        opened_at=ticket.opened_at,
        due_at=ticket.due_at,
        taken_at=ticket.taken_at,
        closed_at=ticket.closed_at,
        holder=ticket.assignee.name if ticket.assignee else None,
        waits_for=ticket.waits_for,
        links=_links(session, ticket),
        caller_waits=caller_is_waiting(session, ticket.id),
        page=_page(session, ticket.id),
        lines=_lines(session, ticket.id),
        work=_work(session, ticket.id, now),
        recordings=_recordings(session, ticket.id),
    )


def latest_tickets(session: Session, most: int = 20) -> list[TicketLine]:
    """The newest tickets, newest first."""
    query = (
        select(Ticket.number, Customer.name, Ticket.priority, Ticket.state)
        .join(Customer, Ticket.customer_id == Customer.id)
        .order_by(Ticket.id.desc())
        .limit(most)
    )
    return [TicketLine(*row) for row in session.execute(query)]


def latest_refusals(session: Session, most: int = 5) -> list[RefusalView]:
    """The callers turned away last, newest first."""
    query = (
        select(Refusal.id, Refusal.at, Refusal.reason, Customer.name, PhoneCall.number)
        .join(PhoneCall, Refusal.call_id == PhoneCall.id)
        .outerjoin(Customer, Refusal.customer_id == Customer.id)
        .order_by(Refusal.id.desc())
        .limit(most)
    )
    return [
        RefusalView(id_, at, _reason(reason), name or _unknown(number))
        for id_, at, reason, name, number in session.execute(query)
    ]


def _reason(stored: str) -> str:
    return Reason(stored).label if stored in set(Reason) else stored.replace("_", " ").capitalize()


def _unknown(number: str | None) -> str:
    return mask(number) if number else "number withheld"


def _links(session: Session, ticket: Ticket) -> tuple[LinkView, ...]:
    """What it was split off from or merged into, and what was split off from it or merged into it."""
    ours = {ticket.split_from_id: "split off from", ticket.merged_into_id: "merged into"}
    query = select(Ticket.id, Ticket.number, Ticket.merged_into_id).where(
        or_(
            Ticket.id.in_([id_ for id_ in ours if id_ is not None]),
            Ticket.split_from_id == ticket.id,
            Ticket.merged_into_id == ticket.id,
        )
    )
    return tuple(
        LinkView(ours.get(other) or ("double:" if merged_into == ticket.id else "split off:"), number)
        for other, number, merged_into in session.execute(query.order_by(Ticket.number).limit(_MOST_LINKS))
    )


def _lines(session: Session, ticket_id: int) -> tuple[LineView, ...]:
    """Oldest first; of a very long history the latest part."""
    query = (
        select(TicketEvent.id, TicketEvent.at, TicketEvent.kind, TicketEvent.words)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.at.desc(), TicketEvent.id.desc())
        .limit(MOST_LINES)
    )
    return tuple(LineView(*row) for row in reversed(session.execute(query).all()))


def _page(session: Session, ticket_id: int) -> PageView | None:
    query = (
        select(Page)
        .where(Page.ticket_id == ticket_id)
        .options(joinedload(Page.accepted_by))
        .order_by(Page.id.desc())
        .limit(1)
    )
    page = session.scalar(query.execution_options(populate_existing=True))
    if page is None:
        return None
    return PageView(
        state=page.state,
        cause=page.cause,
        round=page.round,
        opened_at=page.opened_at,
        accepted_at=page.accepted_at,
        accepted_by=page.accepted_by.name if page.accepted_by else None,
        accepted_via=page.accepted_via,
        attempts=_attempts(session, page),
    )


def _attempts(session: Session, page: Page) -> tuple[AttemptView, ...]:
    query = (
        select(Attempt)
        .join(Attempt.person)
        .outerjoin(Attempt.call)
        .where(Attempt.page_id == page.id, Attempt.round == page.round)
        .options(contains_eager(Attempt.person), contains_eager(Attempt.call))
        .order_by(Attempt.id.desc())
        .limit(MOST_ATTEMPTS)
        .execution_options(populate_existing=True)
    )
    tried = session.scalars(query).unique().all()[::-1]
    return tuple(
        AttemptView(
            id=attempt.id,
            person_id=attempt.person_id,
            person=attempt.person.name,
            rank=rank,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            outcome=attempt.outcome,
            call_state=attempt.call.state if attempt.call else None,
        )
        for attempt, rank in zip(tried, _ranks(attempt.person for attempt in tried), strict=True)
    )


def _ranks(people: Iterable[Person]) -> Sequence[str]:
    """Technicians are counted in the order in which they are tried; whoever stands above them goes by their role."""
    counted = count(1)
    return [
        f"{ordinal(next(counted))} technician" if person.role == Role.TECHNICIAN else Role(person.role).spoken
        for person in people
    ]


def _work(session: Session, ticket_id: int, now: datetime) -> tuple[WorkView, ...]:
    query = select(Intervention).where(Intervention.ticket_id == ticket_id).order_by(Intervention.id)
    return tuple(
        WorkView(
            id=row.id,
            person=row.person.name,
            kind=row.kind,
            channel=row.channel,
            started_at=row.started_at,
            ended_at=row.ended_at,
            length=max((row.ended_at or now) - row.started_at, timedelta(0)),
            note=row.note,
        )
        for row in session.scalars(query.execution_options(populate_existing=True))
    )


def _recordings(session: Session, ticket_id: int) -> tuple[RecordingView, ...]:
    query = (
        select(
            Recording.id,
            Recording.kind,
            Recording.at,
            Recording.seconds,
            Person.name,
            Recording.fetched_at.is_not(None),
            Recording.fault,
            Recording.transcript,
        )
        .outerjoin(Person, Recording.person_id == Person.id)
        .where(Recording.ticket_id == ticket_id)
        .order_by(Recording.id)
    )
    return tuple(RecordingView(*row) for row in session.execute(query))

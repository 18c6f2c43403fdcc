"""A ticket that one of ours opens for a customer who wrote, came by, or called somebody: with a page or without."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from oncall.models.customers import Contract
from oncall.models.pages import PageCause
from oncall.models.people import Person
from oncall.models.tickets import InterventionChannel, Ticket
from oncall.paging.engine import first_page
from oncall.rosters.on_call import chain
from oncall.runtime import Work
from oncall.tickets.notes import write_note
from oncall.tickets.opening import Report, put_ticket
from schedules.wall_clock import wall_time


@dataclass(frozen=True)
class Wish:
    """What somebody wants opened. `paged`: whoever is on call is called for it; otherwise it is theirs."""

    report: Report
    problem: str
    paged: bool


def open_by_hand(work: Work, contract: Contract, wish: Wish, person: Person) -> Ticket:
    """The ticket, with the problem as its first note. The same `origin` opens one, however often it is sent."""
    existing = work.session.scalar(select(Ticket).where(Ticket.origin == wish.report.origin))
    if existing is not None:
        return existing
    report = wish.report if wish.paged else replace(wish.report, taken_by=person.id)
    words = f"{person.name} opened the ticket, {report.priority}, reported by {report.channel}."
    ticket = put_ticket(work.session, contract, report, words, work.now, person.id)
    key = f"opened:{ticket.id}"
    write_note(work.session, ticket.id, person, InterventionChannel.WEB, wish.problem, key, work.now)
    if wish.paged:
        first_page(work, ticket, PageCause.BY_HAND)
    return ticket


def contract_now(session: Session, customer_id: int, now: datetime) -> Contract | None:
    """The contract that a customer's new ticket belongs to: that in force, else the one that ends last."""
    query = (
        select(Contract)
        .where(Contract.customer_id == customer_id)
        .options(joinedload(Contract.customer), joinedload(Contract.region))
        .order_by(Contract.end_date.desc(), Contract.id.desc())
    )
    found: Sequence[Contract] = session.scalars(query).unique().all()
    return next((each for each in found if _in_force(each, now)), found[0] if found else None)


def rung_first(session: Session, contract: Contract, now: datetime) -> str | None:
    """Who would be called first for it now, by name; None when there is nobody."""
    links = chain(session, contract.region_name, now)
    return links[0].person.name if links else None


def _in_force(contract: Contract, now: datetime) -> bool:
    return contract.start_date <= wall_time(now, contract.region.time_zone).date() <= contract.end_date

"""Tickets that somebody looks for: by number, customer, caller's number and words of notes, filtered, in pages.

A page begins after the last ticket of the one before, not at a count: nothing is shown twice or left out while tickets
come in. One query for the rows, one for their number, at most two for what the words mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from core.db import UTCDateTime
from core.text.folding import words_of
from oncall.customers.names import customers_called
from oncall.models import pages
from oncall.models.customers import Customer
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketChannel, TicketEvent, TicketState, WaitsFor
from oncall.sla.promises import Priority

ON_A_PAGE: Final = 50
# So many digits and more may be a part of a telephone number; fewer would be found in every one.
_SHORTEST_PHONE: Final = 4
_LARGEST_NUMBER: Final = 2**31 - 1
_NEVER: Final = literal_column("'infinity'::timestamptz", UTCDateTime)


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    DUE = "due"
    PRIORITY = "priority"


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty restricts nothing. `since`, `until`: opened from, and before (UTC).

    `waiting`: only those that wait for somebody. `missed`: only those whose promise was missed, or is being missed.
    """

    words: str = ""
    states: tuple[TicketState, ...] = ()
    priorities: tuple[Priority, ...] = ()
    channels: tuple[TicketChannel, ...] = ()
    customer_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    waiting: bool = False
    missed: bool = False
    order: Order = Order.NEWEST


@dataclass(frozen=True)
class Found:
    """A ticket as lists show it. `missed`: its promise was missed, or is being missed (times UTC)."""

    number: int
    customer: str
    priority: Priority
    state: TicketState
    channel: TicketChannel
    holder: str | None
    waits_for: WaitsFor | None
    opened_at: datetime
    due_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    missed: bool


@dataclass(frozen=True)
class Page:
    """Tickets in their order. `amount`: of all that was found; `after`: where the next page begins, None at the end."""

    tickets: Sequence[Found] = field(default_factory=tuple)
    amount: int = 0
    after: int | None = None


def find_page(session: Session, wanted: Wanted, now: datetime, after: int | None = None) -> Page:
    """The tickets that follow the one with the number `after`, or the first ones."""
    conditions = _conditions(session, wanted, now)
    amount = session.scalar(select(func.count()).select_from(Ticket).where(*conditions)) or 0
    query = _rows(now).where(*conditions).order_by(*_sorted(wanted.order)).limit(ON_A_PAGE + 1)
    if after is not None:
        query = query.where(_follows(wanted.order, after))
    found = [Found(*row) for row in session.execute(query)]
    shown = found[:ON_A_PAGE]
    return Page(shown, amount, shown[-1].number if len(found) > ON_A_PAGE else None)


def find_all(session: Session, wanted: Wanted, now: datetime) -> list[Found]:
    """All of them, for a table."""
    query = _rows(now).where(*_conditions(session, wanted, now)).order_by(*_sorted(wanted.order))
    return [Found(*row) for row in session.execute(query)]


def held_by(session: Session, person_id: int, now: datetime) -> list[Found]:
    """What somebody has in hand, what is due first before all."""
    mine = (Ticket.assignee_id == person_id, Ticket.state != TicketState.CLOSED)
    return [Found(*row) for row in session.execute(_rows(now).where(*mine).order_by(*_sorted(Order.DUE)))]


def ringing(session: Session, person_id: int, now: datetime) -> list[Found]:
    """What somebody is being called for at this moment and has not passed on, gravest first."""
    called = (
        select(pages.Attempt.id)
        .join(pages.Page, pages.Page.id == pages.Attempt.page_id)
        .where(
            pages.Page.ticket_id == Ticket.id,
            pages.Page.state == pages.PageState.PAGING,
            pages.Attempt.person_id == person_id,
            pages.Attempt.outcome.is_(None),
        )
    )
    query = _rows(now).where(called.exists()).order_by(*_sorted(Order.PRIORITY))
    return [Found(*row) for row in session.execute(query)]


def number_in(words: str) -> int | None:
    """The ticket's number that `words` are, with or without a sign before it; None when they are something else."""
    figures = words.strip().removeprefix("#").strip()
    if not (figures.isascii() and figures.isdigit()):
        return None
    number = int(figures[:11])
    return number if 0 < number <= _LARGEST_NUMBER else None


def _missed(now: datetime) -> ColumnElement[bool]:
    """Not while the clock stands still: what is due is reckoned anew once the ticket does not wait any more."""
    runs = or_(Ticket.waits_for.is_(None), Ticket.taken_at.is_not(None))
    return func.coalesce(runs & (Ticket.due_at < func.coalesce(Ticket.taken_at, Ticket.closed_at, now)), False)


def _rows(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ticket.number,
            Customer.name,
            Ticket.priority,
            Ticket.state,
            Ticket.channel,
            Person.name,
            Ticket.waits_for,
            Ticket.opened_at,
            Ticket.due_at,
            Ticket.taken_at,
            Ticket.closed_at,
            _missed(now),
        )
        .join(Customer, Ticket.customer_id == Customer.id)
        .outerjoin(Person, Ticket.assignee_id == Person.id)
    )


def _conditions(session: Session, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words.strip():
        found.append(_told_by(session, wanted.words))
    for column, values in (
        (Ticket.state, wanted.states),
        (Ticket.priority, wanted.priorities),
        (Ticket.channel, wanted.channels),
    ):
        if values:
            found.append(column.in_(values))
    if wanted.customer_id is not None:
        found.append(Ticket.customer_id == wanted.customer_id)
    if wanted.person_id is not None:
        found.append(Ticket.assignee_id == wanted.person_id)
    if wanted.since is not None:
        found.append(Ticket.opened_at >= wanted.since)
    if wanted.until is not None:
        found.append(Ticket.opened_at < wanted.until)
    if wanted.waiting:
        found.append(Ticket.waits_for.is_not(None))
    if wanted.missed:
        found.append(_missed(now))
    return found


def _told_by(session: Session, words: str) -> ColumnElement[bool]:
    """By number, telephone number, customer, or what was noted: each way finds some."""
    ways: list[ColumnElement[bool]] = []
    number = number_in(words)
    if number is not None:
        ways.append(Ticket.number == number)
    digits = "".join(character for character in words if character in "0123456789")
    if len(digits) >= _SHORTEST_PHONE and not any(character.isalpha() for character in words):
        ways += [Ticket.caller_number.contains(digits), Ticket.callback_number.contains(digits)]
    known = words_of(words)
    if known:
        noted = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in known))
        ways.append(Ticket.id.in_(select(TicketEvent.ticket_id).where(TicketEvent.search.bool_op("@@")(noted))))
        ways.append(Ticket.customer_id.in_([id_ for id_, _ in customers_called(session, words)]))
    return or_(*ways) if ways else literal(False)


def _sorted(order: Order) -> list[ColumnElement[Any]]:
    """Always down to the number, so that the order is one."""
    return [Ticket.number.desc()] if order == Order.NEWEST else [key.asc() for key in _keys(order, Ticket)]


def _follows(order: Order, after: int) -> ColumnElement[bool]:
    """Behind that ticket in the order, wherever it stands by now."""
    if order == Order.NEWEST:
        return Ticket.number < after
    last = aliased(Ticket)
    keys = [select(key).where(last.number == after).scalar_subquery() for key in _keys(order, last)]
    return tuple_(*_keys(order, Ticket)) > tuple_(*keys)


def _keys(order: Order, ticket: type[Ticket]) -> list[ColumnElement[Any]]:
    """What tickets are compared by, smaller first. Promises that nobody waits for come last."""
    if order == Order.PRIORITY:
        return [ticket.priority.expression, -ticket.number]
    waits = ticket.taken_at.is_(None) & (ticket.state != TicketState.CLOSED)
    return [func.coalesce(case((waits, ticket.due_at)), _NEVER), ticket.number.expression]

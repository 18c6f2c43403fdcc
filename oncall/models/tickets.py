"""Tickets, their timelines, recordings and interventions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Sequence,
    UniqueConstraint,
    bindparam,
    delete,
    func,
)
from sqlalchemy.dialects.postgresql import TSVECTOR, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from core.text.folding import folded
from oncall.models.customers import Contract, Customer
from oncall.models.people import Person, person_fk
from oncall.sla.promises import Priority


class TicketState(StrEnum):
    """How far a ticket is: TAKEN once somebody has accepted it, until it is closed."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class TicketChannel(StrEnum):
    """How the problem was reported. All but HOTLINE: to one of ours, who opened the ticket by hand."""

    HOTLINE = "hotline"
    PHONE = "phone"
    MAIL = "e-mail"
    CHAT = "chat"
    VISIT = "visit"


class WaitsFor(StrEnum):
    """Whom a ticket waits for: until they have answered, its clocks stand still."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third party"


class EventKind(StrEnum):
    """What a line of a timeline tells; pages choose its icon and colour by it."""

    OPENED = "opened"
    PAGE = "page"
    ATTEMPT = "attempt"
    ACCEPTED = "accepted"
    PASSED = "passed"
    NO_KEY = "no_key"
    WRONG_KEYS = "wrong_keys"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CUT_OFF = "cut_off"
    JOINED = "joined"
    LEFT = "left"
    INTERVENTION = "intervention"
    TEXT = "text"
    MAIL = "mail"
    NOTICE = "notice"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"
    CALLER = "caller"
    NOTE = "note"
    CLOSED = "closed"
    WARNING = "warning"
    DROPPED = "dropped"
    TAKEN = "taken"
    HANDED_OVER = "handed over"
    WAITING = "waiting"
    RESUMED = "resumed"
    PRIORITY = "priority"
    LINKED = "linked"
    REOPENED = "reopened"
    CORRECTED = "corrected"


class InterventionKind(StrEnum):
    """The work that was done: a talk with the caller, a talk after we called them, a note; WORK is logged by hand."""

    CALL = "call"
    CALL_BACK = "call back"
    NOTE = "note"
    WORK = "work"


class InterventionChannel(StrEnum):
    """How the work was done, or told."""

    PHONE = "phone"
    TEXT = "text"
    WEB = "web"
    REMOTE = "remote session"
    SITE = "visit"
    MAIL = "e-mail"
    CHAT = "chat"


NUMBERS = Sequence("ticket_number", start=1042, metadata=Base.metadata)


class Ticket(Base):
    """One problem of one customer. `due_at`: latest response by contract; None where only best effort is owed.

    `waits_for`: whom it waits for at this moment. `split_from_id`: the ticket on which this problem came up.
    `merged_into_id`: the ticket of the same problem that goes on in its place.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(one_of("priority", Priority), name="priority"),
        CheckConstraint(f"(closed_at IS NULL) = (state <> '{TicketState.CLOSED}')", name="closed"),
        CheckConstraint(one_of("state", TicketState), name="state"),
        CheckConstraint(one_of("waits_for", WaitsFor), name="waits_for"),
        CheckConstraint("merged_into_id <> id AND split_from_id <> id", name="links"),
        Index("ix_ticket_open", "customer_id", "opened_at", postgresql_where=f"state <> '{TicketState.CLOSED}'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(NUMBERS, server_default=NUMBERS.next_value(), unique=True)
    # What opened it, such as "call:CA12...:1": the same event can't open a second one.
    origin: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    priority: Mapped[Priority] = mapped_column(EnumText(Priority))
    channel: Mapped[TicketChannel] = mapped_column(EnumText(TicketChannel))
    state: Mapped[TicketState] = mapped_column(EnumText(TicketState), default=TicketState.OPEN)
    caller_number: Mapped[str | None]
    # Of a caller without a telephone number: the user part of a SIP address, say. Nothing that can be dialled.
    caller_name: Mapped[str | None]
    callback_number: Mapped[str | None]
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    assignee_id: Mapped[int | None] = mapped_column(person_fk())
    waits_for: Mapped[WaitsFor | None] = mapped_column(EnumText(WaitsFor))
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    customer: Mapped[Customer] = relationship(lazy="joined")
    contract: Mapped[Contract] = relationship()
    assignee: Mapped[Person | None] = relationship(lazy="joined")


class TicketWait(Base):
    """From when to when a ticket has waited, and for whom; `until` is None while it does. Its clocks stood still."""

    __tablename__ = "ticket_wait"
    __table_args__ = (
        CheckConstraint(one_of("waits_for", WaitsFor), name="waits_for"),
        CheckConstraint("until IS NULL OR until >= since", name="order"),
        Index("uq_ticket_wait_open", "ticket_id", unique=True, postgresql_where="until IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    waits_for: Mapped[WaitsFor] = mapped_column(EnumText(WaitsFor))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class TicketEvent(Base):
    """A line of a ticket's timeline, in words a manager understands. `key` makes a repeated cause harmless.

    `search`: the folded words of what people wrote, by which the ticket is found; None for all other lines.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        Index("ix_ticket_event_search", "search", postgresql_using="gin", postgresql_where="search IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[EventKind] = mapped_column(EnumText(EventKind))
    words: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(person_fk())
    key: Mapped[str]
    search: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)


class Intervention(Base):
    """Work of one technician on one ticket. `key` names the cause (a stay in a room, a note): once each.

    `corrected_at`: when a manager last set other times, which no late report of a call changes any more.
    """

    __tablename__ = "intervention"
    __table_args__ = (CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(person_fk())
    kind: Mapped[InterventionKind] = mapped_column(EnumText(InterventionKind))
    channel: Mapped[InterventionChannel] = mapped_column(EnumText(InterventionChannel))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(default="")
    key: Mapped[str] = mapped_column(unique=True)
    corrected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person: Mapped[Person] = relationship(lazy="joined")


# Made once and without the ORM, as every step writes some.
_EVENTS = TicketEvent.metadata.tables["ticket_event"]
_NEW = insert(_EVENTS).values(search=func.to_tsvector("simple", bindparam("folded")))
_TELL = _NEW.on_conflict_do_nothing().returning(_EVENTS.c.id)
_TELL_NOW = _NEW.on_conflict_do_update(
    index_elements=["ticket_id", "key"],
    set_={"at": _NEW.excluded.at, "words": _NEW.excluded.words, "search": _NEW.excluded.search},
)
# Lines by whose words a ticket is looked for: the others say what the gateway did.
_SEARCHED = frozenset({EventKind.NOTE})


def _line(
    ticket_id: int,
    at: datetime,
    kind: EventKind,
    words: str,
    key: str,
    person_id: int | None,
    searched: str | None = None,
) -> dict[str, object]:
    if kind in _SEARCHED:
        searched = words
    return {
        "ticket_id": ticket_id,
        "at": at,
        "kind": kind,
        "words": words,
        "person_id": person_id,
        "key": key,
        "folded": None if searched is None else folded(searched),
    }


def record_event(
    session: Session,
    ticket_id: int,
    now: datetime,
    kind: EventKind,
    words: str,
    *,
    key: str,
    person_id: int | None = None,
    searched: str | None = None,
) -> bool:
    """Add a line to the timeline; False (and nothing added) when the same cause has already written one.

    `searched`: words in it by which the ticket is found; of a note all of them are.
    """
    session.flush()
    line = _line(ticket_id, now, kind, words, key, person_id, searched)
    return session.execute(_TELL, line).scalar() is not None


def tell_now(
    session: Session,
    ticket_id: int,
    at: datetime,
    kind: EventKind,
    words: str,
    *,
    key: str,
    person_id: int | None = None,
) -> None:
    """The same for a line that says what is known by now: one that the same cause has written before is replaced."""
    session.flush()
    session.execute(_TELL_NOW, _line(ticket_id, at, kind, words, key, person_id))


def take_back(session: Session, ticket_id: int, key: str) -> None:
    """Remove the line of a cause that turned out not to be one."""
    session.execute(delete(_EVENTS).where(_EVENTS.c.ticket_id == ticket_id, _EVENTS.c.key == key))

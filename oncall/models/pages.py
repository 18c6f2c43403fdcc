"""A page and its attempts."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.calls import PhoneCall
from oncall.models.people import Person, person_fk
from oncall.models.ranks import OTHER
from oncall.models.tickets import Ticket


class PageState(StrEnum):
    """Somebody is looked for, somebody has taken the ticket, or nobody is needed any more."""

    PAGING = "paging"
    ACCEPTED = "accepted"
    STOPPED = "stopped"


class PageCause(StrEnum):
    """Why somebody is looked for.

    COLLEAGUE and HUNG_UP look for somebody who does not take the ticket, or who is needed only as long as a certain
    caller is there: a technician asks for a colleague in a conversation; the same after that technician has hung up.
    ASKED_ON: the caller asked for the next person. CALL_BACK: nobody called back who had been asked to. BY_HAND: one of
    ours asks for somebody on the ticket's page.
    """

    HOTLINE = "hotline"
    CALLED_AGAIN = "called again"
    LINE_DROPPED = "line dropped"
    PROMISE = "promise"
    COLLEAGUE = "colleague"
    HANDOVER = "handover"
    NOT_JOINED = "not joined"
    HUNG_UP = "hung up"
    ASKED_ON = "asked on"
    CALL_BACK = "call back"
    FAULT = "fault"
    AWAY = "database away"
    BY_HAND = "by hand"


class Via(StrEnum):
    """How a page was accepted."""

    PHONE = "phone"
    TEXT = "text"
    MENU = "menu"
    WEB = "web"
    CLOSING = "closing"


class AttemptOutcome(StrEnum):
    """What came of trying a person. WRONG_KEYS: they picked up, and pressed only keys without a meaning."""

    ACCEPTED = "accepted"
    PASSED = "passed"
    NO_KEY = "no key"
    WRONG_KEYS = "wrong keys"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"
    CUT_OFF = "cut off"


_PAGING: Final = f"state = '{PageState.PAGING}'"
# How much a search covers; any that is not here covers more.
_COVERS: Final = {PageCause.COLLEAGUE: 0, PageCause.HUNG_UP: 1}


def covers_more(cause: PageCause, than: PageCause) -> bool:
    """Whether a search for `cause` serves people whom one for the other does not. Pure."""
    return _COVERS.get(cause, len(_COVERS)) > _COVERS.get(than, len(_COVERS))


class Page(Base):
    """The search for somebody who takes a ticket. Ends only by acceptance, or by a manager's word.

    `round` counts from 1; past the configured rounds everybody is called together. `due_at`: when the next step is
    taken unless something happens before, in real time, also where another is pretended. `first_person_id`: who is
    tried before the roster (who has the ticket). `after_person_id`: who was rung in vain, or has talked with the
    caller, just before: each round begins with the person behind them. `stopped_why`: in words, once stopped.

    The database lets a page go from paging to accepted or stopped, once, and keeps each move (`PageMove`).
    """

    __tablename__ = "page"
    __table_args__ = (
        CheckConstraint(one_of("state", PageState), name="state"),
        CheckConstraint(
            f"(state = '{PageState.ACCEPTED}') = (accepted_at IS NOT NULL AND accepted_by_id IS NOT NULL)",
            name="accepted",
        ),
        CheckConstraint(
            f"state = '{PageState.ACCEPTED}' OR num_nonnulls(accepted_at, accepted_by_id, accepted_via) = 0",
            name="taken",
        ),
        CheckConstraint("round >= 1", name="round"),
        Index("uq_page_open_ticket", "ticket_id", unique=True, postgresql_where=_PAGING),
        Index("uq_page_open_code", "code", unique=True, postgresql_where=_PAGING),
        Index("ix_page_code", "code"),
        Index("ix_page_due", "due_at", postgresql_where=_PAGING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    cause: Mapped[PageCause] = mapped_column(EnumText(PageCause))
    code: Mapped[str]
    state: Mapped[PageState] = mapped_column(EnumText(PageState), default=PageState.PAGING)
    round: Mapped[int] = mapped_column(default=1)
    first_person_id: Mapped[int | None] = mapped_column(person_fk())
    after_person_id: Mapped[int | None] = mapped_column(person_fk())
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(person_fk())
    accepted_via: Mapped[Via | None] = mapped_column(EnumText(Via))
    stopped_why: Mapped[str | None]
    ticket: Mapped[Ticket] = relationship()
    accepted_by: Mapped[Person | None] = relationship(foreign_keys=[accepted_by_id])


class PageMove(Base):
    """A move of a page, written by the database itself: begun, another round, another cause, accepted, stopped.

    `at` is real time, also where another is pretended. `why`: the cause it was begun for, "nobody accepted" for another
    round, the way it was accepted (`Page.accepted_via`) or the words it was stopped with.
    """

    __tablename__ = "page_move"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    from_state: Mapped[PageState | None] = mapped_column(EnumText(PageState))
    to_state: Mapped[PageState] = mapped_column(EnumText(PageState))
    round: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(person_fk())
    why: Mapped[str]


class Attempt(Base):
    """One person tried for one page in one round, by phone call and text together.

    `call_id` may be a call that already rings the same person for another page. `outcome` is None while open, and then
    never changes again; "accepted" only for whom the page has been given to. A page that is over has no open attempt:
    the database looks when the transaction ends. `elsewhere_at`: when the person's other channels were asked as well.
    """

    __tablename__ = "page_attempt"
    __table_args__ = (
        UniqueConstraint("page_id", "round", "person_id"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint(one_of("outcome", AttemptOutcome), name="outcome"),
        Index("uq_page_attempt_open", "page_id", "person_id", unique=True, postgresql_where="outcome IS NULL"),
        Index(
            "uq_page_attempt_accepted",
            "page_id",
            unique=True,
            postgresql_where=f"outcome = '{AttemptOutcome.ACCEPTED}'",
        ),
        Index("ix_page_attempt_open_call", "call_id", "rank", postgresql_where="outcome IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(person_fk())
    round: Mapped[int]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("phone_call.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(EnumText(AttemptOutcome))
    # How urgent its page is (oncall.models.ranks), for the order in which queued calls are placed.
    rank: Mapped[int] = mapped_column(SmallInteger, default=OTHER, server_default=str(OTHER))
    elsewhere_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    page: Mapped[Page] = relationship()
    person: Mapped[Person] = relationship()
    call: Mapped[PhoneCall | None] = relationship(foreign_keys=call_id)


def page_of(session: Session, ticket_id: int) -> Page | None:
    """The ticket's newest page."""
    query = select(Page).where(Page.ticket_id == ticket_id).order_by(Page.id.desc()).limit(1)
    return session.scalar(query)

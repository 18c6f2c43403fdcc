"""Phone calls, both ways: where each conversation stands, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from core.db import Base, UTCDateTime
from oncall.customers import Customer
from oncall.faults import FaultKept
from oncall.people import Person, person_fk
from oncall.ranks import OTHER
from oncall.tickets import Ticket

# How far a call has come; a late callback never moves it back.
STATES = ("queued", "sending", "placed", "ringing", "answered", "ended")

# In a caller's memo: the id of the technician whose line has ended, from then on until somebody else is asked for.
LEFT_BY = "left_by"
# In a call's memo: when it asked us for its next document last, by the gateway's clock, seconds since 1970.
LAST_REQUEST = "last_request"


class PhoneCall(FaultKept, Base):
    """A call and its conversation.

    `step` and `turn` say which question was asked last; `last_answer` is the document that asked it, given again
    when the provider delivers the same answer twice. `waiting`: a caller listens to music until someone is found.
    The database refuses moves of `state` other than `move_to` makes, but for sending back to queued (a try again).
    """

    __tablename__ = "phone_call"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("purpose IN ('hotline', 'page', 'connect', 'callback', 'drill')", name="purpose"),
        CheckConstraint("state IN ('queued', 'sending', 'placed', 'ringing', 'answered', 'ended')", name="state"),
        CheckConstraint(
            "direction = 'in' OR ticket_id IS NOT NULL OR purpose IN ('hotline', 'drill')", name="out_has_ticket"
        ),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        # Without the network's name for it, a call that rings could not be ended.
        CheckConstraint("direction = 'in' OR sid IS NOT NULL OR state IN ('queued', 'sending', 'ended')", name="known"),
        # Nobody is rung twice at once, whoever decides it in which process.
        Index(
            "uq_phone_call_live_person",
            "person_id",
            unique=True,
            postgresql_where="direction = 'out' AND person_id IS NOT NULL AND state <> 'ended'",
        ),
        Index("ix_phone_call_live_staff", "person_id", postgresql_where="person_id IS NOT NULL AND state <> 'ended'"),
        Index("ix_phone_call_unsent", "created_at", postgresql_where="state IN ('queued', 'sending')"),
        Index("ix_phone_call_waiting", "ticket_id", postgresql_where="waiting"),
        Index("ix_phone_call_live", "created_at", postgresql_where="state <> 'ended'"),
        Index("ix_phone_call_results", "state", "result", "tries", postgresql_where="direction = 'out'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str | None] = mapped_column(unique=True)
    direction: Mapped[str]
    purpose: Mapped[str]
    number: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(person_fk())
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    state: Mapped[str]
    waiting: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str] = mapped_column(default="")
    turn: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    memo: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSONB), default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # What came of it, in a word: completed, busy, no-answer, failed, canceled; or where an incoming call broke off.
    result: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    # Real time at which a worker began to ask the provider; None while nobody is asking.
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Which worker does (procrastinate's id); None also for one of an earlier version.
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    # What goes first while it is queued (oncall.ranks); a page's call goes by its most urgent open attempt instead.
    rank: Mapped[int] = mapped_column(SmallInteger, default=OTHER, server_default=str(OTHER))
    # Real time before which a queued call is not placed: a back-off.
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # From when the time to answer counts: the first request for it, and the provider's yes once there is one.
    ringing_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person: Mapped[Person | None] = relationship()
    customer: Mapped[Customer | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()

    @property
    def live(self) -> bool:
        return self.state != "ended"

    def move_to(self, state: str) -> bool:
        """Note progress; False when the call has already come as far."""
        if STATES.index(state) <= STATES.index(self.state):
            return False
        self.state = state
        return True


class Refusal(Base):
    """A caller who was turned away, and why. One row a call and reason, however often the webhook comes."""

    __tablename__ = "refusal"
    __table_args__ = (UniqueConstraint("call_id", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("phone_call.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    reason: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))


class BlockedNumber(Base):
    """A number whose calls are rejected unanswered."""

    __tablename__ = "blocked_number"

    number: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(default="")


class PinAttempt(Base):
    """A PIN tried, or refused to be tried.

    `outcome`: pending, wrong, right, or the verdict that refused it (then `number` is empty and `pool` "refused").
    Right ones don't count against any limit.
    """

    __tablename__ = "pin_attempt"
    __table_args__ = (
        UniqueConstraint("call_id", "turn"),
        Index("ix_pin_attempt_counted", "pool", "at", postgresql_where="outcome <> 'right'"),
        Index("ix_pin_attempt_number", "number", "at", postgresql_where="outcome <> 'right'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("phone_call.id"))
    turn: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    number: Mapped[str]
    pool: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="pending")


def lock_call(session: Session, call_id: int) -> PhoneCall | None:
    """The call with its row locked, as it stands now. Lock order everywhere: room, call, page, ticket."""
    query = select(PhoneCall).where(PhoneCall.id == call_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def call_person(
    session: Session, person: Person, purpose: str, now: datetime, ticket_id: int | None = None, rank: int = OTHER
) -> int | None:
    """Put down a call to somebody of ours and return its id; placing it is another step.

    None when a call to this person is live: the database lets nobody be rung twice at once.
    """
    row = insert(PhoneCall).values(
        direction="out",
        purpose=purpose,
        number=person.phone,
        person_id=person.id,
        ticket_id=ticket_id,
        state="queued",
        step="answered",
        created_at=now,
        memo={},
        turn=0,
        tries=0,
        waiting=False,
        rank=rank,
    )
    return session.execute(row.on_conflict_do_nothing().returning(PhoneCall.id)).scalar()


def caller_is_waiting(session: Session, ticket_id: int) -> bool:
    """Whether somebody listens to the waiting music for this ticket."""
    query = select(PhoneCall.id).where(PhoneCall.ticket_id == ticket_id, PhoneCall.waiting).limit(1)
    return session.scalar(query) is not None


def refuse(session: Session, call: PhoneCall, reason: str, now: datetime) -> None:
    """Record that this caller was turned away."""
    row = insert(Refusal).values(call_id=call.id, at=now, reason=reason, customer_id=call.customer_id)
    session.execute(row.on_conflict_do_nothing())
    call.result = f"refused: {reason}"

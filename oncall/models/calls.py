"""Phone calls, both ways: where each conversation stands, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    SmallInteger,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, validates

from core.db import Base, EnumText, OrderedWords, UTCDateTime, one_of, quoted
from oncall.models.call_memo import CallMemo, MemoColumn
from oncall.models.contacts.faults import FaultKept, kind_check
from oncall.models.customers import Customer
from oncall.models.people import Person, person_fk
from oncall.models.ranks import OTHER
from oncall.models.tickets import Ticket


class Direction(StrEnum):
    """Who called whom: IN to the hotline, OUT from it."""

    IN = "in"
    OUT = "out"


class Purpose(StrEnum):
    """Why there is this call.

    HOTLINE: a caller, or one who is rung back. PAGE: a technician is asked to take tickets. CONNECT: one is rung into a
    conversation. CALLBACK: a customer is rung. DRILL: a test.
    """

    HOTLINE = "hotline"
    PAGE = "page"
    CONNECT = "connect"
    CALLBACK = "callback"
    DRILL = "drill"


class CallState(OrderedWords):
    """How far a call has come, in this order; a late callback never moves it back."""

    QUEUED = "queued"
    SENDING = "sending"
    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class CallResult(StrEnum):
    """The network's word for what came of a call. `PhoneCall.result` also says, in words, where one broke off."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


# Steps of a technician's call while it is in a room, or at the keys beside it for a moment.
IN_ROOM: Final = ("left", "aside")

_UNSENT: Final = f"state IN ({quoted(CallState.QUEUED, CallState.SENDING)})"
_LIVE: Final = f"state <> '{CallState.ENDED}'"

# Columns that processes of the version before know from the memo alone, with the memo's fields for them: what is set
# here is noted there, and what they have noted is taken over (`lock_call`). Can go in the release after this one.
NOTED_TWICE: Final = {
    "about_ticket_id": "ticket",
    "known_ticket_id": "known",
    "told_attempt_id": "attempt",
    "technician_call_id": "technician_call",
}


class PhoneCall(FaultKept, Base):
    """A call and its conversation.

    `step` and `turn` say which question was asked last; `last_answer` is the document that asked it, given again
    when the provider delivers the same answer twice. `waiting`: a caller listens to music until someone is found.
    The database refuses moves of `state` other than `move_to` makes, but for sending back to queued (a try again).
    """

    __tablename__ = "phone_call"
    __table_args__ = (
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        CheckConstraint(one_of("state", CallState), name="state"),
        kind_check("fault_kind"),
        CheckConstraint(
            f"direction = '{Direction.IN}' OR ticket_id IS NOT NULL"
            f" OR purpose IN ({quoted(Purpose.HOTLINE, Purpose.DRILL)})",
            name="out_has_ticket",
        ),
        CheckConstraint(f"(state = '{CallState.ENDED}') = (ended_at IS NOT NULL)", name="ended"),
        # Without the network's name for it, a call that rings could not be ended.
        CheckConstraint(
            f"direction = '{Direction.IN}' OR sid IS NOT NULL"
            f" OR state IN ({quoted(CallState.QUEUED, CallState.SENDING, CallState.ENDED)})",
            name="known",
        ),
        # Nobody is rung twice at once, whoever decides it in which process.
        Index(
            "uq_phone_call_live_person",
            "person_id",
            unique=True,
            postgresql_where=f"direction = '{Direction.OUT}' AND person_id IS NOT NULL AND {_LIVE}",
        ),
        Index("ix_phone_call_live_staff", "person_id", postgresql_where=f"person_id IS NOT NULL AND {_LIVE}"),
        Index("ix_phone_call_unsent", "created_at", postgresql_where=_UNSENT),
        Index("ix_phone_call_waiting", "ticket_id", postgresql_where="waiting"),
        Index("ix_phone_call_live", "created_at", postgresql_where=_LIVE),
        Index("ix_phone_call_results", "state", "result", "tries", postgresql_where=f"direction = '{Direction.OUT}'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str | None] = mapped_column(unique=True)
    direction: Mapped[Direction] = mapped_column(EnumText(Direction))
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    number: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(person_fk())
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    state: Mapped[CallState] = mapped_column(EnumText(CallState))
    waiting: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str] = mapped_column(default="")
    turn: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    memo: Mapped[CallMemo] = mapped_column(CallMemo.as_mutable(MemoColumn()), default=CallMemo)
    # A technician's call: the ticket that it is about at present, and the attempt that was told in it last.
    about_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))
    # Checked at the end of a transaction: attempts refer to calls, so neither table can be filled before the other.
    told_attempt_id: Mapped[int | None] = mapped_column(
        ForeignKey("page_attempt.id", ondelete="SET NULL", use_alter=True, deferrable=True, initially="DEFERRED")
    )
    # A caller's: the open ticket about which they are asked whether they call because of it.
    known_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))
    # A customer's who is called back: the call of the technician who waits for them.
    technician_call_id: Mapped[int | None] = mapped_column(ForeignKey("phone_call.id", ondelete="SET NULL"))
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
    # What goes first while it is queued (`ranks`); a page's call goes by its most urgent open attempt instead.
    rank: Mapped[int] = mapped_column(SmallInteger, default=OTHER, server_default=str(OTHER))
    # Real time before which a queued call is not placed: a back-off.
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # From when the time to answer counts: the first request for it, and the provider's yes once there is one.
    ringing_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person: Mapped[Person | None] = relationship()
    customer: Mapped[Customer | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship(foreign_keys=ticket_id)

    @validates(*NOTED_TWICE)
    def _note_twice(self, name: str, value: int | None) -> int | None:
        if self.memo is None:
            self.memo = CallMemo()
        setattr(self.memo, NOTED_TWICE[name], value)
        return value

    @property
    def has_told(self) -> bool:
        """Whether a page was told in it, or a ticket taken up."""
        noted = (self.about_ticket_id, self.told_attempt_id, self.memo.ticket, self.memo.attempt)
        return any(id_ is not None for id_ in noted)

    @property
    def live(self) -> bool:
        return self.state != CallState.ENDED

    def move_to(self, state: CallState) -> bool:
        """Note progress; False when the call has already come as far."""
        if not state.is_after(self.state):
            return False
        self.state = state
        return True


_MEMO: Final = type_coerce(PhoneCall.memo, JSONB)


def lock_call(session: Session, call_id: int) -> PhoneCall | None:
    """The call with its row locked, as it stands now. Lock order everywhere: room, call, page, ticket."""
    query = select(PhoneCall).where(PhoneCall.id == call_id).with_for_update(key_share=True)
    call = session.scalar(query.execution_options(populate_existing=True))
    if call is not None:
        take_over_notes(session, call)
    return call


def take_over_notes(session: Session, call: PhoneCall) -> None:
    """What a process of the version before has noted since, unless its row is gone."""
    for name, field in NOTED_TWICE.items():
        noted = getattr(call.memo, field)
        if noted != getattr(call, name):
            [key] = PhoneCall.__table__.c[name].foreign_keys
            setattr(call, name, session.scalar(select(key.column).where(key.column == noted)))


def memo_has(field: str) -> ColumnElement[bool]:
    """Whether a call's memo has this field, in SQL."""
    found: ColumnElement[bool] = _MEMO.has_key(CallMemo.key_of(field))
    return found


def memo_value(field: str) -> Any:
    """This field of a call's memo, in SQL."""
    return _MEMO[CallMemo.key_of(field)]


def call_person(
    session: Session,
    person: Person,
    purpose: Purpose,
    now: datetime,
    ticket_id: int | None = None,
    rank: int = OTHER,
    memo: CallMemo | None = None,
) -> int | None:
    """Put down a call to somebody of ours and return its id; placing it is another step.

    None when a call to this person is live: the database lets nobody be rung twice at once.
    """
    row = insert(PhoneCall).values(
        direction=Direction.OUT,
        purpose=purpose,
        number=person.phone,
        person_id=person.id,
        ticket_id=ticket_id,
        state=CallState.QUEUED,
        step="answered",
        created_at=now,
        memo=memo or CallMemo(),
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


def is_talking(session: Session, person_id: int) -> bool:
    """Whether a person talks with a caller now, in a call of theirs or of ours."""
    query = select(PhoneCall.id).where(
        PhoneCall.person_id == person_id, PhoneCall.state != CallState.ENDED, PhoneCall.step.in_(IN_ROOM)
    )
    return session.scalar(query.limit(1)) is not None


def in_conversation(call: PhoneCall) -> bool:
    """Whether a technician's call is in a room with a caller, or at the keys for a moment."""
    return call.live and call.step in IN_ROOM

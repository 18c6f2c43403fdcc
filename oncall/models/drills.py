"""A drill: one person's test call and test text, and what came of them."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, Session, composite, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.contacts.faults import Fault, FaultKind, kind_check
from oncall.models.people import Person, person_fk
from oncall.models.rosters import Roster


class DrillState(StrEnum):
    """What a drill has come to as a whole."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    NOT_NEEDED = "not needed"


class DrillCallResult(StrEnum):
    """What came of the call. NOT_RUNG: it could not be made in time; NOT_NEEDED: somebody else comes instead."""

    CONFIRMED = "confirmed"
    NO_KEY = "no key"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"
    NOT_RUNG = "not rung"
    NOT_NEEDED = "not needed"


class DrillTextResult(StrEnum):
    """What came of the text. Without a report from the network it stays open, which is no failure."""

    DELIVERED = "delivered"
    ANSWERED = "answered"
    FAILED = "failed"


# An OK that comes later than this is the answer to something else.
ANSWERED_WITHIN: Final = timedelta(hours=12)


class Drill(Base):
    """One drill. `shift_at` is the handoff that it is about, `layer` names the person's layers then.

    Those of the clock have a `day`, on the roster's calendar, and happen once a person and day; those that a manager
    began have none. It rings at `try_at` or as soon as the person is free, not after `until_at`. `call_id` is the call
    under way. All instants are UTC.
    """

    __tablename__ = "drill"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        # One at a time, whoever begins it.
        Index("uq_drill_open_person", "person_id", unique=True, postgresql_where="call_result IS NULL"),
        Index("ix_drill_roster_id", "roster_id", "id"),
        CheckConstraint(one_of("call_result", DrillCallResult), name="call_result"),
        CheckConstraint(one_of("text_result", DrillTextResult), name="text_result"),
        kind_check("call_fault_kind"),
        kind_check("text_fault_kind"),
        CheckConstraint("(call_result IS NULL) = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    layer: Mapped[str] = mapped_column(server_default=text("''"), default="")
    person_id: Mapped[int] = mapped_column(person_fk())
    shift_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    day: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(server_default=text("''"), default="")
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    try_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("phone_call.id", ondelete="SET NULL"), index=True)
    # What the last try came to; the drill's own result only once it is decided.
    last_result: Mapped[DrillCallResult | None] = mapped_column(EnumText(DrillCallResult))
    call_result: Mapped[DrillCallResult | None] = mapped_column(EnumText(DrillCallResult))
    # Of the last try, where it came to "no key": keys were pressed, only not the right one.
    wrong_keys: Mapped[bool] = mapped_column(server_default=false(), default=False)
    # Where the provider refused the call: one sentence, as earlier releases read it, and its parts.
    call_error: Mapped[str | None]
    call_fault_kind: Mapped[FaultKind | None] = mapped_column(EnumText(FaultKind))
    call_fault_code: Mapped[str | None]
    call_fault_words: Mapped[str | None]
    call_fault: Mapped[Fault | None] = composite("call_fault_kind", "call_fault_code", "call_fault_words")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    text_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), unique=True)
    # What has to stand behind the OK that answers the text; none in drills of earlier releases.
    code: Mapped[str | None]
    text_result: Mapped[DrillTextResult | None] = mapped_column(EnumText(DrillTextResult))
    text_error: Mapped[str | None]
    text_fault_kind: Mapped[FaultKind | None] = mapped_column(EnumText(FaultKind))
    text_fault_code: Mapped[str | None]
    text_fault_words: Mapped[str | None]
    text_fault: Mapped[Fault | None] = composite("text_fault_kind", "text_fault_code", "text_fault_words")
    person: Mapped[Person] = relationship()
    roster: Mapped[Roster] = relationship()

    @property
    def state(self) -> DrillState:
        """What call and text have come to together."""
        if self.text_result == DrillTextResult.FAILED:
            return DrillState.FAILED
        if self.call_result is None:
            return DrillState.OPEN
        if self.call_result == DrillCallResult.NOT_NEEDED:
            return DrillState.NOT_NEEDED
        return DrillState.PASSED if self.call_result == DrillCallResult.CONFIRMED else DrillState.FAILED


def lock_drill(session: Session, drill_id: int) -> Drill | None:
    """The drill with its row locked, as it stands now. Whoever holds it locks no call, page or ticket."""
    query = select(Drill).where(Drill.id == drill_id).with_for_update(of=Drill, key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def drill_of_call(session: Session, call_id: int) -> Drill | None:
    """The drill whose call this is."""
    return session.scalar(select(Drill).where(Drill.call_id == call_id))

"""Time off, swaps of shifts, and the history of rosters, as tables."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.people import Person, person_fk
from oncall.models.rosters import Roster


class TimeOff(Base):
    """A span in which a person is never rung, whatever puts them on call. Two of a person may not overlap."""

    __tablename__ = "time_off"
    __table_args__ = (
        CheckConstraint("NOT isempty(span)", name="span"),
        ExcludeConstraint(
            (text("int4range(person_id, person_id, '[]')"), "&&"), ("span", "&&"), name="ex_time_off_overlap"
        ),
        Index("ix_time_off_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(person_fk())
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    note: Mapped[str] = mapped_column(server_default=text("''"), default="")
    made_by: Mapped[str] = mapped_column(server_default=text("''"), default="")
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    person: Mapped[Person] = relationship()


class SwapState(StrEnum):
    """How far a swap is; either person may cancel an accepted one."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class RosterSwap(Base):
    """One person asks another to take a shift, in return for one of theirs or for nothing.

    Once accepted, overrides that name the swap carry it out; either person may cancel it, which takes them away.
    `shift` and `return_shift`: the whole shifts of which the spans were all or a part then.
    """

    __tablename__ = "roster_swap"
    __table_args__ = (
        CheckConstraint(one_of("state", SwapState), name="state"),
        CheckConstraint("asker_id <> other_id", name="two_people"),
        CheckConstraint("NOT isempty(span)", name="span"),
        CheckConstraint("(return_layer_id IS NULL) = (return_span IS NULL)", name="return"),
        CheckConstraint(f"(state = '{SwapState.PROPOSED}') = (answered_at IS NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[SwapState] = mapped_column(
        EnumText(SwapState), server_default=text(f"'{SwapState.PROPOSED}'"), default=SwapState.PROPOSED
    )
    asker_id: Mapped[int] = mapped_column(person_fk(), index=True)
    other_id: Mapped[int] = mapped_column(person_fk(), index=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("roster_layer.id", ondelete="CASCADE"), index=True)
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    return_layer_id: Mapped[int | None] = mapped_column(ForeignKey("roster_layer.id", ondelete="CASCADE"), index=True)
    return_span: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    shift: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    return_shift: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    note: Mapped[str] = mapped_column(server_default=text("''"), default="")
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asker: Mapped[Person] = relationship(foreign_keys=asker_id)
    other: Mapped[Person] = relationship(foreign_keys=other_id)


class RosterChange(Base):
    """One change of a roster (or, with none, of somebody's time off), in words and so that it can be taken back.

    `steps`: one of {table, before, after} for each row; one that was not there before, or is not there after, is null.
    """

    __tablename__ = "roster_change"
    __table_args__ = (Index("ix_roster_change_roster_id", "roster_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int | None] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str]
    words: Mapped[str]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    undone: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class CalendarFeed(Base):
    """A calendar that somebody has subscribed to: one person's shifts, a whole roster, or one layer of it.

    Whoever knows the token reads it, without signing in, until it is revoked; only its SHA-256 is stored. `content_at`:
    since when (UTC, whole seconds) it has the content of `content_digest`, as far as anybody has read it.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (roster_id IS NULL)", name="subject"),
        CheckConstraint("layer_id IS NULL OR roster_id IS NOT NULL", name="layer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int | None] = mapped_column(person_fk(), index=True)
    roster_id: Mapped[int | None] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), index=True)
    # No foreign key: a layer that is removed may come back by undo, under its id, and the address with it.
    layer_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(server_default=text("''"), default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    content_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person: Mapped[Person | None] = relationship()
    roster: Mapped[Roster | None] = relationship()


class CalendarEvent(Base):
    """An event as feeds have last shown it: what it said (a digest), how often and when (UTC) that has changed."""

    __tablename__ = "calendar_event"

    uid: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sequence: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class HandoffNotice(Base):
    """Somebody was told that they come on call (`comes`) or go off at an instant; who comes is asked to reply OK.

    `code`: what has to stand behind that OK. Those of one person that wait together share one; notices of earlier
    releases have none.
    """

    __tablename__ = "handoff_notice"
    __table_args__ = (
        UniqueConstraint("layer_id", "at", "person_id", "comes"),
        Index("ix_handoff_notice_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    layer_id: Mapped[int | None] = mapped_column(ForeignKey("roster_layer.id", ondelete="SET NULL"))
    layer: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int] = mapped_column(person_fk(), index=True)
    comes: Mapped[bool]
    code: Mapped[str | None]
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silence_told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person: Mapped[Person] = relationship()
    roster: Mapped[Roster] = relationship()

"""Rosters as tables. What they mean at an instant is a question for `schedules.rosters.roster`."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from core.years import FIRST_YEAR, LAST_YEAR
from oncall.models.people import Person, person_fk
from schedules.rosters.overrides import Kind
from schedules.rosters.rotation import Count
from schedules.spans import Span

# Earlier releases took any year for an override and for time off.
_FIRST: Final = datetime(FIRST_YEAR - 100, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(LAST_YEAR + 101, 1, 1, tzinfo=UTC)


class Roster(Base):
    """Who is on call for some regions: layers rung in order."""

    __tablename__ = "roster"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    time_zone: Mapped[str]
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    layers: Mapped[list["RosterLayer"]] = relationship(
        cascade="all, delete-orphan", order_by="RosterLayer.position", back_populates="roster"
    )


class RosterLayer(Base):
    """A layer (first, backup, ...). `duty_hours`: list of {days, from, to}; empty means always."""

    __tablename__ = "roster_layer"
    __table_args__ = (UniqueConstraint("roster_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int]
    duty_hours: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    roster: Mapped[Roster] = relationship(back_populates="layers")
    rotations: Mapped[list["RosterRotation"]] = relationship(
        cascade="all, delete-orphan", order_by="RosterRotation.position"
    )
    overrides: Mapped[list["RosterOverride"]] = relationship(cascade="all, delete-orphan", order_by="RosterOverride.id")


class RosterRotation(Base):
    """Turns that follow each other. `starts` and `until` are wall-clock times of the roster's zone.

    `count`: whether all days make up a turn, or only those on which the layer is on duty.
    """

    __tablename__ = "roster_rotation"
    __table_args__ = (
        CheckConstraint("every_n > 0", name="every_n"),
        CheckConstraint("every_unit IN ('hours', 'days', 'weeks', 'months')", name="every_unit"),
        CheckConstraint(one_of("count", Count), name="count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("roster_layer.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    starts: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    every_n: Mapped[int]
    every_unit: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    count: Mapped[Count] = mapped_column(EnumText(Count), server_default=text(f"'{Count.ALL}'"), default=Count.ALL)
    turns: Mapped[list["RosterTurn"]] = relationship(
        cascade="all, delete-orphan", order_by="RosterTurn.turn, RosterTurn.position"
    )


class RosterTurn(Base):
    """One person of one turn; several rows of the same `turn` share it."""

    __tablename__ = "roster_turn"

    rotation_id: Mapped[int] = mapped_column(ForeignKey("roster_rotation.id", ondelete="CASCADE"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(person_fk())
    person: Mapped[Person] = relationship()


class RosterOverride(Base):
    """A span in which somebody else (or nobody, on purpose) holds a layer, or somebody is added to it.

    Two of a layer may not overlap. `made_by` is a name as it was then; empty for those that came from a file. `origin`:
    the calendar and the event that it was imported from, as long as nobody has changed it by hand.
    """

    __tablename__ = "roster_override"
    __table_args__ = (
        CheckConstraint("NOT isempty(span)", name="span"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(f"kind = '{Kind.REPLACE}' OR person_id IS NOT NULL", name="somebody_added"),
        # The layer goes in as a one-element range: range operators need no extension, plain `=` in GiST would.
        ExcludeConstraint(
            (text("int4range(layer_id, layer_id, '[]')"), "&&"), ("span", "&&"), name="ex_roster_override_overlap"
        ),
        Index("ix_roster_override_layer_id", "layer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("roster_layer.id", ondelete="CASCADE"))
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    person_id: Mapped[int | None] = mapped_column(person_fk())
    note: Mapped[str] = mapped_column(server_default=text("''"), default="")
    kind: Mapped[Kind] = mapped_column(EnumText(Kind), server_default=text(f"'{Kind.REPLACE}'"), default=Kind.REPLACE)
    made_by: Mapped[str] = mapped_column(server_default=text("''"), default="")
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    swap_id: Mapped[int | None] = mapped_column(ForeignKey("roster_swap.id", ondelete="SET NULL"), index=True)
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    person: Mapped[Person | None] = relationship()


def span_of(stored: Range[datetime]) -> Span:
    """A stored span (UTC), cut where calendars have no room: what ends in the year 9999 is for ever.

    Raises ValueError for one without beginning or end, which nobody writes.
    """
    if stored.lower is None or stored.upper is None:
        raise ValueError(f"a span needs a beginning and an end: {stored}")
    return Span(max(stored.lower, _FIRST), min(stored.upper, _LAST))

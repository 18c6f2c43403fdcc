"""Rosters as plain data, read once a process and kept until one of them changes.

The database counts: every statement that touches a roster's tables gives `rosters_version` a new value in the same
transaction (a trigger does it, so that nobody can forget to). A version never comes twice, so what is kept under it
is right or never asked for again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVarTuple

from sqlalchemy import Select, any_, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from core import log
from oncall.models.people import ACTIVE, Person
from oncall.models.planning.changes import TimeOff as TimeOffRow
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer, RosterOverride, RosterRotation, RosterTurn, span_of
from oncall.models.stored_settings import ROSTERS_VERSION, Setting
from oncall.rosters.bad_rosters import BadRoster, BadRosterError, answered, tried
from schedules.rosters.roster import (
    Count,
    Departure,
    DutyHours,
    Every,
    Layer,
    Override,
    PersonId,
    Roster,
    Rotation,
    TimeOff,
    Unit,
    who_at,
)
from schedules.rosters.soundness import refuse_unsound

Columns = TypeVarTuple("Columns")

logger = log.get_logger(__name__)

# Overrides and times off this far around the instant asked about are kept with the rosters.
_BEHIND: Final = timedelta(days=1)
_AHEAD: Final = timedelta(days=35)

_EVER: Final = datetime.min.replace(tzinfo=UTC)

_VERSION: Final = select(Setting.value).where(Setting.name == ROSTERS_VERSION)


@dataclass(frozen=True)
class _Kept:
    """All rosters at one version, with the overrides and times off from `start` to `end` (UTC; None: for ever)."""

    version: str
    start: datetime
    end: datetime | None
    read: "Read"

    def answers(self, version: str, at: datetime) -> bool:
        return self.version == version and self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True)
class Read:
    """The rosters by id, without those that are `bad`."""

    rosters: tuple[Roster, ...]
    bad: tuple[BadRoster, ...] = ()

    def with_empty_ones(self) -> list[Roster]:
        """All of them, the bad ones as if they had no layers: what they should cover is not covered."""
        return [*self.rosters, *(Roster(each.name, each.clock, each.regions, ()) for each in self.bad)]

    def failing_at(self, at: datetime) -> list[BadRoster]:
        """Those that are bad, and those of which no answer about the instant (UTC) can be had."""
        found = (answered(roster, lambda each: who_at(each, at)) for roster in self.rosters)
        return [*self.bad, *(each for each in found if isinstance(each, BadRoster))]


class Shelf:
    """Where a process keeps the rosters that it has read. Threads may share it: what lies there is never changed.

    `ahead`: overrides and times off so far ahead are kept with them; None: all that come.
    """

    def __init__(self, ahead: timedelta | None = _AHEAD) -> None:
        self._ahead = ahead
        self._kept: _Kept | None = None

    def rosters_at(self, session: Session, at: datetime) -> tuple[Roster, ...]:
        """All rosters by id, good for questions about the instant `at` (UTC). Bad ones are left out."""
        return self.read_at(session, at).rosters

    def read_at(self, session: Session, at: datetime) -> Read:
        """The same, with the bad ones named."""
        version, kept = session.scalar(_VERSION), self._kept
        if version is not None and kept is not None and kept.answers(version, at):
            return kept.read
        start, end = at - _BEHIND, None if self._ahead is None else at + self._ahead
        # Read after the version: should a change come between, its data lie under the old version, which is over.
        read = read_rosters(session, start, end)
        if version is not None:
            self._kept = _Kept(version, start, end, read)
        return read


# Where questions about now find them. Whoever asks about another year brings a shelf of their own.
SHELF: Final = Shelf()
# The same for pages that look ahead from now, as far as anything is planned.
PLANNED: Final = Shelf(ahead=None)


def load_rosters(
    session: Session, start: datetime, end: datetime | None, *, region: str | None = None, name: str | None = None
) -> list[Roster]:
    """Rosters by id, with those overrides and times off that touch `start` to `end` (UTC; None: for ever).

    Bad ones are left out, and logged. People are known by id. `region` and `name` narrow the choice. Five queries. An
    answer about an instant is right whatever `end` after it; how long it holds is only known up to `end`.
    """
    return list(read_rosters(session, start, end, region=region, name=name).rosters)


def read_rosters(
    session: Session,
    start: datetime,
    end: datetime | None,
    *,
    region: str | None = None,
    name: str | None = None,
    history: bool = False,
) -> Read:
    """`load_rosters`, with the bad ones named. `history`: who has left is still seen where they stood before that.

    Otherwise they are on call at no instant at all: a clock that was set back must not bring them back.
    """
    layers = (
        select(
            RosterRow.id, RosterRow.name, RosterRow.time_zone, RosterRow.regions,
            RosterLayer.id, RosterLayer.name, RosterLayer.duty_hours,
        )
        .outerjoin(RosterLayer, RosterLayer.roster_id == RosterRow.id)
        .order_by(RosterRow.id, RosterLayer.position, RosterLayer.id)
    )  # fmt: skip
    rows = session.execute(_narrowed(layers, region, name)).all()
    rotations = _rotations(session, region, name)
    overrides = _overrides(session, start, end, region, name)
    away = _time_off(session, start, end)
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    parts = _Parts(rotations, overrides, away, _departures(session, history))
    found = [_read_one(each, parts) for each in grouped.values()]
    bad = tuple(each for each in found if isinstance(each, BadRoster))
    return Read(tuple(each for each in found if isinstance(each, Roster)), bad)


def load_roster(session: Session, name: str, start: datetime, end: datetime | None, *, history: bool = False) -> Roster:
    """The roster of this name, as `read_rosters` reads it. Raises BadRosterError when it can't be worked out."""
    read = read_rosters(session, start, end, name=name, history=history)
    refuse_bad(read, name)
    return read.rosters[0]


def refuse_bad(read: Read, name: str) -> None:
    """Raises BadRosterError when the roster of this name can't be worked out."""
    for bad in read.bad:
        if bad.name == name:
            raise BadRosterError(bad)


def _read_one(rows: Sequence[Any], parts: "_Parts") -> Roster | BadRoster:
    _, name, zone, regions = rows[0][:4]
    return tried(lambda: _roster(rows, parts), name, zone, tuple(regions))


@dataclass(frozen=True)
class _Parts:
    """What rosters are made of: rotations and overrides as stored, by the layer's id."""

    rotations: dict[int, list[tuple[RosterRotation, list[list[PersonId]]]]]
    overrides: dict[int, list[tuple[Any, ...]]]
    away: tuple[TimeOff, ...]
    departures: tuple[Departure, ...]


def _roster(rows: Sequence[Any], parts: _Parts) -> Roster:
    """Raises ValueError, and others, for a roster that makes no sense."""
    _, name, zone, regions = rows[0][:4]
    placed = [row[4:] for row in rows if row[4] is not None]
    layers = tuple(
        Layer(layer, tuple(_rotation(*each) for each in parts.rotations[key]), _hours(hours))
        for key, layer, hours in placed
    )
    in_force = tuple(_override(*one) for key, *_ in placed for one in parts.overrides[key])
    roster = Roster(name, zone, tuple(regions), layers, in_force, parts.away, parts.departures)
    refuse_unsound(roster)
    return roster


def _override(layer: str, start: datetime | None, end: datetime | None, *more: Any) -> Override:
    span = span_of(Range(start, end))
    return Override(layer, span.start, span.end, *more)


def _rotation(row: RosterRotation, turns: list[list[PersonId]]) -> Rotation:
    every = Every(row.every_n, Unit(row.every_unit.removesuffix("s")))
    return Rotation(row.starts, every, tuple(tuple(turn) for turn in turns), row.until, Count(row.count))


def _hours(stored: Iterable[dict[str, Any]]) -> tuple[DutyHours, ...]:
    return tuple(DutyHours.parse(each["days"], each["from"], each["to"]) for each in stored)


def _rotations(
    session: Session, region: str | None, name: str | None
) -> dict[int, list[tuple[RosterRotation, list[list[PersonId]]]]]:
    """With the people of their turns, by the layer's id, in their order."""
    query = (
        select(RosterRotation, RosterTurn.turn, RosterTurn.person_id)
        .join(RosterTurn, RosterTurn.rotation_id == RosterRotation.id)
        .join(RosterLayer, RosterLayer.id == RosterRotation.layer_id)
        .join(RosterRow, RosterRow.id == RosterLayer.roster_id)
        .order_by(RosterRotation.position, RosterRotation.id, RosterTurn.turn, RosterTurn.position)
    )
    turns: dict[int, dict[int, list[PersonId]]] = defaultdict(lambda: defaultdict(list))
    rows: dict[int, RosterRotation] = {}
    # As they stand now, also in a session that has seen them before: what is read may be kept.
    fresh = _narrowed(query, region, name).execution_options(populate_existing=True)
    for rotation, turn, person in session.execute(fresh):
        rows[rotation.id] = rotation
        turns[rotation.id][turn].append(person)
    found: dict[int, list[tuple[RosterRotation, list[list[PersonId]]]]] = defaultdict(list)
    for row in rows.values():
        found[row.layer_id].append((row, list(turns[row.id].values())))
    return found


def _overrides(
    session: Session, start: datetime, end: datetime | None, region: str | None, name: str | None
) -> dict[int, list[tuple[Any, ...]]]:
    """The fields of an Override, by the layer's id."""
    query = (
        select(
            RosterOverride.layer_id,
            RosterLayer.name,
            func.lower(RosterOverride.span),
            func.upper(RosterOverride.span),
            RosterOverride.person_id,
            RosterOverride.note,
            RosterOverride.kind,
            RosterOverride.made_by,
            RosterOverride.made_at,
        )
        .join(RosterLayer, RosterLayer.id == RosterOverride.layer_id)
        .join(RosterRow, RosterRow.id == RosterLayer.roster_id)
        .where(RosterOverride.span.overlaps(Range(start, end)))
        .order_by(RosterOverride.id)
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for layer_id, *override in session.execute(_narrowed(query, region, name)):
        found[layer_id].append(tuple(override))
    return found


def _time_off(session: Session, start: datetime, end: datetime | None) -> tuple[TimeOff, ...]:
    """Everybody's: it holds whatever the roster."""
    span = TimeOffRow.span
    query = select(TimeOffRow.person_id, func.lower(span), func.upper(span), TimeOffRow.note)
    found = session.execute(query.where(span.overlaps(Range(start, end))).order_by(TimeOffRow.id))
    return tuple(_readable_time_off(found))


def _readable_time_off(rows: Iterable[Sequence[Any]]) -> Iterator[TimeOff]:
    """Without what makes no sense: it is everybody's, and would take all rosters with it."""
    for person, start, end, note in rows:
        try:
            span = span_of(Range(start, end))
            yield TimeOff(person, span.start, span.end, note)
        except (ValueError, TypeError, AttributeError) as error:
            logger.error("time off can't be read, and counts for nothing", person=person, reason=str(error))


def _departures(session: Session, history: bool) -> tuple[Departure, ...]:
    """Who has left: it holds whatever the roster."""
    query = select(Person.id, Person.retired_at).where(~ACTIVE).order_by(Person.id)
    return tuple(Departure(person, at if history and at else _EVER) for person, at in session.execute(query))


def _narrowed(query: Select[*Columns], region: str | None, name: str | None) -> Select[*Columns]:
    if region is not None:
        query = query.where(any_(RosterRow.regions) == region)
    return query if name is None else query.where(RosterRow.name == name)

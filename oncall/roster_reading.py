"""Rosters as plain data, read once a process and kept until one of them changes.

The database counts: every statement that touches a roster's tables gives `rosters_version` a new value in the same
transaction (a trigger does it, so that nobody can forget to). A version never comes twice, so what is kept under it
is right or never asked for again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVarTuple

from sqlalchemy import Select, any_, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.rostering.models import TimeOff as TimeOffRow
from oncall.rosters import Roster as RosterRow
from oncall.rosters import RosterLayer, RosterOverride, RosterRotation, RosterTurn
from oncall.setting import ROSTERS_VERSION, Setting
from schedules.roster import DutyHours, Every, Layer, Override, PersonId, Roster, Rotation, Unit
from schedules.time_off import TimeOff

Columns = TypeVarTuple("Columns")

# Overrides and times off this far around the instant asked about are kept with the rosters.
_BEHIND: Final = timedelta(days=1)
_AHEAD: Final = timedelta(days=35)

_VERSION: Final = select(Setting.value).where(Setting.name == ROSTERS_VERSION)


@dataclass(frozen=True)
class _Kept:
    """All rosters at one version, with the overrides and times off from `start` to `end` (UTC)."""

    version: str
    start: datetime
    end: datetime
    rosters: tuple[Roster, ...]

    def answers(self, version: str, at: datetime) -> bool:
        return self.version == version and self.start <= at < self.end


class Shelf:
    """Where a process keeps the rosters that it has read. Threads may share it: what lies there is never changed."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def rosters_at(self, session: Session, at: datetime) -> tuple[Roster, ...]:
        """All rosters by id, good for questions about the instant `at` (UTC)."""
        version, kept = session.scalar(_VERSION), self._kept
        if version is not None and kept is not None and kept.answers(version, at):
            return kept.rosters
        start, end = at - _BEHIND, at + _AHEAD
        # Read after the version: should a change come between, its data lie under the old version, which is over.
        rosters = tuple(load_rosters(session, start, end))
        if version is not None:
            self._kept = _Kept(version, start, end, rosters)
        return rosters


# Where questions about now find them. Whoever asks about another year brings a shelf of their own.
SHELF: Final = Shelf()


def load_rosters(
    session: Session, start: datetime, end: datetime | None, *, region: str | None = None, name: str | None = None
) -> list[Roster]:
    """Rosters by id, with those overrides and times off that touch `start` to `end` (UTC; None: for ever).

    People are known by id. `region` and `name` narrow the choice. Four queries. An answer about an instant is right
    whatever `end` after it; how long it holds is only known up to `end`.
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
    return [_roster(each, rotations, overrides, away) for each in grouped.values()]


def _roster(
    rows: Sequence[Any],
    rotations: dict[int, list[Rotation]],
    overrides: dict[int, list[Override]],
    away: tuple[TimeOff, ...],
) -> Roster:
    _, name, zone, regions = rows[0][:4]
    placed = [row[4:] for row in rows if row[4] is not None]
    layers = tuple(Layer(layer, tuple(rotations[key]), _hours(hours)) for key, layer, hours in placed)
    in_force = tuple(one for key, *_ in placed for one in overrides[key])
    return Roster(name, zone, tuple(regions), layers, in_force, away)


def _hours(stored: Iterable[dict[str, Any]]) -> tuple[DutyHours, ...]:
    return tuple(DutyHours.parse(each["days"], each["from"], each["to"]) for each in stored)


def _rotations(session: Session, region: str | None, name: str | None) -> dict[int, list[Rotation]]:
    """By the layer's id, in their order."""
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
    found: dict[int, list[Rotation]] = defaultdict(list)
    for row in rows.values():
        every = Every(row.every_n, Unit(row.every_unit.removesuffix("s")))
        people = tuple(tuple(turn) for turn in turns[row.id].values())
        found[row.layer_id].append(Rotation(row.starts, every, people, row.until))
    return found


def _overrides(
    session: Session, start: datetime, end: datetime | None, region: str | None, name: str | None
) -> dict[int, list[Override]]:
    """By the layer's id."""
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
    found: dict[int, list[Override]] = defaultdict(list)
    for layer_id, *override in session.execute(_narrowed(query, region, name)):
        found[layer_id].append(Override(*override))
    return found


def _time_off(session: Session, start: datetime, end: datetime | None) -> tuple[TimeOff, ...]:
    """Everybody's: it holds whatever the roster."""
    span = TimeOffRow.span
    query = select(TimeOffRow.person_id, func.lower(span), func.upper(span), TimeOffRow.note)
    found = session.execute(query.where(span.overlaps(Range(start, end))).order_by(TimeOffRow.id))
    return tuple(TimeOff(*row) for row in found)


def _narrowed(query: Select[*Columns], region: str | None, name: str | None) -> Select[*Columns]:
    if region is not None:
        query = query.where(any_(RosterRow.regions) == region)
    return query if name is None else query.where(RosterRow.name == name)

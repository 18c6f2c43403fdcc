"""Who is on call: rosters read from their tables into plain data, and the order in which people are rung.

This stands on the way of every page: three or four queries whatever the number of rosters, and no lazy loads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVarTuple

from sqlalchemy import Select, any_, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.people import Person, Role
from oncall.rosters import Roster as RosterRow
from oncall.rosters import RosterLayer, RosterOverride, RosterRotation, RosterTurn
from schedules.roster import DutyHours, Every, Layer, LayerDuty, Override, PersonId, Roster, Rotation, Unit, Why, who_at
from schedules.wall_clock import to_utc

Columns = TypeVarTuple("Columns")

_MOMENT: Final = timedelta(microseconds=1)
# A wall-clock time is at most this far from the same digits in UTC.
_WIDEST_OFFSET: Final = timedelta(hours=15)


class UnknownRosterError(LookupError):
    """There is no roster of this name; says which there are."""


@dataclass(frozen=True)
class Link:
    """Somebody to ring. `source` says why: the layer's name, "team leader" or "support manager"."""

    person: Person
    source: str


@dataclass(frozen=True)
class LayerOnCall:
    """A layer's people at an instant, and what put them there."""

    layer: str
    people: tuple[Person, ...]
    why: Why


@dataclass(frozen=True)
class RosterOnCall:
    """A roster's layers at the instant `at` (UTC), in ringing order."""

    roster: str
    time_zone: str
    at: datetime
    layers: tuple[LayerOnCall, ...]


def chain(session: Session, region: str | None, now: datetime) -> list[Link]:
    """Everybody to ring for a region (None: for any), in order, nobody twice.

    First the people on call now in every roster that serves the region, layer by layer; then all team leaders; then
    all support managers.
    """
    rosters = load_rosters(session, now, now + _MOMENT, region=region)
    duties = [duty for roster in rosters for duty in who_at(roster, now)]
    ids = {person for duty in duties for person in duty.people}
    chiefs = (Role.TEAM_LEADER, Role.SUPPORT_MANAGER)
    found = session.scalars(select(Person).where(or_(Person.id.in_(ids), Person.role.in_(chiefs))).order_by(Person.id))
    people: dict[PersonId, Person] = {person.id: person for person in found}
    links = [Link(people[person], duty.layer) for duty in duties for person in duty.people]
    links += [Link(person, role.spoken) for role in chiefs for person in people.values() if person.role == role]
    first: dict[int, Link] = {}
    for link in links:
        first.setdefault(link.person.id, link)
    return list(first.values())


def on_call(session: Session, at: datetime, roster_name: str | None = None) -> list[RosterOnCall]:
    """Who is on call at an instant in every roster, or in the one of that name.

    A naive `at` is read on each roster's own clock. Raises UnknownRosterError.
    """
    margin = _WIDEST_OFFSET if at.tzinfo is None else timedelta(0)
    near = _as_if_utc(at)
    rosters = load_rosters(session, near - margin, near + margin + _MOMENT, name=roster_name)
    if roster_name is not None and not rosters:
        names = session.scalars(select(RosterRow.name).order_by(RosterRow.id)).all()
        known = f"rosters are: {', '.join(names)}" if names else "there is no roster yet; load a directory first"
        raise UnknownRosterError(f"there is no roster {roster_name!r}; {known}")
    instants = [to_utc(at, roster.time_zone) if at.tzinfo is None else near for roster in rosters]
    duties = [who_at(roster, instant) for roster, instant in zip(rosters, instants, strict=True)]
    ids = {person for each in duties for duty in each for person in duty.people}
    people: dict[PersonId, Person] = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [
        RosterOnCall(roster.name, roster.time_zone, instant, tuple(_named(duty, people) for duty in each))
        for roster, instant, each in zip(rosters, instants, duties, strict=True)
    ]


def load_rosters(
    session: Session, start: datetime, end: datetime, *, region: str | None = None, name: str | None = None
) -> list[Roster]:
    """Rosters by id, with those overrides that touch `start` to `end` (UTC), people known by id.

    `region` and `name` narrow the choice. Three queries.
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
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return [_roster(each, rotations, overrides) for each in grouped.values()]


def _roster(rows: Sequence[Any], rotations: dict[int, list[Rotation]], overrides: dict[int, list[Override]]) -> Roster:
    _, name, zone, regions = rows[0][:4]
    placed = [row[4:] for row in rows if row[4] is not None]
    layers = tuple(Layer(layer, tuple(rotations[key]), _hours(hours)) for key, layer, hours in placed)
    return Roster(name, zone, tuple(regions), layers, tuple(one for key, *_ in placed for one in overrides[key]))


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
    for rotation, turn, person in session.execute(_narrowed(query, region, name)):
        rows[rotation.id] = rotation
        turns[rotation.id][turn].append(person)
    found: dict[int, list[Rotation]] = defaultdict(list)
    for row in rows.values():
        every = Every(row.every_n, Unit(row.every_unit.removesuffix("s")))
        people = tuple(tuple(turn) for turn in turns[row.id].values())
        found[row.layer_id].append(Rotation(row.starts, every, people, row.until))
    return found


def _overrides(
    session: Session, start: datetime, end: datetime, region: str | None, name: str | None
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


def _narrowed(query: Select[*Columns], region: str | None, name: str | None) -> Select[*Columns]:
    if region is not None:
        query = query.where(any_(RosterRow.regions) == region)
    return query if name is None else query.where(RosterRow.name == name)


def _named(duty: LayerDuty, people: dict[PersonId, Person]) -> LayerOnCall:
    return LayerOnCall(duty.layer, tuple(people[person] for person in duty.people), duty.why)


def _as_if_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

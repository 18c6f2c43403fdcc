"""The roster in force as a plan, and who may change it: read from the tables."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from oncall.models.people import Person
from oncall.models.rosters import Roster, RosterLayer, RosterOverride, RosterRotation, span_of
from oncall.planning.plans.plan import Editor, Plan, PlannedLayer, PlannedOverride
from oncall.rosters.errors import GoneError
from schedules.rosters.layers import DutyHours
from schedules.rosters.rotation import Count, Every, Rotation
from schedules.spans import Span


def roster_now(session: Session, roster_id: int) -> Roster:
    """The roster with layers and rotations as they stand now. Raises GoneError."""
    rotations = selectinload(Roster.layers).selectinload(RosterLayer.rotations).selectinload(RosterRotation.turns)
    query = select(Roster).where(Roster.id == roster_id).options(rotations).execution_options(populate_existing=True)
    roster = session.scalar(query)
    if roster is None:
        raise GoneError("This roster is not there any more: load the page again.")
    return roster


def plan_of(session: Session, roster: Roster, where: ColumnElement[bool]) -> Plan:
    """The roster in force, as `roster_now` has read it, with those overrides for which `where` holds."""
    overrides = overrides_of(session, [layer.id for layer in roster.layers], where)
    return Plan(tuple(planned_layer(layer, overrides.get(layer.id, ())) for layer in roster.layers))


def overrides_of(
    session: Session, layers: Sequence[int], *where: ColumnElement[bool]
) -> dict[int, list[PlannedOverride]]:
    """Overrides of these layers (ids), by layer and from the earliest on."""
    table = RosterOverride
    query = select(
        table.layer_id, table.id, table.span, table.person_id, table.kind, table.note, table.made_by, table.made_at,
        table.swap_id,
    ).where(table.layer_id.in_(layers), *where)  # fmt: skip
    found: dict[int, list[PlannedOverride]] = defaultdict(list)
    for row in session.execute(query.order_by(func.lower(table.span))):
        found[row.layer_id].append(planned(row))
    return found


def at(span: Span) -> ColumnElement[bool]:
    """Overrides that hold at any time of the span."""
    touching: ColumnElement[bool] = RosterOverride.span.overlaps(Range(span.start, span.end))
    return touching


def planned(row: Any) -> PlannedOverride:
    """A row of overrides as plain data."""
    return PlannedOverride(
        row.id, span_of(row.span), row.person_id, row.kind, row.note, row.made_by, row.made_at, row.swap_id
    )


def planned_layer(row: RosterLayer, overrides: Sequence[PlannedOverride] = ()) -> PlannedLayer:
    """A layer as plain data, with these overrides.

    Rotations and hours that make no sense are left out: the layer can be covered, moved, removed and made anew.
    """
    try:
        rotations = tuple(_rotation(each) for each in row.rotations)
    except ValueError:
        rotations = ()
    try:
        hours = tuple(DutyHours.parse(each["days"], each["from"], each["to"]) for each in row.duty_hours)
    except (ValueError, KeyError, TypeError):
        hours = ()
    return PlannedLayer(row.id, row.name, rotations, hours, tuple(overrides))


def hand(session: Session, name: str, now: datetime, zone: str, *, only_ahead: bool = False) -> Editor:
    """Somebody who changes a plan, and everybody's names."""
    rows = session.execute(select(Person.id, Person.name, Person.retired_at).order_by(Person.name)).all()
    left = frozenset(id_ for id_, _, retired_at in rows if retired_at is not None)
    return Editor(name, now, zone, {id_: person for id_, person, _ in rows}, left, only_ahead)


def _rotation(row: RosterRotation) -> Rotation:
    turns: dict[int, list[int]] = defaultdict(list)
    for each in row.turns:
        turns[each.turn].append(each.person_id)
    every = Every.parse(f"{row.every_n} {row.every_unit}")
    return Rotation(row.starts, every, tuple(tuple(turn) for turn in turns.values()), row.until, Count(row.count))

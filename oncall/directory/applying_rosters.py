"""Rosters of a directory file, written to the database."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from oncall.directory.changes import Changes
from oncall.models.people import Person
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer, RosterOverride, RosterRotation, span_of
from oncall.models.stored_settings import read, write
from oncall.planning.plans.plan import stored_hours
from oncall.planning.plans.writing import stored_rotation
from schedules.rosters.roster import Layer, Override, Roster, Rotation
from schedules.wall_clock import wall_time, written_wall

# Ids of the overrides that came from a file, so that those made elsewhere (a shift passed on at night, say) outlive
# the next load, and those taken out of the file don't.
FILE_OVERRIDES: Final = "directory_overrides"

OverrideKey = tuple[datetime, datetime, int | None]


def apply_rosters(session: Session, rosters: Iterable[Roster], changes: Changes) -> None:
    """Write the rosters; their people must be there already."""
    rosters = list(rosters)
    if not rosters:
        return
    people = {row.name: row.id for row in session.execute(select(Person.name, Person.id))}
    rows = _by_name(session, rosters)
    remembered = frozenset(read(session, FILE_OVERRIDES) or ())
    kept = set(remembered)
    for roster in rosters:
        row = rows.get(roster.name)
        if row is None:
            row = RosterRow(name=roster.name, time_zone=roster.time_zone, regions=list(roster.regions), layers=[])
            session.add(row)
            changes.note(f"roster {roster.name}", "added")
        known = Changes() if roster.name not in rows else changes  # "added" says it all
        _roster(row, roster, people, known)
        kept -= {override.id for layer in row.layers for override in layer.overrides if override.id}
        of_file = _overrides(session, row, roster, people, remembered, known)
        session.flush()
        kept |= {override.id for override in of_file}
    if kept != remembered:
        write(session, FILE_OVERRIDES, sorted(kept))


def _by_name(session: Session, rosters: list[Roster]) -> dict[str, RosterRow]:
    layers = selectinload(RosterRow.layers)
    query = (
        select(RosterRow)
        .where(RosterRow.name.in_([roster.name for roster in rosters]))
        .options(
            layers.selectinload(RosterLayer.rotations).selectinload(RosterRotation.turns),
            layers.selectinload(RosterLayer.overrides),
        )
    )
    return {row.name: row for row in session.scalars(query)}


def _roster(row: RosterRow, roster: Roster, people: dict[str, int], changes: Changes) -> None:
    subject = f"roster {roster.name}"
    changes.update(subject, row, {"time_zone": roster.time_zone, "regions": list(roster.regions)})
    before = {layer.name: layer for layer in row.layers}
    order = [layer.name for layer in roster.layers]
    changes.members(subject, "layer", set(before), set(order))
    if (staying := [name for name in before if name in order]) != [name for name in order if name in before]:
        changes.note(subject, f"order of layers {', '.join(staying)} → {', '.join(order)}")
    for name, stored in before.items():
        if name not in order:
            row.layers.remove(stored)
    for position, layer in enumerate(roster.layers):
        known = changes if layer.name in before else Changes()
        stored = before.get(layer.name) or _new_layer(row, layer.name)
        stored.position = position
        _layer(stored, layer, people, f"{subject}: layer {layer.name}", known)


def _new_layer(row: RosterRow, name: str) -> RosterLayer:
    layer = RosterLayer(name=name, duty_hours=[], rotations=[], overrides=[])
    row.layers.append(layer)
    return layer


def _layer(row: RosterLayer, layer: Layer, people: dict[str, int], subject: str, changes: Changes) -> None:
    hours = [stored_hours(each) for each in layer.hours]
    if row.duty_hours != hours:
        row.duty_hours = hours
        changes.note(subject, "hours changed")
    wanted = [_stored_rotation(place, each, people) for place, each in enumerate(layer.rotations)]
    if [_facts(stored) for stored in row.rotations] != [_facts(each) for each in wanted]:
        row.rotations = wanted
        changes.note(subject, "rotation changed")


def _stored_rotation(place: int, rotation: Rotation, people: dict[str, int]) -> RosterRotation:
    turns = tuple(tuple(people[str(person)] for person in turn) for turn in rotation.turns)
    return stored_rotation(place, replace(rotation, turns=turns))


def _facts(row: RosterRotation) -> tuple[object, ...]:
    """What makes two stored rotations the same."""
    turns = [(turn.turn, turn.position, turn.person_id) for turn in row.turns]
    return row.starts, row.until, row.every_n, row.every_unit, row.count, turns


def _overrides(
    session: Session,
    row: RosterRow,
    roster: Roster,
    people: dict[str, int],
    remembered: frozenset[int],
    changes: Changes,
) -> list[RosterOverride]:
    """Make the layers' overrides those of the file; the rows that are the file's."""
    of_file: list[RosterOverride] = []
    for layer in row.layers:
        wanted = [override for override in roster.overrides if override.layer == layer.name]
        same = {_key(stored): stored for stored in layer.overrides}
        keys = {_wanted_key(override, people): override for override in wanted}
        for stored in list(layer.overrides):
            if _key(stored) not in keys and (stored.id in remembered or _collides(stored, wanted)):
                layer.overrides.remove(stored)
                changes.note(
                    f"roster {roster.name}", f"override {_shown(stored, layer.name, roster.time_zone)} removed"
                )
        session.flush()  # what goes must be gone before what takes its place comes
        for key, override in keys.items():
            stored = same.get(key) or _new_override(layer, key, roster, changes)
            if stored.note != override.note:
                stored.note = override.note
                if stored.id is not None:
                    shown = _shown(stored, layer.name, roster.time_zone)
                    changes.note(f"roster {roster.name}", f"override {shown}: note changed")
            of_file.append(stored)
    return of_file


def _new_override(layer: RosterLayer, key: OverrideKey, roster: Roster, changes: Changes) -> RosterOverride:
    start, end, person_id = key
    row = RosterOverride(span=Range(start, end), person_id=person_id, note="")
    layer.overrides.append(row)
    changes.note(f"roster {roster.name}", f"override {_shown(row, layer.name, roster.time_zone)} added")
    return row


def _key(row: RosterOverride) -> OverrideKey:
    return (*_bounds(row), row.person_id)


def _bounds(row: RosterOverride) -> tuple[datetime, datetime]:
    span = span_of(row.span)
    return span.start, span.end


def _collides(row: RosterOverride, wanted: Iterable[Override]) -> bool:
    start, end = _bounds(row)
    return any(override.start < end and start < override.end for override in wanted)


def _wanted_key(override: Override, people: dict[str, int]) -> OverrideKey:
    person = None if override.person is None else people[str(override.person)]
    return override.start, override.end, person


def _shown(row: RosterOverride, layer: str, zone: str) -> str:
    """For example "of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00"."""
    start, end = _bounds(row)
    return f"of {layer} from {written_wall(wall_time(start, zone))} to {written_wall(wall_time(end, zone))}"

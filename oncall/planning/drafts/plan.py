"""Plans as JSON: what a draft is stored as. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from oncall.planning.plans.plan import Plan, PlannedLayer, PlannedOverride, stored_hours
from schedules.rosters.layers import DutyHours
from schedules.rosters.overrides import Kind
from schedules.rosters.roster import Count, Every, Rotation
from schedules.spans import Span

Json: TypeAlias = dict[str, Any]


def to_json(plan: Plan) -> Json:
    """To be stored; `from_json` reads it again."""
    return {
        "layers": [
            {
                "id": layer.id,
                "name": layer.name,
                "hours": [stored_hours(each) for each in layer.hours],
                "rotations": [_rotation_json(each) for each in layer.rotations],
                "overrides": [_override_json(each) for each in layer.overrides],
            }
            for layer in plan.layers
        ]
    }


def from_json(stored: Json) -> Plan:
    """What `to_json` wrote."""
    return Plan(tuple(_layers(stored["layers"])))


def _layers(stored: Sequence[Json]) -> Iterator[PlannedLayer]:
    for each in stored:
        hours = tuple(DutyHours.parse(one["days"], one["from"], one["to"]) for one in each["hours"])
        rotations = tuple(_rotation(one) for one in each["rotations"])
        overrides = tuple(_override(one) for one in each["overrides"])
        yield PlannedLayer(each["id"], each["name"], rotations, hours, overrides)


def _rotation_json(rotation: Rotation) -> Json:
    return {
        "start": rotation.start.isoformat(),
        "every": str(rotation.every),
        "until": None if rotation.until is None else rotation.until.isoformat(),
        "turns": [list(turn) for turn in rotation.turns],
        "count": rotation.count.value,
    }


def _rotation(stored: Json) -> Rotation:
    until = stored["until"]
    return Rotation(
        datetime.fromisoformat(stored["start"]),
        Every.parse(stored["every"]),
        tuple(tuple(turn) for turn in stored["turns"]),
        None if until is None else datetime.fromisoformat(until),
        Count(stored.get("count", Count.ALL)),  # earlier releases counted all days
    )


def _override_json(override: PlannedOverride) -> Json:
    return {
        "id": override.id,
        "start": override.span.start.isoformat(),
        "end": override.span.end.isoformat(),
        "person_id": override.person_id,
        "kind": override.kind,
        "note": override.note,
        "made_by": override.made_by,
        "made_at": None if override.made_at is None else override.made_at.isoformat(),
        "swap_id": override.swap_id,
    }


def _override(stored: Json) -> PlannedOverride:
    made_at = stored["made_at"]
    return PlannedOverride(
        stored["id"],
        Span(datetime.fromisoformat(stored["start"]), datetime.fromisoformat(stored["end"])),
        stored["person_id"],
        Kind(stored["kind"]),
        stored["note"],
        stored["made_by"],
        None if made_at is None else datetime.fromisoformat(made_at),
        stored["swap_id"],
    )

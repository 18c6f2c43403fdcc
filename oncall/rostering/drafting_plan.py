"""A roster's layers and overrides as plain data: what a draft is made of, and what is compared with it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from oncall.rostering.layering import LayerWish, stored_hours
from schedules.layers import DutyHours, Layer
from schedules.roster import Count, Every, Kind, Override, Roster, Rotation
from schedules.spans import Span
from schedules.time_off import TimeOff

# What only a draft has is numbered from here, above the numbers of all rows.
OWN: Final = 2**30

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class PlannedOverride:
    """An override; `id` is its row's, or the draft's own. `person_id` None is nobody, on purpose."""

    id: int
    span: Span
    person_id: int | None
    kind: Kind = Kind.REPLACE
    note: str = ""
    made_by: str = ""
    made_at: datetime | None = None
    swap_id: int | None = None

    @property
    def facts(self) -> tuple[Span, int | None, str, str]:
        """What makes two the same, whoever made them."""
        return self.span, self.person_id, self.kind, self.note


@dataclass(frozen=True)
class PlannedLayer:
    """A layer with its overrides; `id` is its row's, or the draft's own."""

    id: int
    name: str
    rotations: tuple[Rotation, ...]
    hours: tuple[DutyHours, ...] = ()
    overrides: tuple[PlannedOverride, ...] = ()

    @property
    def facts(self) -> tuple[str, tuple[Rotation, ...], tuple[DutyHours, ...]]:
        """What makes two the same, their overrides aside."""
        return self.name, self.rotations, self.hours

    @property
    def wish(self) -> LayerWish:
        return LayerWish(self.name, list(self.rotations), list(self.hours))

    def override(self, override_id: int) -> PlannedOverride | None:
        return next((each for each in self.overrides if each.id == override_id), None)

    def without_past(self, now: datetime) -> "PlannedLayer":
        """The same without the overrides that are over."""
        return replace(self, overrides=tuple(each for each in self.overrides if each.span.end > now))


@dataclass(frozen=True)
class Plan:
    """Layers in the order in which they are rung."""

    layers: tuple[PlannedLayer, ...]

    def layer(self, layer_id: int) -> PlannedLayer | None:
        return next((each for each in self.layers if each.id == layer_id), None)

    def next_id(self) -> int:
        """A number that nothing in the plan has."""
        layers = [layer.id for layer in self.layers]
        overrides = [each.id for layer in self.layers for each in layer.overrides]
        return max(OWN - 1, *layers, *overrides) + 1

    def without_past(self, now: datetime) -> "Plan":
        """The same without the overrides that are over."""
        return Plan(tuple(layer.without_past(now) for layer in self.layers))

    def with_layer(self, layer: PlannedLayer) -> "Plan":
        """The same with `layer` in the place of the one of its number."""
        return Plan(tuple(layer if each.id == layer.id else each for each in self.layers))

    def people(self) -> set[int]:
        """Everybody who stands in it."""
        turns = {
            int(person)
            for layer in self.layers
            for rotation in layer.rotations
            for turn in rotation.turns
            for person in turn
        }
        return turns | {each.person_id for layer in self.layers for each in layer.overrides if each.person_id}


def as_roster(
    plan: Plan,
    like: Roster,
    time_off: Iterable[TimeOff] = (),
    past: Mapping[int, Sequence[PlannedOverride]] | None = None,
) -> Roster:
    """The plan as a roster that can be asked who is on call, with name, zone, regions and departures of `like`.

    `past`: overrides that were over before the draft was begun, by the layer's number; they hold in both.
    """
    layers = tuple(Layer(each.name, each.rotations, each.hours) for each in plan.layers)
    overrides = (
        Override(layer.name, e.span.start, e.span.end, e.person_id, e.note, Kind(e.kind), e.made_by, e.made_at)
        for layer in plan.layers
        for e in (*(past or {}).get(layer.id, ()), *layer.overrides)
    )
    off = tuple(time_off)
    return Roster(like.name, like.time_zone, like.regions, layers, tuple(overrides), off, like.departures)


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

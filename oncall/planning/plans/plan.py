"""A roster's layers and overrides as plain data: so rosters in force and drafts are changed and compared. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from schedules.rosters.layers import WEEKDAYS, DutyHours, Layer
from schedules.rosters.roster import Kind, Override, Roster, Rotation
from schedules.rosters.time_off import TimeOff
from schedules.spans import Span

# What is not stored as a row of its own yet is numbered from here, above the numbers of all rows.
OWN: Final = 2**30


@dataclass(frozen=True)
class OverrideRequest:
    """An override as somebody asks for it. `person_id` None is nobody, on purpose; `kind`: replace or add."""

    span: Span
    person_id: int | None
    kind: Kind = Kind.REPLACE
    note: str = ""


@dataclass(frozen=True)
class LayerWish:
    """A layer as somebody asks for it: rotations of people's ids, wall-clock times of the roster's zone."""

    name: str
    rotations: Sequence[Rotation]
    hours: Sequence[DutyHours] = ()


@dataclass(frozen=True)
class Editor:
    """Who changes a plan, when (UTC), on which clock it is told, everybody's name by id, and who has `left`.

    `only_ahead`: overrides that are over are refused, as in a draft.
    """

    name: str
    now: datetime
    zone: str
    people: Mapping[int, str]
    left: frozenset[int] = frozenset()
    only_ahead: bool = False


@dataclass(frozen=True)
class PlannedOverride:
    """An override; `id` is its row's, or the plan's own. `person_id` None is nobody, on purpose."""

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
    """A layer with its overrides; `id` is its row's, or the plan's own."""

    id: int
    name: str
    rotations: tuple[Rotation, ...]
    hours: tuple[DutyHours, ...] = ()
    overrides: tuple[PlannedOverride, ...] = ()

    @property
    def facts(self) -> tuple[str, tuple[Rotation, ...], tuple[DutyHours, ...]]:
        """What makes two the same, their overrides aside."""
        return self.name, self.rotations, self.hours

    def override(self, override_id: int) -> PlannedOverride | None:
        return next((each for each in self.overrides if each.id == override_id), None)

    def without_past(self, now: datetime) -> "PlannedLayer":
        """The same without the overrides that are over."""
        return replace(self, overrides=tuple(each for each in self.overrides if each.span.end > now))


@dataclass(frozen=True)
class Plan:
    """Layers in the order in which they are rung."""

    layers: tuple[PlannedLayer, ...]

    @property
    def facts(self) -> list[tuple[object, ...]]:
        """What makes two the same, whoever made their overrides."""
        return [(each.id, each.facts, [(one.id, one.facts) for one in each.overrides]) for each in self.layers]

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
        turns = people_of(rotation for layer in self.layers for rotation in layer.rotations)
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


def people_of(rotations: Iterable[Rotation]) -> set[int]:
    """Everybody in their turns."""
    return {int(person) for rotation in rotations for turn in rotation.turns for person in turn}


def stored_hours(hours: DutyHours) -> dict[str, object]:
    """Hours on duty as they are stored and shown; `DutyHours.parse` reads them."""
    days = [WEEKDAYS[day] for day in sorted(hours.days)]
    return {"days": days, "from": f"{hours.from_:%H:%M}", "to": f"{hours.to:%H:%M}"}

"""Who is on call at an instant, in what order, and why.

A layer's answer is found in this order: an override in force, the layer's own hours, its rotations. All
intervals are half-open: at the instant of a handoff the new person is on call, and only the new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from schedules.layers import DutyHours, Layer, hours_at, turns_at
from schedules.overrides import Override, OverrideIndex
from schedules.rotation import Every, PersonId, Rotation, Turn, Unit, turn_at, turn_bounds
from schedules.spans import as_utc
from schedules.wall_clock import zone_info

__all__ = [
    "DutyHours",
    "DutySpan",
    "Every",
    "Layer",
    "LayerDuty",
    "Override",
    "PersonId",
    "Roster",
    "Rotation",
    "Turn",
    "Unit",
    "Why",
    "duty_spans",
    "next_change_of_people",
    "people_at",
    "turn_at",
    "turn_bounds",
    "walk",
    "who_at",
]


class Why(StrEnum):
    """What put a layer's people on call, or kept everybody off."""

    ROTATION = "rotation"
    OVERRIDE = "override"
    OFF_DUTY = "off duty"  # outside the layer's hours
    NOBODY = "nobody"  # no rotation has a turn: before the start, after the end


@dataclass(frozen=True)
class Roster:
    """Layers in the order in which they are rung, with wall-clock times on the clock of `time_zone`.

    Raises ValueError for layers of the same name or an override of an unknown layer, UnknownZoneError for
    the zone.
    """

    name: str
    time_zone: str
    regions: tuple[str, ...]
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        zone_info(self.time_zone)
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise ValueError(f"roster {self.name!r} has two layers of the same name: {', '.join(names)}")
        for override in self.overrides:
            if override.layer not in names:
                raise ValueError(f"roster {self.name!r} has no layer {override.layer!r} to override")

    def layer(self, name: str) -> Layer:
        """The layer of this name. Raises KeyError."""
        return self._by_name[name]

    def override_index(self, layer: str) -> OverrideIndex:
        """The overrides of the layer, sorted once for the life of the roster."""
        return self._indexes[layer]

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    @cached_property
    def _indexes(self) -> dict[str, OverrideIndex]:
        return {
            layer.name: OverrideIndex(each for each in self.overrides if each.layer == layer.name)
            for layer in self.layers
        }


@dataclass(frozen=True)
class LayerDuty:
    """A layer's answer at one instant. `people` share the duty; it is empty when nobody is to be rung.

    Nothing changes before `until` (UTC; None: ever), though the same people may go on after it.
    """

    layer: str
    people: tuple[PersonId, ...]
    why: Why
    until: datetime | None = None
    override: Override | None = None


@dataclass(frozen=True)
class DutySpan:
    """A layer's answer from `start` to `end` (UTC, half-open)."""

    start: datetime
    end: datetime
    people: tuple[PersonId, ...]
    why: Why
    override: Override | None = None


def who_at(roster: Roster, at: datetime) -> tuple[LayerDuty, ...]:
    """Each layer's answer at the instant, in ringing order."""
    at = as_utc(at)
    return tuple(_duty(roster, layer, at) for layer in roster.layers)


def people_at(roster: Roster, at: datetime) -> list[PersonId]:
    """Everyone to ring at the instant, in order, nobody twice."""
    return list(dict.fromkeys(person for duty in who_at(roster, at) for person in duty.people))


def duty_spans(roster: Roster, layer: str, start: datetime, end: datetime) -> list[DutySpan]:
    """The layer's answers from `start` to `end`: disjoint spans that cover all of it, as long as they can be.

    Spans without people are in it too, as what a calendar must show. Raises KeyError for an unknown layer.
    """
    return list(walk(roster, layer, start, end))


def walk(roster: Roster, layer: str, start: datetime, end: datetime) -> Iterator[DutySpan]:
    """The spans of `duty_spans` one by one, as far as they are asked for."""
    at, end = as_utc(start), as_utc(end)
    current: DutySpan | None = None
    while at < end:
        duty = _duty(roster, roster.layer(layer), at)
        span = DutySpan(at, min(duty.until or end, end), duty.people, duty.why, duty.override)
        if current and span == replace(current, start=span.start, end=span.end):
            current = replace(current, end=span.end)
        else:
            if current:
                yield current
            current = span
        at = span.end
    if current:
        yield current


def next_change_of_people(roster: Roster, layer: str, at: datetime, within: timedelta) -> DutySpan | None:
    """The first span after the instant in which somebody else is on call; None if not `within` that time."""
    now = None
    for span in walk(roster, layer, at, as_utc(at) + within):
        now = span.people if now is None else now
        if span.people and span.people != now:
            return span
    return None


def _duty(roster: Roster, layer: Layer, at: datetime) -> LayerDuty:
    override, changes = roster.override_index(layer.name).at(at)
    if override:
        return LayerDuty(layer.name, override.people, Why.OVERRIDE, changes, override)
    on_duty, hours_until = hours_at(layer, roster.time_zone, at)
    if not on_duty:
        return LayerDuty(layer.name, (), Why.OFF_DUTY, _earliest(changes, hours_until))
    people, turns_until = turns_at(layer, roster.time_zone, at)
    why = Why.ROTATION if people else Why.NOBODY
    return LayerDuty(layer.name, people, why, _earliest(changes, hours_until, turns_until))


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((each for each in instants if each is not None), default=None)

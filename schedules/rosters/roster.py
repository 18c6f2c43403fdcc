"""Who is on call at an instant, in what order, and why.

A layer's answer is found in this order: an override that replaces, the layer's own hours, its rotations; then an
override that adds puts its person beside them, and whoever has time off, or has left, is taken out. All intervals are
half-open: at the instant of a handoff the new person is on call, and only the new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from schedules.rosters.duty import DutySpan, LayerDuty, Why
from schedules.rosters.layers import DutyHours, Layer, hours_at, turns_at
from schedules.rosters.overrides import Kind, Override, OverrideIndex
from schedules.rosters.rotation import Count, Every, PersonId, Rotation, Turn, Unit, turn_at, turn_bounds
from schedules.rosters.time_off import Departure, TimeOff, TimeOffIndex
from schedules.rosters.timeline import layer_spans
from schedules.spans import Span, as_utc
from schedules.wall_clock import zone_info

__all__ = [
    "Count",
    "Departure",
    "DutyHours",
    "DutySpan",
    "Every",
    "Kind",
    "Layer",
    "LayerDuty",
    "Override",
    "PersonId",
    "Roster",
    "Rotation",
    "TimeOff",
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

# Of a walk through a long span: a weekly handoff is in it.
_FIRST_PART: Final = timedelta(days=8)


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
    time_off: tuple[TimeOff, ...] = ()
    departures: tuple[Departure, ...] = ()

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
    def time_off_index(self) -> TimeOffIndex:
        """Everybody's time off and departures, sorted once for the life of the roster."""
        return TimeOffIndex(self.time_off, self.departures)

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    @cached_property
    def _indexes(self) -> dict[str, OverrideIndex]:
        return {
            layer.name: OverrideIndex(each for each in self.overrides if each.layer == layer.name)
            for layer in self.layers
        }


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
    return _layer_spans(roster, layer, start, end)


def walk(roster: Roster, layer: str, start: datetime, end: datetime) -> Iterator[DutySpan]:
    """The spans of `duty_spans` one by one, as far as they are asked for: a long span costs little if few are."""
    current: DutySpan | None = None
    for part in _growing_parts(as_utc(start), as_utc(end)):
        for span in _layer_spans(roster, layer, part.start, part.end):
            if current and span[2:] == current[2:]:
                current = current._replace(end=span.end)
                continue
            if current:
                yield current
            current = span
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


def _layer_spans(roster: Roster, layer: str, start: datetime, end: datetime) -> list[DutySpan]:
    index = roster.override_index(layer)
    return layer_spans(roster.layer(layer), roster.time_zone, index, roster.time_off_index, start, end)


def _growing_parts(start: datetime, end: datetime) -> Iterator[Span]:
    """The time from `start` to `end` in parts, each twice as long as the one before it."""
    length = _FIRST_PART
    while start < end:
        part = Span(start, start + min(length, end - start))
        yield part
        start, length = part.end, 2 * length


def _duty(roster: Roster, layer: Layer, at: datetime) -> LayerDuty:
    planned = _planned(roster, layer, at)
    absent, changes = roster.time_off_index.among(planned.people, at)
    until = _earliest(planned.until, changes)
    present = tuple(person for person in planned.people if person not in absent)
    return LayerDuty(layer.name, present, planned.why, until, planned.override, absent)


def _planned(roster: Roster, layer: Layer, at: datetime) -> LayerDuty:
    """The answer as if nobody ever had time off."""
    override, changes = roster.override_index(layer.name).at(at)
    if override and override.kind is Kind.REPLACE:
        return LayerDuty(layer.name, override.people, Why.OVERRIDE, changes, override)
    on_duty, hours_until = hours_at(layer, roster.time_zone, at)
    people, turns_until = turns_at(layer, roster.time_zone, at) if on_duty else ((), None)
    until = _earliest(changes, hours_until, turns_until)
    if override:
        together = tuple(dict.fromkeys(people + override.people))
        return LayerDuty(layer.name, together, Why.OVERRIDE, until, override)
    if not on_duty:
        return LayerDuty(layer.name, (), Why.OFF_DUTY, until)
    return LayerDuty(layer.name, people, Why.ROTATION if people else Why.NOBODY, until)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((each for each in instants if each is not None), default=None)

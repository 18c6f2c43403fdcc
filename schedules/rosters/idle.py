"""People whose turns never fall on the hours of their layer: they stand in its rotation, and are never rung by it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import lcm
from typing import Final

from schedules.rosters.layers import Layer
from schedules.rosters.overrides import OverrideIndex
from schedules.rosters.rotation import Count, PersonId, Rotation, Unit
from schedules.rosters.time_off import TimeOffIndex
from schedules.rosters.timeline import layer_spans
from schedules.spans import as_utc
from schedules.wall_clock import to_utc

_DAY: Final = timedelta(days=1)
_LENGTHS: Final = {Unit.HOUR: 1, Unit.DAY: 24, Unit.WEEK: 7 * 24, Unit.MONTH: 31 * 24}  # hours
_WEEK_HOURS: Final = 7 * 24
# Turns of hours and of months do not come back to the same hours of the week for long: so far is looked.
_FARTHEST: Final = timedelta(days=3 * 366)
_NOTHING: Final = (OverrideIndex(()), TimeOffIndex(()))


@dataclass(frozen=True)
class Idle:
    """`people` of one rotation of a layer never come to its hours. `counted`: they would, if active days counted."""

    place: int  # of the rotation among those of its layer
    people: tuple[PersonId, ...]
    counted: bool


def idle_people(layer: Layer, zone: str, at: datetime) -> tuple[Idle, ...]:
    """Of each rotation that goes on after the instant (UTC), whoever is never on duty by its turns from then on.

    Overrides and time off are left aside: it is a question of the plan. Two whole cycles of turns and weeks are looked
    at, three years at most.
    """
    return _idle(layer, zone, as_utc(at).replace(minute=0, second=0, microsecond=0)) if layer.hours else ()


@lru_cache(maxsize=256)
def _idle(layer: Layer, zone: str, at: datetime) -> tuple[Idle, ...]:
    found: list[Idle] = []
    for place, rotation in enumerate(layer.rotations):
        people = _never(layer, rotation, zone, at)
        if people:
            found.append(Idle(place, people, _helps(layer, rotation, zone, at)))
    return tuple(found)


def _helps(layer: Layer, rotation: Rotation, zone: str, at: datetime) -> bool:
    if rotation.every.unit is not Unit.DAY or rotation.count is Count.ACTIVE:
        return False
    return not _never(layer, replace(rotation, count=Count.ACTIVE), zone, at)


def _never(layer: Layer, rotation: Rotation, zone: str, at: datetime) -> tuple[PersonId, ...]:
    start = max(at, to_utc(rotation.start, zone))
    if rotation.until is not None and to_utc(rotation.until, zone) <= start:
        return ()
    cycle = rotation.every.n * _LENGTHS[rotation.every.unit] * len(rotation.turns)
    if rotation.count is Count.ACTIVE and rotation.every.unit is Unit.DAY:
        cycle *= 7  # a week has one day that counts at least
    end = start + min(_FARTHEST, timedelta(hours=lcm(cycle, _WEEK_HOURS) + cycle) + _DAY)
    alone = Layer(layer.name, (rotation,), layer.hours)
    seen = {person for span in layer_spans(alone, zone, *_NOTHING, start, end) for person in span.people}
    return tuple(dict.fromkeys(person for turn in rotation.turns for person in turn if person not in seen))

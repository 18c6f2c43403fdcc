"""Rotations: turns that follow each other at handoffs.

Handoffs every so many days, weeks or months keep the wall-clock hour of `start` across a clock change;
handoffs every so many hours count real hours. They are computed from `start`, never walked to, so nothing
drifts: a monthly rotation that starts on the 31st hands off on the last day of a shorter month and on the
31st again after it.

A rotation that counts active days passes over the days on which its layer is never on duty: "1 day" is then the next
day with hours on duty. Which weekdays those are, its layer tells it (`schedules.rosters.layers`).
"""

import re
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self, TypeAlias

from schedules.spans import as_utc
from schedules.wall_clock import to_utc, wall_time

PersonId: TypeAlias = int | str

EVERY_DAY: Final = frozenset(range(7))
_LARGEST = 10_000
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7  # days
_ADVERBS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
_EVERY = re.compile(r"(?:every\s+)?(?:(?P<n>\d{1,9})\s*)?(?P<unit>hour|day|week|month)s?", re.IGNORECASE)


class Unit(StrEnum):
    """What the length of a turn is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Every:
    """The length of a turn: `n` hours, days, weeks or months. Raises ValueError when n is not 1 to 10,000."""

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))
        if not 1 <= self.n <= _LARGEST:
            raise ValueError(f"a turn lasts 1 to {_LARGEST} {self.unit}s, not {self.n}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "1 week", "12 hours", "every 2 days", "month", "daily" and the like. Raises ValueError."""
        words = str(text).strip()
        found = _EVERY.fullmatch(_ADVERBS.get(words.lower(), words))
        if not found:
            raise ValueError(f'cannot read {text!r}: write "12 hours", "1 day", "2 weeks" or "1 month"')
        return cls(int(found["n"] or 1), Unit(found["unit"].lower()))

    def __str__(self) -> str:
        return f"{self.n} {self.unit}" + ("" if self.n == 1 else "s")


class Count(StrEnum):
    """Which days make up the length of a turn."""

    ALL = "all"
    ACTIVE = "active"  # those on which the layer has hours on duty; every week and month has some, so they stay whole


@dataclass(frozen=True)
class Rotation:
    """Turns in their order, over and over.

    `start` and `until` (excluded) are naive wall-clock times in the roster's zone. People of a turn share it. `days`:
    weekdays (Monday is 0) that an active count counts, each from the hour of `start` on; the layer sets them.
    Raises ValueError when there is nobody to take a turn, when it would end before it starts, or for active hours.
    """

    start: datetime
    every: Every
    turns: tuple[tuple[PersonId, ...], ...]
    until: datetime | None = None
    count: Count = Count.ALL
    days: frozenset[int] = field(default=EVERY_DAY, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", Count(self.count))
        if self.start.tzinfo or (self.until and self.until.tzinfo):
            raise ValueError("a rotation starts and ends at wall-clock times, without a time zone")
        if not self.turns or not all(self.turns):
            raise ValueError("every turn of a rotation needs at least one person")
        if self.until is not None and self.until <= self.start:
            raise ValueError(f"a rotation must end after it starts: {self.start} to {self.until}")
        if self.count is Count.ACTIVE and self.every.unit is Unit.HOUR:
            raise ValueError(
                f"only days can be counted by the layer's hours: write 1 day, for example, not {self.every}"
            )


@dataclass(frozen=True)
class Turn:
    """Turn `number` (0 is the first since the rotation began), from `start` to `end` (UTC, half-open)."""

    number: int
    people: tuple[PersonId, ...]
    start: datetime
    end: datetime


def turn_at(rotation: Rotation, zone: str, at: datetime) -> Turn | None:
    """The turn at an instant; None before the rotation starts and from `until` on."""
    at = as_utc(at)
    if at < to_utc(rotation.start, zone):
        return None
    if rotation.until is not None and at >= to_utc(rotation.until, zone):
        return None
    number = number_near(rotation, zone, at)
    start, end = handoff(rotation, zone, number), handoff(rotation, zone, number + 1)
    # It is off by one where the clock changes on the way, and within the month of a handoff.
    while start > at:
        number, start, end = number - 1, handoff(rotation, zone, number - 1), start
    while end <= at:
        number, start, end = number + 1, end, handoff(rotation, zone, number + 2)
    people = rotation.turns[number % len(rotation.turns)]
    return Turn(number, people, start, _cut(rotation, zone, end))


def turn_bounds(rotation: Rotation, zone: str, number: int) -> tuple[datetime, datetime]:
    """The instants (UTC) between which turn `number` lasts, cut at `until`."""
    start, end = handoff(rotation, zone, number), handoff(rotation, zone, number + 1)
    return _cut(rotation, zone, start), _cut(rotation, zone, end)


def handoff(rotation: Rotation, zone: str, number: int) -> datetime:
    """The instant (UTC) at which turn `number` begins, `until` aside."""
    planned = planned_handoff(rotation, number)
    if planned is None:
        return to_utc(rotation.start, zone) + timedelta(hours=number * rotation.every.n)
    return to_utc(planned, zone)


def planned_handoff(rotation: Rotation, number: int) -> datetime | None:
    """What the wall clock is meant to show when turn `number` begins; None for hours, which heed no clock.

    A clock change may leave that time out: the plan has 02:30 all the same, on that night and on those after it.
    """
    step = number * rotation.every.n
    match rotation.every.unit:
        case Unit.HOUR:
            return None
        case Unit.DAY:
            days = _active_day(rotation, step) if rotation.count is Count.ACTIVE else step
            return rotation.start + timedelta(days=days)
        case Unit.WEEK:
            return rotation.start + timedelta(weeks=step)
        case Unit.MONTH:
            return _months_later(rotation.start, step)


def begun_later(rotation: Rotation, zone: str, number: int) -> Rotation | None:
    """The rotation from turn `number` on: the same people at the same handoffs from there on, and none before.

    None when no rotation that begins there has all those handoffs: of a month's 31st, from the 28th of February; of
    hours, from a time that an autumn night shows twice, the second time.
    """
    at = handoff(rotation, zone, number)
    start = planned_handoff(rotation, number) or wall_time(at, zone)
    if to_utc(start, zone) != at or (rotation.every.unit is Unit.MONTH and start.day != rotation.start.day):
        return None
    place = number % len(rotation.turns)
    return replace(rotation, start=start, turns=rotation.turns[place:] + rotation.turns[:place])


def number_near(rotation: Rotation, zone: str, at: datetime) -> int:
    """The number of the turn at an instant (UTC), or of one beside it; negative before the rotation starts."""
    every = rotation.every
    if every.unit is Unit.HOUR:
        return (at - to_utc(rotation.start, zone)) // timedelta(hours=every.n)
    local = wall_time(at, zone)
    if every.unit is Unit.MONTH:
        months = (local.year - rotation.start.year) * 12 + local.month - rotation.start.month
        return months // every.n
    if every.unit is Unit.WEEK:
        return (local - rotation.start) // timedelta(weeks=every.n)
    days = (local - rotation.start) // _DAY
    return (_active_days(rotation, days) if rotation.count is Count.ACTIVE else days) // every.n


def _active_day(rotation: Rotation, number: int) -> int:
    """How many days after `start` the counted day of this number is; the first turn begins at `start`, counted or not.

    Worked out, not walked to: the same weekdays come every week.
    """
    if number <= 0:
        return number
    weeks, place = divmod(number, len(rotation.days))
    return weeks * _WEEK + _ahead(rotation)[place]


def _active_days(rotation: Rotation, days: int) -> int:
    """The number of the last counted day that is at most so many days after `start`; 0 before the second."""
    weeks, rest = divmod(days, _WEEK)
    return max(0, weeks * len(rotation.days) + sum(ahead <= rest for ahead in _ahead(rotation)) - 1)


def _ahead(rotation: Rotation) -> list[int]:
    """How many days after `start` the counted days of its first week are."""
    return sorted((day - rotation.start.weekday()) % _WEEK for day in rotation.days)


def _cut(rotation: Rotation, zone: str, at: datetime) -> datetime:
    return at if rotation.until is None else min(at, to_utc(rotation.until, zone))


def _months_later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))

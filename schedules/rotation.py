"""Rotations: turns that follow each other at handoffs.

Handoffs every so many days, weeks or months keep the wall-clock hour of `start` across a clock change;
handoffs every so many hours count real hours. They are computed from `start`, never walked to, so nothing
drifts: a monthly rotation that starts on the 31st hands off on the last day of a shorter month and on the
31st again after it.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, TypeAlias

from schedules.spans import as_utc
from schedules.wall_clock import to_utc, wall_time

PersonId: TypeAlias = int | str

_LARGEST = 10_000
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


@dataclass(frozen=True)
class Rotation:
    """Turns in their order, over and over.

    `start` and `until` (excluded) are naive wall-clock times in the roster's zone. People of a turn share it.
    Raises ValueError when there is nobody to take a turn, or when it would end before it starts.
    """

    start: datetime
    every: Every
    turns: tuple[tuple[PersonId, ...], ...]
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo or (self.until and self.until.tzinfo):
            raise ValueError("a rotation starts and ends at wall-clock times, without a time zone")
        if not self.turns or not all(self.turns):
            raise ValueError("every turn of a rotation needs at least one person")
        if self.until is not None and self.until <= self.start:
            raise ValueError(f"a rotation must end after it starts: {self.start} to {self.until}")


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
    step = number * rotation.every.n
    match rotation.every.unit:
        case Unit.HOUR:
            return to_utc(rotation.start, zone) + timedelta(hours=step)
        case Unit.DAY:
            return to_utc(rotation.start + timedelta(days=step), zone)
        case Unit.WEEK:
            return to_utc(rotation.start + timedelta(weeks=step), zone)
        case Unit.MONTH:
            return to_utc(_months_later(rotation.start, step), zone)


def number_near(rotation: Rotation, zone: str, at: datetime) -> int:
    """The number of the turn at an instant (UTC), or of one beside it; negative before the rotation starts."""
    every = rotation.every
    if every.unit is Unit.HOUR:
        return (at - to_utc(rotation.start, zone)) // timedelta(hours=every.n)
    local = wall_time(at, zone)
    if every.unit is Unit.MONTH:
        months = (local.year - rotation.start.year) * 12 + local.month - rotation.start.month
        return months // every.n
    return (local - rotation.start) // timedelta(days=every.n * (7 if every.unit is Unit.WEEK else 1))


def _cut(rotation: Rotation, zone: str, at: datetime) -> datetime:
    return at if rotation.until is None else min(at, to_utc(rotation.until, zone))


def _months_later(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))

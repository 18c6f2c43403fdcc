"""Layers: rotations with the hours of the week in which they are on duty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import Final, Self

from schedules.rosters.rotation import EVERY_DAY, Count, PersonId, Rotation, Turn, turn_at
from schedules.spans import Span
from schedules.wall_clock import to_utc, wall_time

_DAY = timedelta(days=1)
# A weekly window that a clock change swallows is back a week later.
_FARTHEST_WINDOW: Final = 15
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class DutyHours:
    """On these weekdays (Monday is 0) from `from_` to `to` on the wall clock, half-open.

    `to` before `from_` runs into the next day; `to` equal to `from_` lasts to that time of the next day.
    Raises ValueError for no days or wrong ones.
    """

    days: frozenset[int]
    from_: time
    to: time

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", frozenset(self.days))
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError(f"duty hours need weekdays, 0 (Monday) to 6 (Sunday), not {sorted(self.days)}")
        if self.from_.tzinfo or self.to.tzinfo:
            raise ValueError("duty hours are wall-clock times, without a time zone")

    @classmethod
    def parse(cls, days: Iterable[str], from_: str, to: str) -> Self:
        """Reads (["mon", "tue"], "18:00", "09:00"). Raises ValueError that says how to write it."""
        return cls(frozenset(_weekday(day) for day in days), _time_of_day(from_), _time_of_day(to))

    def window(self, day: date, zone: str) -> Span | None:
        """The time on duty that begins on this day; None on other days, or if a clock change swallows it."""
        if day.weekday() not in self.days:
            return None
        last = day if self.from_ < self.to else day + _DAY
        start = to_utc(datetime.combine(day, self.from_), zone)
        end = to_utc(datetime.combine(last, self.to), zone)
        return Span(start, end) if start < end else None

    def counted(self, handoff: time) -> frozenset[int]:
        """The weekdays on which a turn that begins at this time of day has these hours in it.

        Hours that are over at the handoff belong to the turn of the day before. Those that a handoff divides belong to
        the day on which they begin.
        """
        over = self.from_ < self.to <= handoff
        return frozenset((day - 1) % 7 for day in self.days) if over else self.days


@dataclass(frozen=True)
class Layer:
    """One rung of a roster. Without `hours` it is always on duty."""

    name: str
    rotations: tuple[Rotation, ...] = ()
    hours: tuple[DutyHours, ...] = ()

    def __post_init__(self) -> None:
        if any(rotation.count is Count.ACTIVE for rotation in self.rotations):
            told = tuple(replace(rotation, days=self._counted(rotation)) for rotation in self.rotations)
            object.__setattr__(self, "rotations", told)

    def _counted(self, rotation: Rotation) -> frozenset[int]:
        days = (hours.counted(rotation.start.time()) for hours in self.hours)
        return frozenset().union(*days) if self.hours else EVERY_DAY


def hours_at(layer: Layer, zone: str, at: datetime) -> tuple[bool, datetime | None]:
    """Whether the layer is on duty by its hours, and until when at least (None: for ever)."""
    if not layer.hours:
        return True, None
    today = wall_time(at, zone).date()
    # Yesterday's window may run into today, that of the day before too where the zone skips a day, and one of tomorrow
    # begins today where the clock goes back over midnight.
    near = [span for days in range(-2, 2) for span in _windows(layer, zone, today + days * _DAY)]
    ends = [span.end for span in near if span.covers(at)]
    if ends:
        return True, max(ends)
    later = (span.start for span in near if span.start > at)
    return False, min(later, default=None) or _next_window(layer, zone, today + 2 * _DAY)


def turns_at(layer: Layer, zone: str, at: datetime) -> tuple[tuple[PersonId, ...], datetime | None]:
    """The people of all rotations in order, without repeats, and until when at least (None: for ever)."""
    turns: list[Turn] = []
    edges: list[datetime] = []
    for rotation in layer.rotations:
        turn = turn_at(rotation, zone, at)
        begin = to_utc(rotation.start, zone)
        if turn:
            turns.append(turn)
            edges.append(turn.end)
        elif at < begin:
            edges.append(begin)
    people = dict.fromkeys(person for turn in turns for person in turn.people)
    return tuple(people), min(edges, default=None)


def _windows(layer: Layer, zone: str, day: date) -> Iterator[Span]:
    return (span for hours in layer.hours if (span := hours.window(day, zone)))


def _next_window(layer: Layer, zone: str, day: date) -> datetime | None:
    """The earliest beginning of a time on duty on the first day that has one."""
    for ahead in islice(count(), _FARTHEST_WINDOW):
        starts = [span.start for span in _windows(layer, zone, day + ahead * _DAY)]
        if starts:
            return min(starts)
    return None


def _weekday(text: str) -> int:
    short = str(text).strip().lower()[:3]
    if short not in WEEKDAYS:
        raise ValueError(f"cannot read the day {text!r}: write {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(short)


def _time_of_day(text: str) -> time:
    """Only text is read: YAML turns 18:00 without quotes into the number 1080."""
    try:
        parsed = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except (TypeError, ValueError):
        raise ValueError(f'cannot read the time {text!r}: write it in quotes, such as "18:00"') from None
    return parsed

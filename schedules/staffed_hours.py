"""Staffed hours: when somebody is in a region's office for a plan (support guide, staffed hours).

09:00 to 18:00 on the region's clock, half-open: 09:00:00 is staffed, 18:00:00 is after hours. The same
hours, days and holiday list hold in every region. A listed holiday that falls on a Sunday is staffed for
Gold and Platinum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from schedules.holiday_list import is_contract_holiday
from schedules.spans import Span, as_utc, merged
from schedules.wall_clock import to_utc, wall_time

__all__ = ["Plan", "Span", "is_staffed", "is_working_day", "next_change", "spans_from", "staffed_spans"]

_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = frozenset(range(5))
_MONDAY_TO_SATURDAY = frozenset(range(6))


class Plan(StrEnum):
    """A support plan that a customer can have."""

    BASIC = "basic"
    GOLD = "gold"
    PLATINUM = "platinum"


@dataclass(frozen=True)
class OfficeHours:
    """Hours of one plan: weekdays (Monday is 0), whether listed holidays are staffed, wall-clock times."""

    weekdays: frozenset[int]
    on_holidays: bool
    opens: time = time(9)
    closes: time = time(18)


OFFICE_HOURS: Final = {
    Plan.BASIC: OfficeHours(_MONDAY_TO_FRIDAY, on_holidays=False),
    Plan.GOLD: OfficeHours(_MONDAY_TO_SATURDAY, on_holidays=True),
    Plan.PLATINUM: OfficeHours(_MONDAY_TO_SATURDAY, on_holidays=True),
}


def is_working_day(plan: Plan, day: date) -> bool:
    """Whether the office is staffed on this calendar day."""
    hours = OFFICE_HOURS[plan]
    return hours.on_holidays if is_contract_holiday(day) else day.weekday() in hours.weekdays


def is_staffed(plan: Plan, zone: str, at: datetime) -> bool:
    """Whether the instant lies in the plan's staffed hours in `zone`. Raises UnknownZoneError, ValueError."""
    span = day_span(plan, zone, wall_time(at, zone).date())
    return span is not None and span.covers(at)


def staffed_spans(plan: Plan, zone: str, start: datetime, end: datetime) -> list[Span]:
    """The staffed time from `start` to `end` (UTC), in ascending disjoint spans."""
    start, end = as_utc(start), as_utc(end)
    last = wall_time(end, zone).date()
    inside: list[Span] = []
    for day in days_from(wall_time(start, zone).date()):
        if day > last:
            break
        span = day_span(plan, zone, day)
        part = span.clip(start, end) if span else None
        if part:
            inside.append(part)
    return list(merged(inside))


def next_change(plan: Plan, zone: str, at: datetime) -> datetime:
    """The next opening or closing strictly after the instant (UTC)."""
    at = as_utc(at)
    spans = spans_from(plan, zone, wall_time(at, zone).date())
    return next(edge for span in spans for edge in (span.start, span.end) if edge > at)


def day_span(plan: Plan, zone: str, day: date) -> Span | None:
    """The staffed span of one calendar day in the zone, or None when it is closed."""
    if not is_working_day(plan, day):
        return None
    hours = OFFICE_HOURS[plan]
    opening = to_utc(datetime.combine(day, hours.opens), zone)
    if wall_time(opening, zone).date() != day:
        return None  # the zone skipped this day (Samoa on 30 December 2011)
    return Span(opening, to_utc(datetime.combine(day, hours.closes), zone))


def spans_from(plan: Plan, zone: str, day: date) -> Iterator[Span]:
    """The staffed spans of this calendar day and every later one, without end."""
    return (span for each in days_from(day) if (span := day_span(plan, zone, each)))


def days_from(day: date) -> Iterator[date]:
    """This day and every later one, without end."""
    while True:
        yield day
        day += _DAY

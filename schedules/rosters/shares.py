"""How on-call time is made up: nights, Saturdays, Sundays, holidays, and the rest.

Every minute counts once, by the first of these that fits, on the clock of the zone: a listed holiday, a Sunday, a
Saturday, a night (22:00 to 06:00), else a day. Lengths are real time: an autumn night with 25 hours counts them all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Final

from schedules.holiday_list import is_contract_holiday
from schedules.spans import Span
from schedules.wall_clock import to_utc, wall_time

NIGHT_BEGINS: Final = time(22)
NIGHT_ENDS: Final = time(6)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_SUNDAY: Final = 6


@dataclass(frozen=True)
class Shares:
    """Real time of each kind; together they are all of it."""

    days: timedelta = timedelta(0)
    nights: timedelta = timedelta(0)
    saturdays: timedelta = timedelta(0)
    sundays: timedelta = timedelta(0)
    holidays: timedelta = timedelta(0)

    @property
    def total(self) -> timedelta:
        return sum((getattr(self, each.name) for each in fields(self)), timedelta(0))

    def __add__(self, other: "Shares") -> "Shares":
        return Shares(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def shares(spans: Iterable[Span], zone: str) -> Shares:
    """What disjoint spans (UTC) are made up of on the zone's clock."""
    found = dict.fromkeys((each.name for each in fields(Shares)), timedelta(0))
    for span in spans:
        for kind, part in _parts(span, zone):
            found[kind] += part
    return Shares(**found)


def _parts(span: Span, zone: str) -> Iterator[tuple[str, timedelta]]:
    day, last = wall_time(span.start, zone).date(), wall_time(span.end, zone).date()
    while day <= last:
        for start, end, kind in _kinds(day, zone):
            first, stop = max(start, span.start), min(end, span.end)
            if first < stop:
                yield kind, stop - first
        day += _DAY


def _kinds(day: date, zone: str) -> list[tuple[datetime, datetime, str]]:
    """The pieces of a calendar day (UTC) and what each counts as."""
    midnight, next_midnight = (_instant(each, time(0), zone) for each in (day, day + _DAY))
    whole = _kind_of(day)
    if whole is not None:
        return [(midnight, next_midnight, whole)]
    morning, evening = _instant(day, NIGHT_ENDS, zone), _instant(day, NIGHT_BEGINS, zone)
    return [(midnight, morning, "nights"), (morning, evening, "days"), (evening, next_midnight, "nights")]


def _kind_of(day: date) -> str | None:
    if is_contract_holiday(day):
        return "holidays"
    return {_SATURDAY: "saturdays", _SUNDAY: "sundays"}.get(day.weekday())


def _instant(day: date, at: time, zone: str) -> datetime:
    return to_utc(datetime.combine(day, at), zone)

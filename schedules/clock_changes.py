"""When a zone's clock changes: for whoever has to do its arithmetic elsewhere, such as the script of a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from schedules.wall_clock import abbreviation, to_local

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class ClockChange:
    """From `at` (UTC, a whole minute) on, the clock is ahead of UTC by `offset` and has this abbreviation."""

    at: datetime
    offset: timedelta
    name: str


@lru_cache(maxsize=64)
def clock_changes(zone: str, first_year: int, last_year: int) -> tuple[ClockChange, ...]:
    """How the clock stands when `first_year` begins in UTC, then each change until `last_year` is over.

    Raises UnknownZoneError. The changes are those that `schedules.wall_clock` reckons with.
    """
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    return tuple(_changes(zone, datetime(first_year, 1, 1, tzinfo=UTC), end))


def _changes(zone: str, day: datetime, end: datetime) -> Iterator[ClockChange]:
    """No zone changes its clock twice in a day, so a look at each is enough."""
    before = _standing(day, zone)
    yield before
    while day < end:
        tomorrow = day + _DAY
        if _standing(tomorrow, zone).offset != before.offset:
            before = _first_minute(day, tomorrow, zone)
            yield before
        day = tomorrow


def _first_minute(low: datetime, high: datetime, zone: str) -> ClockChange:
    """Between `low`, with the old offset, and `high`, with the new one."""
    old = _standing(low, zone).offset
    while high - low > _MINUTE:
        middle = low + (high - low) // 2 // _MINUTE * _MINUTE
        low, high = (middle, high) if _standing(middle, zone).offset == old else (low, middle)
    return _standing(high, zone)


def _standing(at: datetime, zone: str) -> ClockChange:
    local = to_local(at, zone)
    return ClockChange(at, local.utcoffset() or timedelta(), abbreviation(local))

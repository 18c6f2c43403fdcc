"""The eleven contractual holidays (support guide, staffed hours).

The list is closed: what a calendar of Italy carries besides (Easter Sunday, 4 October, National Unity Day, or
whatever a later law adds) is not on it. Days are therefore matched by date, never by a calendar's names.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays

_FIXED: Mapping[tuple[int, int], str] = {
    (1, 1): "New Year's Day",
    (1, 6): "Epiphany",
    (4, 25): "Liberation Day",
    (5, 1): "Labour Day",
    (6, 2): "Republic Day",
    (8, 15): "Assumption Day",
    (11, 1): "All Saints' Day",
    (12, 8): "Immaculate Conception",
    (12, 25): "Christmas Day",
    (12, 26): "St Stephen's Day",
}
_EASTER_MONDAY = "Easter Monday"


@lru_cache(maxsize=256)
def contract_holidays(year: int) -> Mapping[date, str]:
    """The listed holidays of a year in order, each with its English name.

    Eleven days, or ten in a year in which Easter Monday is Liberation Day (2011, then 2095).
    Raises ValueError for a year that the calendar of Italy does not reach (before 1950, after 2100).
    """
    days = {date(year, month, day): name for (month, day), name in _FIXED.items()}
    monday = easter_monday(holidays.country_holidays("IT", years=year))
    if monday is None:
        raise ValueError(f"the calendar of Italy has no Easter Monday for the year {year}")
    days.setdefault(monday, _EASTER_MONDAY)
    return MappingProxyType(dict(sorted(days.items())))


def is_contract_holiday(day: date) -> bool:
    return day in contract_holidays(day.year)


def easter_monday(calendar: Collection[date]) -> date | None:
    """The only holiday on the list that moves, found in one year of the calendar of Italy.

    It is the Monday from 23 March to 26 April whose Sunday is in that calendar too (Easter Sunday). The Sunday
    tells it from any other holiday on a Monday in spring.
    """
    for day in sorted(calendar):
        in_season = (3, 23) <= (day.month, day.day) <= (4, 26)
        if in_season and day.weekday() == 0 and day - timedelta(days=1) in calendar:
            return day
    return None

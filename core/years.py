"""The years in which somebody plans. Every date that comes in from outside is held against them.

Calendars end somewhere: a date of the year 1 or 9999 can't be moved by a day, nor be told on another zone's clock.
Within these years all arithmetic of `schedules` has room to both sides.
"""

from datetime import date
from typing import Final, TypeVar

Day = TypeVar("Day", bound=date)

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
YEARS: Final = f"{FIRST_YEAR} to {LAST_YEAR}"


def is_in_our_times(at: date) -> bool:
    """Whether a day, or a time as it is written (whatever its offset), lies in these years."""
    return FIRST_YEAR <= at.year <= LAST_YEAR


def in_our_times(at: Day) -> Day:
    """The same day or time. Raises ValueError for other years."""
    if not is_in_our_times(at):
        raise ValueError(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}, not {at.year}")
    return at

"""Counting in staffed time: so many working hours or working days from an instant, and how much lies between two."""

from datetime import datetime, timedelta
from itertools import islice

from schedules.spans import as_utc
from schedules.staffed_hours import Plan, spans_from, staffed_spans
from schedules.wall_clock import wall_time


def working_between(plan: Plan, zone: str, a: datetime, b: datetime) -> timedelta:
    """The staffed time from `a` to `b`; negative when `b` is before `a`."""
    if as_utc(b) < as_utc(a):
        return -working_between(plan, zone, b, a)
    return sum((span.length for span in staffed_spans(plan, zone, a, b)), timedelta())


def add_working(plan: Plan, zone: str, start: datetime, amount: timedelta) -> datetime:
    """The first instant (UTC) at which `amount` of staffed time has passed since `start`.

    So nine working hours from an opening end at that day's closing, not at the next opening, and no time at all ends
    at `start` itself, staffed or not. Raises ValueError for a negative amount.
    """
    at = as_utc(start)
    if amount < timedelta():
        raise ValueError(f"working time can only be added, not {amount}")
    if not amount:
        return at
    for span in spans_from(plan, zone, wall_time(at, zone).date()):
        begin = max(span.start, at)
        if begin + amount <= span.end:
            return begin + amount
        amount -= max(span.end - begin, timedelta())
    raise AssertionError("staffed days never end")  # pragma: no cover


def end_of_working_day(plan: Plan, zone: str, start: datetime, days: int) -> datetime:
    """The closing (UTC) of the `days`-th working day after the day of `start`.

    Reading of "next working day" and "2 working days": the calendar day of opening does not count, whether it is a
    working day or not and whatever the hour, and the last day counts to its end. What a Basic customer opens on a
    Friday at 08:00 or at 20:00, or on the Saturday after it, is due by Monday 18:00 as "next working day".
    Raises ValueError for less than one day.
    """
    if days < 1:
        raise ValueError(f"working days are counted from 1, not {days}")
    opened = wall_time(start, zone).date()
    later = spans_from(plan, zone, opened + timedelta(days=1))
    return next(islice(later, days - 1, None)).end

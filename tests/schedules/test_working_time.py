from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.staffed_hours import Plan, is_staffed
from schedules.wall_clock import wall_time
from schedules.working_time import add_working, end_of_working_day, working_between
from tests.schedules.clocks import DUBAI, NEW_YORK, ROME, instants, utc, zones

BASIC, GOLD, PLATINUM = Plan
plans = st.sampled_from(Plan)
amounts = st.timedeltas(timedelta(), timedelta(hours=100))


@pytest.mark.parametrize(
    ("plan", "zone", "start", "hours", "expected"),
    [
        (GOLD, ROME, "2026-07-01 08:00", 2, "2026-07-01 10:00"),
        (GOLD, ROME, "2026-07-01 15:00", 2, "2026-07-02 08:00"),  # 17:00, and 09:00 to 10:00 the next day
        (GOLD, ROME, "2026-07-01 14:00", 2, "2026-07-01 16:00"),  # at closing, not at the next opening
        (GOLD, ROME, "2026-07-03 15:00", 2, "2026-07-04 08:00"),  # goes on on Saturday
        (BASIC, ROME, "2026-07-03 15:00", 2, "2026-07-06 08:00"),  # goes on on Monday
        (GOLD, ROME, "2026-07-05 03:00", 4, "2026-07-06 11:00"),  # opened on a Sunday
        (GOLD, ROME, "2026-07-01 16:00", 0, "2026-07-01 16:00"),
        (GOLD, ROME, "2026-07-05 03:00", 0, "2026-07-05 03:00"),
        (GOLD, ROME, "2026-07-01 07:00", 9, "2026-07-01 16:00"),
        (GOLD, ROME, "2026-07-01 07:00", 40, "2026-07-06 11:00"),  # Wed, Thu, Fri, Sat, and four hours of Monday
        (GOLD, ROME, "2026-03-28 16:00", 2, "2026-03-30 08:00"),  # over the spring change: an hour earlier in UTC
        (GOLD, ROME, "2026-10-24 15:00", 2, "2026-10-26 09:00"),
        (PLATINUM, ROME, "2027-08-14 15:30", 1, "2027-08-15 07:30"),  # a listed holiday on a Sunday
        (BASIC, ROME, "2026-12-24 16:00", 2, "2026-12-28 09:00"),
        (GOLD, NEW_YORK, "2026-03-07 22:00", 2, "2026-03-09 14:00"),
        (GOLD, DUBAI, "2026-07-01 13:00", 2, "2026-07-02 06:00"),
    ],
)
def test_working_hours_by_hand(plan: Plan, zone: str, start: str, hours: int, expected: str) -> None:
    assert add_working(plan, zone, utc(start), timedelta(hours=hours)) == utc(expected)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-07-01 04:00", 1, "2026-07-02 16:00"),  # before opening: the day itself does not count
        ("2026-07-01 10:00", 1, "2026-07-02 16:00"),
        ("2026-07-01 21:59:59", 1, "2026-07-02 16:00"),
        ("2026-07-01 22:00", 1, "2026-07-03 16:00"),  # midnight in Rome: opened on the 2nd
        ("2026-07-03 18:00", 1, "2026-07-06 16:00"),  # Friday evening
        ("2026-07-04 10:00", 1, "2026-07-06 16:00"),  # Saturday
        ("2026-07-05 10:00", 2, "2026-07-07 16:00"),  # Sunday
        ("2026-12-23 10:00", 2, "2026-12-28 17:00"),  # 24, then 28: Christmas, St Stephen's Day, Sunday
        ("2026-04-02 10:00", 2, "2026-04-07 16:00"),  # Easter Monday is closed
        ("2026-07-01 10:00", 20, "2026-07-29 16:00"),
    ],
)
def test_working_days_by_hand(start: str, days: int, expected: str) -> None:
    assert end_of_working_day(BASIC, ROME, utc(start), days) == utc(expected)


def test_gold_works_on_saturdays_too() -> None:
    assert end_of_working_day(GOLD, ROME, utc("2026-07-03 10:00"), 1) == utc("2026-07-04 16:00")


@pytest.mark.parametrize(
    ("a", "b", "hours"),
    [
        ("2026-07-01 00:00", "2026-07-02 00:00", 9),
        ("2026-07-01 10:00", "2026-07-01 10:30", 0.5),
        ("2026-07-01 16:00", "2026-07-02 07:00", 0),
        ("2026-03-23 00:00", "2026-03-30 00:00", 54),  # Monday to Saturday, over a clock change
        ("2026-07-02 00:00", "2026-07-01 00:00", -9),
    ],
)
def test_time_between_by_hand(a: str, b: str, hours: float) -> None:
    assert working_between(GOLD, ROME, utc(a), utc(b)) == timedelta(hours=hours)


def test_wrong_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="only be added"):
        add_working(GOLD, ROME, utc("2026-07-01 10:00"), timedelta(seconds=-1))
    with pytest.raises(ValueError, match="counted from 1"):
        end_of_working_day(BASIC, ROME, utc("2026-07-01 10:00"), 0)


@given(plans, zones, instants, amounts)
def test_what_is_added_lies_between(plan: Plan, zone: str, start: datetime, amount: timedelta) -> None:
    end = add_working(plan, zone, start, amount)
    assert working_between(plan, zone, start, end) == amount
    if amount:  # the first such instant: a moment before, time was still running
        assert is_staffed(plan, zone, end - timedelta(microseconds=1))


@given(plans, zones, instants, amounts, amounts)
def test_adding_twice_is_adding_the_sum(plan: Plan, zone: str, start: datetime, a: timedelta, b: timedelta) -> None:
    twice = add_working(plan, zone, add_working(plan, zone, start, a), b)
    assert twice == add_working(plan, zone, start, a + b)


@given(plans, zones, st.tuples(instants, instants, instants))
def test_time_between_adds_up(plan: Plan, zone: str, moments: tuple[datetime, datetime, datetime]) -> None:
    a, b, c = (moments[0] + (moment - moments[0]) / 50 for moment in moments)
    whole = working_between(plan, zone, a, c)
    assert working_between(plan, zone, a, b) + working_between(plan, zone, b, c) == whole
    assert abs(whole) <= abs(c - a)


@given(plans, zones, instants, st.integers(1, 20))
def test_a_working_day_ends_at_closing(plan: Plan, zone: str, start: datetime, days: int) -> None:
    end = end_of_working_day(plan, zone, start, days)
    assert end > start
    assert wall_time(end, zone).time().hour == 18
    midnight = wall_time(start, zone).date() < wall_time(end, zone).date()
    assert midnight
    # So many whole working days lie between the end of the day of opening and the answer.
    after_opening = working_between(plan, zone, start, end) // timedelta(hours=9)
    assert days <= after_opening <= days + 1

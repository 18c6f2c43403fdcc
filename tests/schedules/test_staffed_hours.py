from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.staffed_hours import Plan, Span, is_staffed, next_change, staffed_spans
from schedules.wall_clock import UnknownZoneError, to_utc, wall_time
from tests.schedules.clocks import DUBAI, NEW_YORK, REGION_ZONES, ROME, instants, utc, wall, zones

BASIC, GOLD, PLATINUM = Plan
plans = st.sampled_from(Plan)
HOLIDAYS = [
    "2026-01-01", "2026-01-06", "2026-04-06", "2026-04-25", "2026-05-01", "2026-06-02",
    "2026-08-15", "2026-11-01", "2026-12-08", "2026-12-25", "2026-12-26",
    "2027-01-01", "2027-01-06", "2027-03-29", "2027-04-25", "2027-05-01", "2027-06-02",
    "2027-08-15", "2027-11-01", "2027-12-08", "2027-12-25", "2027-12-26",
]  # fmt: skip


def staffed_by_clock(plan: Plan, zone: str, local: str) -> bool:
    return is_staffed(plan, zone, to_utc(wall(local), zone))


@pytest.mark.parametrize("zone", REGION_ZONES)
@pytest.mark.parametrize("day", HOLIDAYS)
def test_listed_holidays_are_staffed_for_gold_and_platinum_only(day: str, zone: str) -> None:
    for plan, staffed in ((BASIC, False), (GOLD, True), (PLATINUM, True)):
        assert staffed_by_clock(plan, zone, f"{day} 08:59:59.999999") is False
        assert staffed_by_clock(plan, zone, f"{day} 09:00") is staffed
        assert staffed_by_clock(plan, zone, f"{day} 17:59:59.999999") is staffed
        assert staffed_by_clock(plan, zone, f"{day} 18:00") is False


@pytest.mark.parametrize("zone", REGION_ZONES)
@pytest.mark.parametrize(
    ("day", "basic", "others"),
    [
        ("2026-07-01", True, True),  # a Wednesday
        ("2026-07-03", True, True),  # a Friday
        ("2026-07-04", False, True),  # a Saturday
        ("2026-07-05", False, False),  # a Sunday
        ("2027-08-15", False, True),  # a listed holiday on a Sunday
        ("2027-03-28", False, False),  # Easter Sunday
        ("2026-10-04", False, False),  # not on the list: a Sunday like others
        ("2027-10-04", True, True),  # not on the list: a Monday like others
        ("2027-11-07", False, False),  # National Unity Day, a Sunday
        ("2026-11-04", True, True),
    ],
)
def test_days_of_the_week(day: str, basic: bool, others: bool, zone: str) -> None:
    for plan, staffed in ((BASIC, basic), (GOLD, others), (PLATINUM, others)):
        for time, open_then in (("08:59:59", False), ("09:00", staffed), ("17:59:59", staffed), ("18:00", False)):
            assert staffed_by_clock(plan, zone, f"{day} {time}") is open_then


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        # Friday before the clock change, and the Monday after it.
        (ROME, ("2026-03-27 08:00", "2026-03-30 07:00")),
        (ROME, ("2026-10-23 07:00", "2026-10-26 08:00")),
        (ROME, ("2027-03-26 08:00", "2027-03-30 07:00")),  # Monday 29 is Easter Monday
        (ROME, ("2027-10-29 07:00", "2027-11-02 08:00")),  # Monday 1 is All Saints' Day
        (NEW_YORK, ("2026-03-06 14:00", "2026-03-09 13:00")),
        (NEW_YORK, ("2026-10-30 13:00", "2026-11-02 14:00")),
        (NEW_YORK, ("2027-03-12 14:00", "2027-03-15 13:00")),
        (NEW_YORK, ("2027-11-05 13:00", "2027-11-08 14:00")),
        (DUBAI, ("2026-03-27 05:00", "2026-03-30 05:00")),
        (DUBAI, ("2027-10-29 05:00", "2027-11-02 05:00")),
    ],
)
def test_the_hour_on_the_clock_stays_across_a_clock_change(zone: str, opens: tuple[str, str]) -> None:
    friday, monday = map(utc, opens)
    nine_hours = timedelta(hours=9)
    assert staffed_spans(BASIC, zone, friday - nine_hours, monday + 2 * nine_hours) == [
        Span(friday, friday + nine_hours),
        Span(monday, monday + nine_hours),
    ]


def test_one_instant_is_staffed_in_one_region_and_not_in_another() -> None:
    at = utc("2026-07-01 07:30")  # 09:30 in Rome, 03:30 in New York, 11:30 in Dubai
    assert [is_staffed(PLATINUM, zone, at) for zone in REGION_ZONES] == [True, False, True]
    at = utc("2026-07-05 01:00")  # Saturday 21:00 in New York, Sunday elsewhere
    assert [is_staffed(PLATINUM, zone, at) for zone in REGION_ZONES] == [False, False, False]


@pytest.mark.parametrize(
    ("plan", "at", "expected"),
    [
        (BASIC, "2026-07-03 06:59:59", "2026-07-03 07:00"),
        (BASIC, "2026-07-03 07:00", "2026-07-03 16:00"),
        (BASIC, "2026-07-03 16:00", "2026-07-06 07:00"),
        (GOLD, "2026-07-03 16:00", "2026-07-04 07:00"),
        (PLATINUM, "2026-07-04 16:00", "2026-07-06 07:00"),
        (BASIC, "2026-12-24 17:00", "2026-12-28 08:00"),  # Christmas, St Stephen's Day, Sunday
        (GOLD, "2026-12-26 17:00", "2026-12-28 08:00"),
        (GOLD, "2027-08-14 16:00", "2027-08-15 07:00"),
    ],
)
def test_next_opening_or_closing(plan: Plan, at: str, expected: str) -> None:
    assert next_change(plan, ROME, utc(at)) == utc(expected)


def test_spans_are_cut_to_what_was_asked() -> None:
    asked = utc("2026-07-01 10:00"), utc("2026-07-01 11:00")
    assert staffed_spans(GOLD, ROME, *asked) == [Span(*asked)]
    assert staffed_spans(GOLD, ROME, asked[1], asked[0]) == []
    assert staffed_spans(GOLD, ROME, asked[0], asked[0]) == []


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    spans = staffed_spans(BASIC, "Pacific/Apia", utc("2011-12-28 12:00"), utc("2012-01-02 12:00"))
    days = [wall_time(span.start, "Pacific/Apia").day for span in spans]
    assert days == [28, 29, 2]  # Friday 30 December 2011 never was


def test_wrong_zone_and_naive_instant_are_refused() -> None:
    with pytest.raises(UnknownZoneError):
        is_staffed(GOLD, "Europe/Milan", utc("2026-07-01 10:00"))
    with pytest.raises(ValueError, match="must be aware"):
        is_staffed(GOLD, ROME, wall("2026-07-01 10:00"))


@given(plans, zones, instants, st.timedeltas(timedelta(), timedelta(days=20)), st.floats(0, 1))
def test_spans_say_what_single_instants_say(
    plan: Plan, zone: str, start: datetime, length: timedelta, part: float
) -> None:
    end = start + length
    spans = staffed_spans(plan, zone, start, end)
    assert all(one.end < other.start for one, other in pairwise(spans))
    assert all(start <= span.start and span.end <= end for span in spans)
    edges = [edge for span in spans for edge in (span.start, span.end - timedelta(microseconds=1), span.end)]
    for at in [start + length * part, *edges]:
        if start <= at < end:
            assert is_staffed(plan, zone, at) is any(span.covers(at) for span in spans)


@given(plans, zones, instants)
def test_nothing_changes_until_the_next_change(plan: Plan, zone: str, at: datetime) -> None:
    change, before = next_change(plan, zone, at), is_staffed(plan, zone, at)
    assert change > at
    assert is_staffed(plan, zone, change) is not before
    assert is_staffed(plan, zone, change - timedelta(microseconds=1)) is before
    assert all(is_staffed(plan, zone, at + (change - at) * part / 8) is before for part in range(8))

"""Rosters whose dates can be reckoned with never overflow; those near the ends of the calendar are refused."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.rosters.roster import DutyHours, Every, Layer, Override, Roster, Rotation, Unit, duty_spans, who_at
from schedules.rosters.soundness import UnsoundRosterError, out_of_reach, refuse_unsound
from schedules.staffed_hours import Plan, staffed_spans
from schedules.wall_clock import exact_wall_time, written_time
from tests.schedules.clocks import wall

# The farthest to both sides, one whose clock changes, and one that skipped a day.
ZONES = ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Rome", "Pacific/Apia"]
WEEK = Every(1, Unit.WEEK)


def roster(start: datetime, until: datetime | None = None, zone: str = "Europe/Rome", every: Every = WEEK) -> Roster:
    return Roster("Nights", zone, ("europe",), (Layer("first", (Rotation(start, every, ((1,), (2,)), until),)),))


@pytest.mark.parametrize(
    ("start", "until", "words"),
    [
        (wall("2026-01-05 18:00"), wall("9999-12-31 23:59"), "the end .until. of a rotation of layer first"),
        (wall("2026-01-05 18:00"), wall("9000-01-01 00:00"), "in the year 9000"),
        (wall("0001-01-01 00:00"), None, "the start of a rotation of layer first is in the year 0001"),
        (wall("9998-01-01 00:00"), wall("9999-01-01 00:00"), "only years from 2000 to 2099 can be planned"),
    ],
)
def test_dates_at_the_ends_of_the_calendar_are_refused(start: datetime, until: datetime | None, words: str) -> None:
    with pytest.raises(UnsoundRosterError, match=words):
        refuse_unsound(roster(start, until))


@pytest.mark.parametrize("year", [1970, 1998, 2101, 2150, 3000, 8000])
def test_a_date_a_little_beyond_works_and_is_told(year: int) -> None:
    """It was taken once, and people are rung by it: it must not stop."""
    odd = roster(wall("1970-01-01 00:00"), wall(f"{max(year, 2101)}-01-01 00:00"))
    refuse_unsound(odd)
    assert "in the year 1970" in (out_of_reach(odd) or "")
    assert who_at(odd, datetime(2026, 6, 1, tzinfo=UTC))[0].people
    assert out_of_reach(roster(wall("2000-01-01 00:00"), wall("2099-12-31 23:59"))) is None


moments = st.datetimes(wall("2000-01-01 00:00"), wall("2099-12-31 23:59"))
everies = st.builds(Every, st.integers(1, 10_000), st.sampled_from(Unit))


@given(
    st.sampled_from(ZONES), moments, st.none() | moments, everies, st.tuples(moments, moments), moments, st.booleans()
)
@settings(deadline=None)
def test_no_date_of_these_years_overflows(
    zone: str,
    start: datetime,
    until: datetime | None,
    every: Every,
    span: tuple[datetime, datetime],
    at: datetime,
    hours: bool,
) -> None:
    """Asked at any instant of these years, for a quarter, on the clocks of the ends of the world."""
    first, last = (each.replace(tzinfo=UTC) for each in sorted(span))
    override = (Override("first", first, last, 3),) if first < last else ()
    duty = (DutyHours(frozenset(range(7)), time(18), time(9)),) if hours else ()
    rotation = Rotation(start, every, ((1,), (2,)), until if until is not None and until > start else None)
    sound = Roster("Nights", zone, (), (Layer("first", (rotation,), duty),), override)
    refuse_unsound(sound)
    assert out_of_reach(sound) is None
    instant = at.replace(tzinfo=UTC)
    for moment in (instant, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)):
        for layer in who_at(sound, moment):
            if layer.until is not None:
                assert exact_wall_time(layer.until, zone)
                assert written_time(layer.until, zone)
    assert duty_spans(sound, "first", instant, instant + timedelta(days=93))
    staffed_spans(Plan.PLATINUM, zone, instant, instant + timedelta(days=93))

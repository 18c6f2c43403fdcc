from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from schedules import wall_clock
from schedules.wall_clock import UnknownZoneError, to_local, to_utc, wall_time
from tests.schedules.clocks import (
    DUBAI,
    LORD_HOWE,
    NEW_YORK,
    ROME,
    SAO_PAULO,
    instant_of,
    instants,
    shown_at,
    utc,
    wall,
    walls,
    zones,
)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        # Missing: moved forward by the gap.
        ("2026-03-29 01:59:59", ROME, "2026-03-29 00:59:59"),
        ("2026-03-29 02:00", ROME, "2026-03-29 01:00"),  # 03:00 summer time
        ("2026-03-29 02:30", ROME, "2026-03-29 01:30"),  # 03:30 summer time
        ("2026-03-29 03:00", ROME, "2026-03-29 01:00"),
        ("2027-03-28 02:30", ROME, "2027-03-28 01:30"),
        ("2026-03-08 02:30", NEW_YORK, "2026-03-08 07:30"),
        ("2027-03-14 02:30", NEW_YORK, "2027-03-14 07:30"),
        ("2026-10-04 02:15", LORD_HOWE, "2026-10-03 15:45"),  # 02:45, as the gap is half an hour
        ("2018-11-04 00:30", SAO_PAULO, "2018-11-04 03:30"),  # 01:30
        # Ambiguous: the first occurrence.
        ("2026-10-25 01:59:59", ROME, "2026-10-24 23:59:59"),
        ("2026-10-25 02:30", ROME, "2026-10-25 00:30"),
        ("2026-10-25 03:00", ROME, "2026-10-25 02:00"),
        ("2027-10-31 02:30", ROME, "2027-10-31 00:30"),
        ("2026-11-01 01:30", NEW_YORK, "2026-11-01 05:30"),
        ("2027-11-07 01:30", NEW_YORK, "2027-11-07 05:30"),
        ("2026-04-05 01:45", LORD_HOWE, "2026-04-04 14:45"),
        ("2019-02-16 23:30", SAO_PAULO, "2019-02-17 01:30"),
        # No change at all.
        ("2026-03-29 02:30", DUBAI, "2026-03-28 22:30"),
        ("2027-10-31 02:30", DUBAI, "2027-10-30 22:30"),
        # A day that never was.
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 22:00"),
    ],
)
def test_a_wall_clock_time_is_one_instant(local: str, zone: str, expected: str) -> None:
    assert to_utc(wall(local), zone) == utc(expected)


@given(walls, zones)
def test_the_standard_library_agrees_on_instants(local: datetime, zone: str) -> None:
    assert to_utc(local, zone) == instant_of(local, zone)


@given(instants, zones)
def test_the_standard_library_agrees_on_wall_time(at: datetime, zone: str) -> None:
    assert wall_time(at, zone) == shown_at(at, zone)
    assert to_local(at, zone) == at
    assert to_local(at, zone).replace(tzinfo=None) == shown_at(at, zone)


@pytest.mark.parametrize("zone", [ROME, NEW_YORK, LORD_HOWE, SAO_PAULO])
def test_every_quarter_of_an_hour_for_ten_years(zone: str) -> None:
    """Both directions around every clock change; elsewhere the two libraries have nothing to differ in."""
    local, days = wall("2018-01-01 00:00"), 0
    while local.year < 2028:
        if instant_of(local + timedelta(days=2), zone) - instant_of(local, zone) != timedelta(days=2):
            days += 1
            for quarter in range(2 * 96):
                moment = local + timedelta(minutes=15 * quarter)
                assert to_utc(moment, zone) == instant_of(moment, zone)
                assert wall_time(moment.replace(tzinfo=UTC), zone) == shown_at(moment.replace(tzinfo=UTC), zone)
        local += timedelta(days=1)
    assert days >= 4


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    at = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=5)))
    assert wall_time(at, ROME) == wall("2026-07-01 11:00")


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        wall_time(wall("2026-07-01 11:00"), ROME)


def test_an_aware_wall_clock_time_is_refused() -> None:
    with pytest.raises(ValueError, match="must be naive"):
        to_utc(utc("2026-07-01 11:00"), ROME)


@pytest.mark.parametrize(
    ("name", "says"),
    [("Europe/Roma", "did you mean 'Europe/Rome'"), ("", "use a name such as"), (None, "use a name such as")],
)
def test_an_unknown_zone_says_what_to_do(name: str, says: str) -> None:
    with pytest.raises(UnknownZoneError, match=says):
        to_utc(wall("2026-07-01 11:00"), name)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-07-01 16:00", "today at 18:00"),
        ("2026-07-01 22:00", "tomorrow at 0:00"),
        ("2026-06-30 16:00", "yesterday at 18:00"),
        ("2026-07-03 07:00", "Friday at 9:00"),
        ("2026-07-07 07:00", "Tuesday at 9:00"),
        ("2026-07-08 07:00", "Wednesday 8 July at 9:00"),
        ("2026-06-29 07:00", "Monday 29 June at 9:00"),
    ],
)
def test_a_time_is_spoken_from_where_one_stands(at: str, expected: str) -> None:
    assert wall_clock.spoken_when(utc(at), utc("2026-07-01 08:00"), ROME) == expected


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-10-25 00:30", ROME, "Sun 25 Oct 2026, 02:30 CEST"),
        ("2026-10-25 01:30", ROME, "Sun 25 Oct 2026, 02:30 CET"),
        ("2026-10-25 01:30", DUBAI, "Sun 25 Oct 2026, 05:30 UTC+04"),
    ],
)
def test_a_written_time_tells_the_two_halves_of_a_night_apart(at: str, zone: str, expected: str) -> None:
    assert wall_clock.written_time(utc(at), zone) == expected

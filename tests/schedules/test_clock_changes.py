"""Changes of clocks as a list, and wall-clock times that can be read again."""

from datetime import UTC, datetime, timedelta

import pytest

from schedules.clock_changes import clock_changes
from schedules.wall_clock import exact_wall_time, to_utc, wall_time


def test_rome() -> None:
    found = [(f"{each.at:%Y-%m-%dT%H:%M}", each.offset, each.name) for each in clock_changes("Europe/Rome", 2026, 2027)]
    hour = timedelta(hours=1)
    assert found == [
        ("2026-01-01T00:00", hour, "CET"),
        ("2026-03-29T01:00", 2 * hour, "CEST"),
        ("2026-10-25T01:00", hour, "CET"),
        ("2027-03-28T01:00", 2 * hour, "CEST"),
        ("2027-10-31T01:00", hour, "CET"),
    ]


def test_half_an_hour_and_no_change_at_all() -> None:
    names = [each.name for each in clock_changes("Australia/Lord_Howe", 2026, 2026)]
    assert names == ["UTC+11", "UTC+1030", "UTC+11"]
    assert len(clock_changes("Asia/Dubai", 2000, 2099)) == 1


@pytest.mark.parametrize(
    "zone", ["Europe/Rome", "Australia/Lord_Howe", "America/Havana", "Pacific/Chatham", "Asia/Dubai"]
)
def test_what_is_written_is_read_as_the_same_instant(zone: str) -> None:
    """Every ten minutes around each change; the offset is written in the second hour only."""
    for change in clock_changes(zone, 2026, 2027)[1:]:
        for minutes in range(-200, 201, 10):
            at = change.at + timedelta(minutes=minutes)
            written = exact_wall_time(at, zone)
            read = datetime.fromisoformat(written)
            assert (to_utc(read, zone) if read.tzinfo is None else read) == at
            local = wall_time(at, zone)
            assert (read.tzinfo is not None) == (to_utc(local, zone) != at)


def test_the_second_hour_has_its_offset() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert exact_wall_time(first, "Europe/Rome") == "2026-10-25T02:30"
    assert exact_wall_time(first + timedelta(hours=1), "Europe/Rome") == "2026-10-25T02:30+01:00"
    assert exact_wall_time(first + timedelta(hours=2), "Europe/Rome") == "2026-10-25T03:30"
    lord_howe = datetime(2026, 4, 4, 15, 15, tzinfo=UTC)
    assert exact_wall_time(lord_howe, "Australia/Lord_Howe") == "2026-04-05T01:45+10:30"

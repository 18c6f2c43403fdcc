"""On-call time split for pay and fairness, by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.rosters.shares import Shares, shares
from schedules.spans import Span
from schedules.wall_clock import to_utc

ROME = "Europe/Rome"
KINDS = ("days", "nights", "saturdays", "sundays", "holidays")


def local(text: str, zone: str = ROME) -> datetime:
    return to_utc(datetime.fromisoformat(text), zone)


def hours(found: Shares) -> dict[str, float]:
    """Those that are there, in hours."""
    split = {kind: getattr(found, kind) / timedelta(hours=1) for kind in KINDS}
    return {kind: length for kind, length in split.items() if length}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-06-08T18:00", "2026-06-09T09:00", {"days": 7, "nights": 8}),  # Monday evening to Tuesday morning
        ("2026-06-08T22:00", "2026-06-09T06:00", {"nights": 8}),
        ("2026-06-08T21:59", "2026-06-08T22:00", {"days": 1 / 60}),
        ("2026-06-12T18:00", "2026-06-15T09:00", {"days": 4 + 3, "nights": 2 + 6, "saturdays": 24, "sundays": 24}),
        ("2026-06-02T00:00", "2026-06-03T00:00", {"holidays": 24}),  # Republic Day, a Tuesday
        ("2026-06-01T18:00", "2026-06-03T09:00", {"days": 7, "nights": 2 + 6, "holidays": 24}),
        ("2026-11-01T00:00", "2026-11-02T00:00", {"holidays": 24}),  # All Saints', a Sunday
        ("2026-12-24T18:00", "2026-12-27T00:00", {"days": 4, "nights": 2, "holidays": 48}),  # the 26th is a Saturday
        ("2026-03-28T22:00", "2026-03-29T06:00", {"saturdays": 2, "sundays": 5}),  # the clock goes forward
        ("2026-10-24T22:00", "2026-10-25T06:00", {"saturdays": 2, "sundays": 7}),  # and back
    ],
)
def test_split(start: str, end: str, expected: dict[str, float]) -> None:
    assert hours(shares([Span(local(start), local(end))], ROME)) == pytest.approx(expected)


def test_another_clock_makes_another_split() -> None:
    span = Span(datetime(2026, 6, 8, 20, tzinfo=UTC), datetime(2026, 6, 8, 22, tzinfo=UTC))
    assert hours(shares([span], ROME)) == {"nights": 2}
    assert hours(shares([span], "America/New_York")) == {"days": 2}


def test_shares_add_up() -> None:
    one = shares([Span(local("2026-06-08T18:00"), local("2026-06-09T09:00"))], ROME)
    assert hours(one + one) == {"days": 14, "nights": 16}
    assert (one + one).total == timedelta(hours=30)


ZONES = st.sampled_from([ROME, "America/New_York", "Asia/Dubai", "Australia/Lord_Howe", "America/Sao_Paulo"])


@given(ZONES, st.integers(0, 2 * 365 * 24 * 60), st.integers(1, 20 * 24 * 60))
def test_every_minute_counts_once(zone: str, start: int, length: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    span = Span(begin, begin + timedelta(minutes=length))
    assert shares([span], zone).total == span.length

from datetime import timedelta

import pytest

from schedules.spans import Span, merged
from tests.schedules.clocks import utc, wall


def hours(start: int, end: int) -> Span:
    return Span(utc(f"2026-07-01 {start:02}:00"), utc(f"2026-07-01 {end:02}:00"))


def test_a_span_is_half_open() -> None:
    span = hours(9, 18)
    assert span.length == timedelta(hours=9)
    assert [span.covers(at) for at in (span.start, span.end - timedelta(microseconds=1), span.end)] == [
        True,
        True,
        False,
    ]


def test_a_span_is_cut() -> None:
    assert hours(9, 18).clip(utc("2026-07-01 10:00"), utc("2026-07-01 20:00")) == hours(10, 18)
    assert hours(9, 18).clip(utc("2026-07-01 18:00"), utc("2026-07-01 20:00")) is None


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(1, 2), (3, 4)], [(1, 2), (3, 4)]),
        ([(3, 4), (1, 2)], [(1, 2), (3, 4)]),
        ([(1, 2), (2, 3)], [(1, 3)]),  # they touch
        ([(1, 4), (2, 6)], [(1, 6)]),
        ([(1, 6), (2, 3), (5, 7)], [(1, 7)]),  # one inside another
        ([], []),
    ],
)
def test_merging(spans: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert list(merged(hours(*span) for span in spans)) == [hours(*span) for span in expected]


def test_spans_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        hours(9, 9)
    with pytest.raises(ValueError, match="must be aware"):
        Span(wall("2026-07-01 09:00"), wall("2026-07-01 18:00"))

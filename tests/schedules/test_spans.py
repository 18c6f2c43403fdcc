from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.spans import Span, in_common, merged
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


some_spans = st.lists(st.tuples(st.integers(0, 22), st.integers(1, 3)), max_size=8).map(
    lambda found: list(merged(hours(start, min(23, start + length)) for start, length in found))
)


@given(some_spans, some_spans)
def test_what_two_lists_have_in_common(one: list[Span], other: list[Span]) -> None:
    """As if each were held against each, though both are gone through once: here they can't be gone through twice."""
    expected = [(a, b, both) for a in one for b in other if (both := a.clip(b.start, b.end))]
    assert list(in_common(iter(one), iter(other))) == expected


def test_long_lists_are_gone_through_once() -> None:
    looked = 0

    def many() -> Iterator[Span]:
        nonlocal looked
        for number in range(5_000):
            looked += 1
            start = utc("2026-01-01 00:00") + timedelta(hours=2 * number)
            yield Span(start, start + timedelta(hours=1))

    assert sum(1 for _ in in_common(many(), many())) == 5_000
    assert looked == 10_000

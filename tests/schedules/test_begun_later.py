"""A rotation that begins at a later handoff of itself has the same people at the same handoffs, or is not made."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.rosters.rotation import Count, Every, Rotation, Unit, begun_later, handoff
from tests.schedules.clocks import LORD_HOWE, NEW_YORK, ROME, SAO_PAULO, wall

ABC = (("A",), ("B",), ("C",))
FAR = 140  # handoffs

STARTS = (
    "2026-01-31 18:00", "2026-01-28 02:30", "2026-03-28 02:30", "2026-10-24 02:30", "2027-03-22 02:30",
    "2026-06-01 00:00",
)  # fmt: skip
starts = st.sampled_from(STARTS)
lengths = st.builds(Every, st.integers(1, 30), st.sampled_from(Unit))


def rotation(start: str, every: str, count: Count = Count.ALL) -> Rotation:
    return Rotation(wall(start), Every.parse(every), ABC, None, count)


def same_from_then_on(one: Rotation, other: Rotation, zone: str, number: int) -> bool:
    return all(
        handoff(one, zone, number + step) == handoff(other, zone, step)
        and one.turns[(number + step) % 3] == other.turns[step % 3]
        for step in range(FAR)
    )


@given(starts, lengths, st.sampled_from([ROME, LORD_HOWE, NEW_YORK, SAO_PAULO]), st.integers(0, 60), st.booleans())
def test_all_later_handoffs_stay(start: str, every: Every, zone: str, number: int, weekdays: bool) -> None:
    whole = Rotation(wall(start), every, ABC)
    if weekdays and every.unit is Unit.DAY:
        whole = replace(whole, count=Count.ACTIVE, days=frozenset(range(5)))
    later = begun_later(whole, zone, number)
    if later is not None:
        assert same_from_then_on(whole, later, zone, number)
    elif every.unit is Unit.MONTH:
        assert whole.start.day > 28
    else:
        assert every.unit is Unit.HOUR


@pytest.mark.parametrize(
    ("start", "every", "zone", "number", "begins"),
    [
        ("2026-01-31 18:00", "1 month", ROME, 1, None),  # 28 February: all others would be 28ths
        ("2026-01-31 18:00", "1 month", ROME, 2, "2026-03-31 18:00"),
        ("2026-01-30 18:00", "1 month", ROME, 1, None),
        ("2026-01-29 18:00", "1 month", ROME, 3, "2026-04-29 18:00"),
        ("2026-08-31 09:00", "3 months", ROME, 1, None),  # 30 November
        ("2026-01-28 18:00", "1 month", ROME, 1, "2026-02-28 18:00"),
        ("2026-03-28 02:30", "1 day", ROME, 1, "2026-03-29 02:30"),  # 03:30 that night, and 02:30 again after it
        ("2026-03-22 02:30", "1 week", ROME, 1, "2026-03-29 02:30"),
        ("2026-10-04 02:15", "1 day", LORD_HOWE, 0, "2026-10-04 02:15"),  # half an hour is left out
        ("2026-10-24 14:30", "12 hours", ROME, 1, "2026-10-25 02:30"),  # the first of two
        ("2026-10-24 15:30", "12 hours", ROME, 1, None),  # the second one: no wall-clock time says which
        ("2026-10-24 15:30", "12 hours", ROME, 2, "2026-10-25 14:30"),
    ],
)
def test_where_it_begins(start: str, every: str, zone: str, number: int, begins: str | None) -> None:
    later = begun_later(rotation(start, every), zone, number)
    assert (later and later.start) == (begins and wall(begins))
    if later is not None:
        assert same_from_then_on(rotation(start, every), later, zone, number)


def test_it_ends_when_it_did() -> None:
    whole = replace(rotation("2026-06-01 18:00", "1 week"), until=wall("2026-09-01 18:00"))
    later = begun_later(whole, ROME, 2)
    assert later == replace(whole, start=whole.start + timedelta(weeks=2), turns=(("C",), ("A",), ("B",)))

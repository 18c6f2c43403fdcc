"""Hours that must be covered, and the gaps in them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.rosters.coverage import after_hours, gaps, without
from schedules.rosters.roster import DutyHours, Every, Layer, Override, Roster, Rotation, Unit, people_at
from schedules.spans import Span
from tests.schedules.random_rosters import rosters

# Monday 8 June 2026, 00:00 in Rome, and a week later.
MONDAY = datetime(2026, 6, 7, 22, tzinfo=UTC)
NEXT_MONDAY = MONDAY + timedelta(weeks=1)
ALWAYS = Rotation(datetime(2026, 1, 5), Every(1, Unit.WEEK), (("Ada",),))  # noqa: DTZ001 - a wall-clock time
NIGHTS = DutyHours(frozenset(range(6)), time(18), time(9))


def roster(*layers: Layer, overrides: tuple[Override, ...] = ()) -> Roster:
    return Roster("Nights", "Europe/Rome", ("europe",), layers, overrides)


def hours(spans: list[Span]) -> float:
    return sum((span.length for span in spans), timedelta()) / timedelta(hours=1)


def test_after_hours_of_a_week() -> None:
    found = after_hours("Europe/Rome", MONDAY, NEXT_MONDAY)
    # Six staffed days of nine hours; Saturday 18:00 to Monday is one piece.
    assert hours(found) == 168 - 6 * 9
    assert found[0] == Span(MONDAY, MONDAY + timedelta(hours=9))
    assert found[-1] == Span(MONDAY + timedelta(days=5, hours=18), NEXT_MONDAY)


def test_no_roster_is_one_gap_a_night() -> None:
    assert gaps([], "Europe/Rome", MONDAY, NEXT_MONDAY) == after_hours("Europe/Rome", MONDAY, NEXT_MONDAY)


def test_a_rotation_that_never_ends_leaves_no_gap() -> None:
    assert gaps([roster(Layer("first", (ALWAYS,)))], "Europe/Rome", MONDAY, NEXT_MONDAY) == []


def test_what_a_layers_hours_leave_out() -> None:
    nights = roster(Layer("first", (ALWAYS,), (NIGHTS,)))
    # Monday's first nine hours belong to Sunday's night, which nobody has; nor has anybody Sunday by day.
    assert gaps([nights], "Europe/Rome", MONDAY, NEXT_MONDAY) == [
        Span(MONDAY, MONDAY + timedelta(hours=9)),
        Span(MONDAY + timedelta(days=6, hours=9), NEXT_MONDAY),
    ]


def test_another_layer_or_roster_fills_the_gap() -> None:
    sundays = Layer("sundays", (ALWAYS,), (DutyHours(frozenset({6}), time(9), time(9)),))
    nights = Layer("first", (ALWAYS,), (NIGHTS,))
    assert gaps([roster(nights, sundays)], "Europe/Rome", MONDAY, NEXT_MONDAY) == []
    assert gaps([roster(nights), roster(sundays)], "Europe/Rome", MONDAY, NEXT_MONDAY) == []


def test_nobody_on_purpose_is_a_gap() -> None:
    start, end = MONDAY + timedelta(hours=17), MONDAY + timedelta(hours=20)
    nobody = roster(Layer("first", (ALWAYS,)), overrides=(Override("first", start, end, None),))
    assert gaps([nobody], "Europe/Rome", MONDAY, NEXT_MONDAY) == [Span(MONDAY + timedelta(hours=18), end)]


@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 10)), max_size=6))
def test_without_leaves_exactly_what_is_not_taken(pieces: list[tuple[int, int]]) -> None:
    minute = timedelta(minutes=1)
    taken = [Span(MONDAY + start * minute, MONDAY + (start + length) * minute) for start, length in pieces]
    left = without(Span(MONDAY, MONDAY + 24 * minute), taken)
    for number in range(24):
        at = MONDAY + number * minute
        assert any(span.covers(at) for span in left) is not any(span.covers(at) for span in taken)


@given(st.lists(rosters(), min_size=1, max_size=3))
@pytest.mark.slow
def test_gaps_are_the_instants_at_which_nobody_is_there(drawn: list[tuple[Roster, datetime]]) -> None:
    """Half hour by half hour over four days, by another way: one instant at a time, all layers of all rosters."""
    start, end = drawn[0][1] - timedelta(days=2), drawn[0][1] + timedelta(days=2)
    every = [each for each, _ in drawn]
    found = gaps(every, "Europe/Rome", start, end)
    needed = after_hours("Europe/Rome", start, end)
    for number in range(4 * 48):
        at = start + number * timedelta(minutes=30)
        needs = any(span.covers(at) for span in needed)
        there = any(people_at(each, at) for each in every)
        assert any(span.covers(at) for span in found) is (needs and not there)

"""Random rosters against a second, plodding engine, and against themselves."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.rosters.roster import (
    Every,
    Layer,
    Roster,
    Rotation,
    Unit,
    duty_spans,
    people_at,
    turn_at,
    walk,
    who_at,
)
from tests.schedules.clocks import instant_of, shown_at, utc, wall, zones
from tests.schedules.plodding import slow_duty, slow_handoff
from tests.schedules.random_rosters import CHANGES, HALF_HOUR, everies, rosters, times

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
HALF_MINUTE = timedelta(seconds=30)


@settings(max_examples=150, deadline=None)
@given(rosters(), st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=12))
def test_every_instant_agrees_with_the_plodding_engine(drawn: tuple[Roster, datetime], minutes: list[int]) -> None:
    roster, around = drawn
    for offset in minutes:
        at = around + timedelta(minutes=offset)
        for layer, duty in zip(roster.layers, who_at(roster, at), strict=True):
            answer = duty.people, duty.why, duty.override, duty.absent
            assert answer == slow_duty(roster, layer, at)
            until = duty.until or at + 3 * DAY
            assert until > at
            for later in (at + (until - at) / 2, until - MOMENT):
                assert slow_duty(roster, layer, later) == answer


@settings(max_examples=150, deadline=None)
@given(rosters(), st.integers(1, 12))
def test_spans_are_disjoint_cover_everything_and_agree_with_instants(drawn: tuple[Roster, datetime], days: int) -> None:
    roster, around = drawn
    start, end = around - days * DAY, around + days * DAY
    for number, layer in enumerate(roster.layers):
        spans = duty_spans(roster, layer.name, start, end)
        assert (spans[0].start, spans[-1].end) == (start, end)
        assert sum((span.end - span.start for span in spans), timedelta()) == end - start
        assert all(span.start < span.end for span in spans)
        for span in spans[:: len(spans) // 20 + 1]:
            for at in (span.start, span.start + (span.end - span.start) / 2, span.end - MOMENT):
                assert span[2:] == slow_duty(roster, layer, at)
                duty = who_at(roster, at)[number]
                assert span[2:] == (duty.people, duty.why, duty.override, duty.absent)
        for one, other in pairwise(spans):
            assert one.end == other.start
            assert one[2:] != other[2:]


@settings(max_examples=25, deadline=None)
@given(rosters(), st.integers(-8, 4))
def test_walking_over_a_clock_change_spans_say_what_each_instant_says(
    drawn: tuple[Roster, datetime], late: int
) -> None:
    """Steps of 30 s for three hours; as every edge falls on a step, the time of each person adds up exactly."""
    roster, around = drawn
    start = around + late * timedelta(minutes=30)
    steps = [start + number * HALF_MINUTE for number in range(360)]
    spans = [iter(duty_spans(roster, layer.name, start, steps[-1] + HALF_MINUTE)) for layer in roster.layers]
    current = [next(each) for each in spans]
    by_step, by_span = Counter[object](), Counter[object]()
    for at in steps:
        for number, duty in enumerate(who_at(roster, at)):
            if current[number].end <= at:
                current[number] = next(spans[number])
            span = current[number]
            assert span.start <= at < span.end
            assert span[2:] == (duty.people, duty.why, duty.override, duty.absent)
            by_step.update(dict.fromkeys(duty.people, 1))
            if at == span.start:
                by_span.update(dict.fromkeys(span.people, (span.end - span.start) // HALF_MINUTE))
    assert by_step == by_span


@settings(max_examples=60, deadline=None)
@given(rosters(), st.integers(0, 12), st.integers(1, 60))
def test_a_walk_is_the_same_as_all_at_once(drawn: tuple[Roster, datetime], before: int, days: int) -> None:
    roster, around = drawn
    start, end = around - before * DAY, around + days * DAY
    for layer in roster.layers:
        assert list(walk(roster, layer.name, start, end)) == duty_spans(roster, layer.name, start, end)


@settings(max_examples=60, deadline=None)
@given(rosters())
def test_everyone_is_rung_once_and_in_order_of_layers(drawn: tuple[Roster, datetime]) -> None:
    roster, at = drawn
    ring = people_at(roster, at)
    everyone = [person for duty in who_at(roster, at) for person in duty.people]
    assert sorted(set(ring), key=ring.index) == ring
    assert ring == sorted(set(everyone), key=everyone.index)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("hour", [time(0, 0), time(2, 15), time(18, 0)])
def test_walking_over_a_clock_change_each_handoff_falls_on_its_wall_time(zone: str, change: str, hour: time) -> None:
    """Steps of 30 s for two days; a handoff may be a step late at most, and there is one a day."""
    first_day: date = shown_at(utc(change), zone).date() - DAY
    daily = Rotation(datetime.combine(first_day - 9 * DAY, hour), Every(1, Unit.DAY), ((0,), (1,), (2,)))
    at = instant_of(datetime.combine(first_day, time(0, 0)), zone) - HALF_MINUTE
    end = instant_of(datetime.combine(first_day + 2 * DAY, time(23, 59)), zone)
    roster = Roster("walk", zone, (), (Layer("first", (daily,)),))
    handoffs: list[datetime] = []
    before = people_at(roster, at)
    while at < end:
        at += HALF_MINUTE
        now = people_at(roster, at)
        if now != before:
            assert (before, now) in [([0], [1]), ([1], [2]), ([2], [0])]
            handoffs.append(at)
        before = now
    assert handoffs == [instant_of(datetime.combine(first_day + n * DAY, hour), zone) for n in range(3)]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CHANGES), st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH]), st.integers(1, 3), times)
def test_handoffs_fall_on_the_stated_wall_time(change: tuple[str, str], unit: Unit, n: int, hour: time) -> None:
    """Over 150 days around a clock change; only where that time is missing the clock shows another, a gap later."""
    zone, around = change[0], utc(change[1])
    begin = around - 75 * DAY
    rotation = Rotation(datetime.combine(shown_at(begin, zone).date(), hour), Every(n, unit), ((1,), (2,)))
    roster = Roster("random", zone, (), (Layer("first", (rotation,)),))
    spans = duty_spans(roster, "first", instant_of(rotation.start, zone), around + 75 * DAY)
    # Counted from the first handoff, which may come up to a day after the beginning.
    assert len(spans) >= 149 // (n * {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31}[unit])
    for span in spans:
        shown = shown_at(span.start, zone)
        stated = datetime.combine(shown.date(), hour)
        missing = shown_at(instant_of(stated, zone), zone) != stated
        assert shown.time() == hour or (missing and shown - stated in (HALF_HOUR, 2 * HALF_HOUR))


@settings(max_examples=100, deadline=None)
@given(zones, everies, st.integers(0, 60), times)
def test_a_handoff_belongs_to_the_new_turn_alone(zone: str, every: Every, number: int, hour: time) -> None:
    rotation = Rotation(datetime.combine(wall("2018-01-31 00:00"), hour), every, ((0,), (1,), (2,)))
    at = slow_handoff(rotation, zone, number)
    turn, before = turn_at(rotation, zone, at), turn_at(rotation, zone, at - MOMENT)
    assert turn is not None
    assert (turn.number, turn.start, turn.end) == (number, at, slow_handoff(rotation, zone, number + 1))
    assert before is None if number == 0 else before is not None and before.number == number - 1

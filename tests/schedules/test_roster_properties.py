"""Random rosters against a second, plodding engine: it walks from the start, and asks the standard library's clock."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.roster import (
    DutyHours,
    Every,
    Layer,
    Override,
    PersonId,
    Roster,
    Rotation,
    Unit,
    Why,
    duty_spans,
    people_at,
    turn_at,
    who_at,
)
from tests.schedules.clocks import DUBAI, LORD_HOWE, NEW_YORK, ROME, SAO_PAULO, instant_of, shown_at, utc, wall, zones

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
HALF_MINUTE = timedelta(seconds=30)
# Each zone's clock changes, with a quiet night for the zone that has none.
CHANGES = [
    (ROME, "2026-03-29 01:00"),
    (ROME, "2026-10-25 01:00"),
    (ROME, "2027-03-28 01:00"),
    (ROME, "2027-10-31 01:00"),
    (NEW_YORK, "2026-03-08 07:00"),
    (NEW_YORK, "2026-11-01 06:00"),
    (NEW_YORK, "2027-03-14 07:00"),
    (NEW_YORK, "2027-11-07 06:00"),
    (DUBAI, "2026-03-29 01:00"),
    (LORD_HOWE, "2026-10-03 15:30"),
    (LORD_HOWE, "2027-04-03 15:00"),
    (SAO_PAULO, "2018-11-04 03:00"),
    (SAO_PAULO, "2019-02-17 02:00"),
]


@lru_cache(maxsize=100_000)
def slow_handoff(rotation: Rotation, zone: str, number: int) -> datetime:
    n = rotation.every.n * number
    match rotation.every.unit:
        case Unit.HOUR:
            return instant_of(rotation.start, zone) + timedelta(hours=n)
        case Unit.MONTH:
            year, month = rotation.start.year, rotation.start.month
            for _ in range(n):
                year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            day = min(rotation.start.day, monthrange(year, month)[1])
            return instant_of(rotation.start.replace(year=year, month=month, day=day), zone)
        case unit:
            days = n * 7 if unit is Unit.WEEK else n
            return instant_of(rotation.start + timedelta(days=days), zone)


def slow_turn(rotation: Rotation, zone: str, at: datetime) -> tuple[PersonId, ...]:
    if rotation.until is not None and at >= instant_of(rotation.until, zone):
        return ()
    number = 0
    while slow_handoff(rotation, zone, number) <= at:
        number += 1
    return rotation.turns[(number - 1) % len(rotation.turns)] if number else ()


def slow_on_duty(hours: DutyHours, zone: str, at: datetime) -> bool:
    today = shown_at(at, zone).date()
    for day in (today + n * DAY for n in (-2, -1, 0, 1)):
        lasts = DAY if hours.to <= hours.from_ else timedelta()
        start = instant_of(datetime.combine(day, hours.from_), zone)
        end = instant_of(datetime.combine(day + lasts, hours.to), zone)
        if day.weekday() in hours.days and start <= at < end:
            return True
    return False


def slow_duty(roster: Roster, layer: Layer, at: datetime) -> tuple[tuple[PersonId, ...], Why]:
    for override in reversed(roster.overrides):
        if override.layer == layer.name and override.start <= at < override.end:
            return (() if override.person is None else (override.person,)), Why.OVERRIDE
    if layer.hours and not any(slow_on_duty(hours, roster.time_zone, at) for hours in layer.hours):
        return (), Why.OFF_DUTY
    people: list[PersonId] = []
    for rotation in layer.rotations:
        for person in slow_turn(rotation, roster.time_zone, at):
            if person not in people:
                people.append(person)
    return tuple(people), Why.ROTATION if people else Why.NOBODY


people = st.integers(1, 9)
times = st.builds(time, st.sampled_from([0, 1, 2, 3, 9, 18, 23]), st.sampled_from([0, 30]))
everies = st.builds(Every, st.integers(1, 3), st.sampled_from(Unit)) | st.builds(
    Every, st.integers(1, 60), st.just(Unit.HOUR)
)


@st.composite
def rotations(draw: st.DrawFn, around: datetime) -> Rotation:
    day = (around - draw(st.integers(-20, 100)) * DAY).date()
    start = datetime.combine(day, draw(times))
    lasts = draw(st.none() | st.integers(1, 4000))
    turns = draw(st.lists(st.lists(people, min_size=1, max_size=2), min_size=1, max_size=4))
    until = None if lasts is None else start + lasts * timedelta(minutes=30)
    return Rotation(start, draw(everies), tuple(map(tuple, turns)), until)


@st.composite
def overrides(draw: st.DrawFn, around: datetime) -> Override:
    start = around + draw(st.integers(-400, 400)) * timedelta(minutes=30)
    length = draw(st.integers(1, 100)) * timedelta(minutes=30)
    return Override(draw(st.sampled_from("ab")), start, start + length, draw(st.none() | people))


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Roster, datetime]:
    """A roster in which much happens around an instant, which is near a clock change of its zone as a rule."""
    zone, change = draw(st.sampled_from(CHANGES))
    around = utc(change)
    duty_hours = st.builds(DutyHours, st.frozensets(st.integers(0, 6), min_size=1), times, times)
    layers = [
        Layer(
            name,
            tuple(draw(st.lists(rotations(around.replace(tzinfo=None)), max_size=2))),
            tuple(draw(st.lists(duty_hours, max_size=2))),
        )
        for name in "ab"
    ]
    changes = tuple(draw(st.lists(overrides(around), max_size=6)))
    return Roster("random", zone, (), tuple(layers), changes), around


@settings(max_examples=150, deadline=None)
@given(rosters(), st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=12))
def test_every_instant_agrees_with_the_plodding_engine(drawn: tuple[Roster, datetime], minutes: list[int]) -> None:
    roster, around = drawn
    for offset in minutes:
        at = around + timedelta(minutes=offset)
        for layer, duty in zip(roster.layers, who_at(roster, at), strict=True):
            assert (duty.people, duty.why) == slow_duty(roster, layer, at)
            assert duty.until is None or duty.until > at


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
                assert (span.people, span.why) == slow_duty(roster, layer, at)
                assert who_at(roster, at)[number].override == span.override
        for one, other in pairwise(spans):
            assert one.end == other.start
            assert (one.people, one.why, one.override) != (other.people, other.why, other.override)


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
@given(zones, everies, st.integers(0, 60), times)
def test_a_handoff_belongs_to_the_new_turn_alone(zone: str, every: Every, number: int, hour: time) -> None:
    rotation = Rotation(datetime.combine(wall("2018-01-31 00:00"), hour), every, ((0,), (1,), (2,)))
    at = slow_handoff(rotation, zone, number)
    turn, before = turn_at(rotation, zone, at), turn_at(rotation, zone, at - MOMENT)
    assert turn is not None
    assert (turn.number, turn.start, turn.end) == (number, at, slow_handoff(rotation, zone, number + 1))
    assert before is None if number == 0 else before is not None and before.number == number - 1

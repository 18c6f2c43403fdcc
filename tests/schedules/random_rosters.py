"""Random rosters in which much happens around a clock change."""

from datetime import datetime, time, timedelta

from hypothesis import strategies as st

from schedules.rosters.roster import (
    Count,
    Departure,
    DutyHours,
    Every,
    Kind,
    Layer,
    Override,
    Roster,
    Rotation,
    TimeOff,
    Unit,
)
from tests.schedules.clocks import DUBAI, LORD_HOWE, NEW_YORK, ROME, SAO_PAULO, utc

DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
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


people = st.integers(1, 6)
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
    until = None if lasts is None else start + lasts * HALF_HOUR
    every = draw(everies)
    count = Count.ALL if every.unit is Unit.HOUR else draw(st.sampled_from(Count))
    return Rotation(start, every, tuple(map(tuple, turns)), until, count)


@st.composite
def spans(draw: st.DrawFn, around: datetime) -> tuple[datetime, datetime]:
    start = around + draw(st.integers(-400, 400) | st.integers(-12, 12)) * HALF_HOUR
    return start, start + draw(st.integers(1, 100)) * HALF_HOUR


@st.composite
def overrides(draw: st.DrawFn, around: datetime) -> Override:
    layer, (start, end), person = draw(st.sampled_from("ab")), draw(spans(around)), draw(st.none() | people)
    kind = Kind.REPLACE if person is None else draw(st.sampled_from(Kind))
    return Override(layer, start, end, person, kind=kind)


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Roster, datetime]:
    """A roster in which much happens around an instant, which is near a clock change of its zone as a rule.

    Every edge in UTC falls on a full or a half hour.
    """
    zone, change = draw(st.sampled_from(CHANGES))
    around = utc(change)
    duty_hours = st.builds(DutyHours, st.frozensets(st.integers(0, 6), min_size=1), times, times)
    layers = tuple(
        Layer(
            name,
            tuple(draw(st.lists(rotations(around.replace(tzinfo=None)), max_size=2))),
            tuple(draw(st.lists(duty_hours, max_size=2))),
        )
        for name in "ab"
    )
    changes = tuple(draw(st.lists(overrides(around), max_size=6)))
    away = draw(st.lists(st.tuples(people, spans(around)), max_size=6))
    time_off = tuple(TimeOff(person, start, end) for person, (start, end) in away)
    left = draw(st.dictionaries(people, st.integers(-100, 400), max_size=2))
    departures = tuple(Departure(person, around + number * HALF_HOUR) for person, number in left.items())
    return Roster("random", zone, (), layers, changes, time_off, departures), around

"""Rotations that count only the days on which their layer is on duty, by hand and against the plodding engine.

1 June 2026 is a Monday, 3 January a Saturday; Rome is two hours ahead of UTC in summer.
"""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.rosters.roster import Count, DutyHours, Every, Layer, Roster, Rotation, Unit, duty_spans, who_at
from tests.schedules.clocks import ROME, ZONES, instant_of, utc, wall
from tests.schedules.plodding import slow_duty
from tests.schedules.tables import Case, hours, layer, roster, turns

WORKDAYS = "mon tue wed thu fri"
DAY = timedelta(days=1)


def active(start: str, every: str, *people: str, until: str | None = None) -> Rotation:
    made = turns(start, every, *people, until=until)
    return Rotation(made.start, made.every, made.turns, made.until, Count.ACTIVE)


def on(rotation: Rotation, *duty: DutyHours, zone: str = ROME) -> Roster:
    return roster(layer(rotation, on=duty), zone=zone)


SATURDAYS = hours("sat", "09:00", "18:00")
NIGHTS = hours(WORKDAYS, "18:00", "09:00")
OFFICE = hours(WORKDAYS, "09:00", "18:00")
WEEKENDS = hours("fri", "18:00", "09:00"), hours("sat sun", "09:00", "09:00")
LATE, SUNDAYS = hours("fri sat", "18:00", "09:00"), hours("sun", "00:00", "12:00")

CASES = [
    Case("two people on Saturdays", on(active("2026-06-06 09:00", "1 day", "A", "B"), SATURDAYS), {
        "-2026-06-06 07:00": "", "2026-06-06 07:00": "A", "-2026-06-06 16:00": "A", "2026-06-06 16:00": "",
        "2026-06-13 07:00": "B", "2026-06-20 07:00": "A", "2026-06-27 07:00": "B",
    }),
    Case("the handoff lies after the hours", on(active("2026-06-01 18:00", "1 day", "A", "B"), SATURDAYS), {
        "2026-06-06 10:00": "A", "2026-06-13 10:00": "B", "2026-06-20 10:00": "A",
    }),
    Case("the handoff divides the hours", on(active("2026-06-01 12:00", "1 day", "A", "B"), SATURDAYS), {
        # From Saturday noon to the next: the first turn begins on Monday, and has the first Saturday whole.
        "2026-06-06 10:00": "A", "-2026-06-13 10:00": "A", "2026-06-13 10:00": "B", "2026-06-20 09:59": "B",
        "2026-06-20 10:00": "A",
    }),
    Case("weekdays from midnight", on(active("2026-06-01 00:00", "1 day", "A", "B", "C"), OFFICE), {
        "2026-06-01 08:00": "A", "2026-06-02 08:00": "B", "2026-06-03 08:00": "C", "2026-06-04 08:00": "A",
        "2026-06-05 08:00": "B", "2026-06-06 08:00": "", "2026-06-08 08:00": "C", "2026-06-09 08:00": "A",
    }),
    Case("nights over midnight: Friday's is one", on(active("2026-06-01 18:00", "1 day", "A", "B", "C"), NIGHTS), {
        "2026-06-04 20:00": "A", "2026-06-05 20:00": "B", "-2026-06-06 07:00": "B", "2026-06-06 07:00": "",
        "2026-06-08 16:00": "C", "-2026-06-09 07:00": "C", "2026-06-09 16:00": "A",
    }),
    Case("nights with a handoff in the morning", on(active("2026-06-01 09:00", "1 day", "A", "B", "C"), NIGHTS), {
        "2026-06-05 20:00": "B", "2026-06-06 06:59": "B", "2026-06-08 16:00": "C", "2026-06-09 16:00": "A",
    }),
    Case("nights with a handoff at midnight", on(active("2026-06-01 00:00", "1 day", "A", "B", "C"), NIGHTS), {
        # Friday is the fifth day; Saturday's early hours still belong to it, as no day of the layer begins on Saturday.
        "2026-06-01 20:00": "A", "2026-06-01 22:00": "B", "2026-06-05 20:00": "B", "2026-06-06 06:59": "B",
        "2026-06-08 16:00": "C", "2026-06-08 22:00": "A",
    }),
    Case("two days each", on(active("2026-06-01 18:00", "2 days", "A", "B"), NIGHTS), {
        "2026-06-02 20:00": "A", "2026-06-03 20:00": "B", "2026-06-05 20:00": "A", "2026-06-08 20:00": "A",
        "2026-06-09 20:00": "B",
    }),
    Case("weekends of two kinds of hours", on(
        active("2026-06-05 18:00", "1 day", "A", "B", "C"), *WEEKENDS
    ), {
        # A handoff at 18:00 divides Saturday and Sunday: A has Friday 18:00 to Saturday 18:00.
        "2026-06-05 16:00": "A", "-2026-06-06 16:00": "A", "2026-06-06 16:00": "B", "2026-06-07 16:00": "C",
        "2026-06-08 06:59": "C", "2026-06-12 16:00": "A",
    }),
    Case("until", on(active("2026-06-06 09:00", "1 day", "A", "B", until="2026-06-20 12:00"), SATURDAYS), {
        "2026-06-13 07:00": "B", "-2026-06-20 10:00": "A", "2026-06-20 10:00": "", "2026-06-27 07:00": "",
    }),
    Case("a layer that is always on duty counts all days", on(active("2026-06-01 18:00", "1 day", "A", "B")), {
        "2026-06-01 16:00": "A", "2026-06-02 16:00": "B", "2026-06-06 16:00": "B",
    }),
    Case("a week stays a week", on(active("2026-06-01 18:00", "1 week", "A", "B"), NIGHTS), {
        "2026-06-05 20:00": "A", "2026-06-08 20:00": "B", "2026-06-15 20:00": "A",
    }),
    Case("over the clock change in autumn", on(active("2026-10-19 18:00", "1 day", "A", "B"), LATE), {
        # Friday 23 October 18:00 is 16:00 UTC; on Sunday 25 the clock goes back, and 09:00 is 08:00 UTC.
        "2026-10-23 16:00": "A", "2026-10-24 16:00": "B", "-2026-10-25 08:00": "B", "2026-10-25 08:00": "",
        "2026-10-30 17:00": "A", "2026-10-31 17:00": "B",
    }),
    Case("over the clock change in spring", on(active("2027-03-21 02:30", "1 day", "A", "B", "C"), SUNDAYS), {
        # Divided at 02:30, which is 03:30 summer time on 28 March: 01:30 UTC.
        "2027-03-28 01:00": "A", "-2027-03-28 01:30": "A", "2027-03-28 01:30": "B", "2027-04-03 22:00": "B",
        "2027-04-04 00:30": "C",
    }),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_by_hand(case: Case) -> None:
    case.check()


def test_only_whole_days_can_be_counted() -> None:
    with pytest.raises(ValueError, match="only days can be counted"):
        active("2026-06-01 18:00", "12 hours", "A", "B")


def test_far_ahead_nothing_drifts() -> None:
    """The 521st Saturday from 3 January 2026 on is 10 years later to the week, and A's, as 520 is even."""
    spans = duty_spans(
        on(active("2026-01-03 09:00", "1 day", "A", "B"), SATURDAYS),
        "first",
        utc("2035-12-21 00:00"),
        utc("2036-01-06 00:00"),
    )
    assert [(span.start, span.people) for span in spans if span.people] == [
        (utc("2035-12-22 08:00"), ("A",)), (utc("2035-12-29 08:00"), ("B",)), (utc("2036-01-05 08:00"), ("A",)),
    ]  # fmt: skip
    assert (date(2035, 12, 22) - date(2026, 1, 3)).days == 520 * 7


duties = st.lists(
    st.builds(
        DutyHours,
        st.frozensets(st.integers(0, 6), min_size=1),
        *[st.builds(time, st.sampled_from([0, 3, 9, 12, 18, 23]), st.sampled_from([0, 30]))] * 2,
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(duties, st.integers(1, 4), st.integers(0, 30), st.sampled_from([0, 9, 18]), st.sampled_from(ZONES), st.data())
@pytest.mark.slow
def test_at_random(duty: tuple[DutyHours, ...], n: int, first: int, hour: int, zone: str, data: st.DataObject) -> None:
    start = datetime.combine(date(2026, 10, 1) + first * DAY, time(hour))
    rotation = Rotation(start, Every(n, Unit.DAY), (("A",), ("B",), ("C", "D")), None, Count.ACTIVE)
    made = on(rotation, *duty, zone=zone)
    begin = instant_of(start, zone)
    spans = duty_spans(made, "first", begin - DAY, begin + 60 * DAY)
    for span in data.draw(st.lists(st.sampled_from(spans), min_size=1, max_size=6)):
        for at in (span.start, span.end - timedelta(minutes=1)):
            assert who_at(made, at)[0].people == span.people == slow_duty(made, made.layers[0], at)[0]


@settings(max_examples=100, deadline=None)
@given(duties, st.integers(2, 3), st.sampled_from([0, 9, 18]))
def test_nobody_is_left_without_a_turn_on_duty(duty: tuple[DutyHours, ...], people: int, hour: int) -> None:
    """What it is for: by days that count, each comes to the layer's hours."""
    everybody = tuple((f"P{number}",) for number in range(people))
    rotation = Rotation(wall(f"2026-06-01 {hour:02}:00"), Every(1, Unit.DAY), everybody, None, Count.ACTIVE)
    spans = duty_spans(on(rotation, *duty), "first", utc("2026-06-01 12:00"), utc("2026-09-01 12:00"))
    assert {person for span in spans for person in span.people} == {name for (name,) in everybody}


def test_a_layer_tells_its_own_days_alone() -> None:
    """The same rotation in two layers counts by each one's hours."""
    rotation = active("2026-06-01 09:00", "1 day", "A", "B")
    both = roster(layer(rotation, on=(SATURDAYS,)), Layer("second", (rotation,), (hours("sun", "09:00", "18:00"),)))
    assert [duty.people for duty in who_at(both, utc("2026-06-13 10:00"))] == [("B",), ()]
    assert [duty.people for duty in who_at(both, utc("2026-06-07 10:00"))] == [(), ("A",)]

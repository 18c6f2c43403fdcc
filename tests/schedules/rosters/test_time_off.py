from datetime import datetime, timedelta

import pytest

from schedules.rosters.overrides import Kind, Override
from schedules.rosters.roster import (
    DutySpan,
    Layer,
    LayerDuty,
    PersonId,
    Roster,
    Rotation,
    Why,
    duty_spans,
    people_at,
    who_at,
)
from schedules.rosters.rotation import Every
from schedules.rosters.time_off import Departure, TimeOff, TimeOffIndex
from tests.schedules.clocks import ROME, utc, wall

MOMENT = timedelta(microseconds=1)
SEVEN, EIGHT, NINE, TEN = (utc(f"2026-07-{day} 16:00") for day in ("07", "08", "09", "10"))


def weekly(*turns: tuple[PersonId, ...]) -> Rotation:
    return Rotation(wall("2026-07-06 18:00"), Every.parse("1 week"), turns)


FIRST = Layer("first", (weekly(("Ada", "Bruno"), ("Carla",)),))
BACKUP = Layer("backup", (weekly(("Dora",), ("Ada",)),))


def roster(*time_off: TimeOff, overrides: tuple[Override, ...] = ()) -> Roster:
    return Roster("After hours", ROME, (), (FIRST, BACKUP), overrides, time_off)


def test_one_of_two_people_is_away_and_the_other_is_rung_first() -> None:
    away = roster(TimeOff("Ada", SEVEN, EIGHT))
    assert people_at(away, SEVEN - MOMENT) == ["Ada", "Bruno", "Dora"]
    assert people_at(away, SEVEN) == ["Bruno", "Dora"]
    assert people_at(away, EIGHT - MOMENT) == ["Bruno", "Dora"]
    assert people_at(away, EIGHT) == ["Ada", "Bruno", "Dora"]
    assert who_at(away, SEVEN)[0] == LayerDuty("first", ("Bruno",), Why.ROTATION, EIGHT, None, ("Ada",))


def test_a_layer_left_without_people_keeps_its_reason_and_the_next_layer_is_rung() -> None:
    away = roster(TimeOff("Ada", SEVEN, NINE), TimeOff("Bruno", EIGHT, TEN))
    assert who_at(away, EIGHT)[0] == LayerDuty("first", (), Why.ROTATION, NINE, None, ("Ada", "Bruno"))
    assert people_at(away, EIGHT) == ["Dora"]


def test_whoever_an_override_names_is_not_rung_either() -> None:
    instead = Override("first", SEVEN, TEN, "Eva")
    (duty, _) = who_at(roster(TimeOff("Eva", SEVEN, EIGHT), overrides=(instead,)), SEVEN)
    assert duty == LayerDuty("first", (), Why.OVERRIDE, EIGHT, instead, ("Eva",))
    beside = Override("first", SEVEN, TEN, "Eva", kind=Kind.ADD)
    (duty, _) = who_at(roster(TimeOff("Eva", SEVEN, EIGHT), overrides=(beside,)), SEVEN)
    assert duty == LayerDuty("first", ("Ada", "Bruno"), Why.OVERRIDE, EIGHT, beside, ("Eva",))


def test_time_off_of_others_changes_nothing() -> None:
    (duty, _) = who_at(roster(TimeOff("Carla", SEVEN, EIGHT)), SEVEN)
    assert duty == LayerDuty("first", ("Ada", "Bruno"), Why.ROTATION, utc("2026-07-13 16:00"))


def test_spans_show_who_is_absent() -> None:
    away = roster(TimeOff("Ada", SEVEN, EIGHT), TimeOff("Ada", EIGHT, NINE), TimeOff("Carla", SEVEN, TEN))
    start, end = utc("2026-07-06 16:00"), utc("2026-07-13 16:00")
    assert duty_spans(away, "first", start, end) == [
        DutySpan(start, SEVEN, ("Ada", "Bruno"), Why.ROTATION),
        DutySpan(SEVEN, NINE, ("Bruno",), Why.ROTATION, None, ("Ada",)),
        DutySpan(NINE, end, ("Ada", "Bruno"), Why.ROTATION),
    ]


def test_spans_that_touch_or_overlap_are_one_absence() -> None:
    index = TimeOffIndex(
        [TimeOff(1, NINE, TEN), TimeOff(1, SEVEN, NINE), TimeOff(1, SEVEN, EIGHT), TimeOff(2, TEN, TEN + MOMENT)]
    )
    assert index.among([1, 2, 3], SEVEN) == ((1,), TEN)
    assert index.among([2, 1], TEN) == ((2,), TEN + MOMENT)
    assert index.among([3], SEVEN) == ((), None)
    assert index.between(SEVEN, TEN + MOMENT) == [(SEVEN, frozenset({1})), (TEN, frozenset({2}))]


def test_time_off_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        TimeOff("Ada", SEVEN, SEVEN)
    with pytest.raises(ValueError, match="must be aware"):
        TimeOff("Ada", wall("2026-07-07 00:00"), EIGHT)


def test_who_has_left_is_never_on_call_again() -> None:
    """In both engines, whatever puts them there: a rotation, an override, one beside others; time off ends for good."""
    covers = (
        Override("first", utc("2026-07-20 16:00"), utc("2026-07-27 16:00"), "Ada"),
        Override("first", utc("2026-07-27 16:00"), utc("2026-08-03 16:00"), "Ada", kind=Kind.ADD),
    )
    away = (TimeOff("Ada", SEVEN, TEN), TimeOff("Ada", utc("2026-09-01 16:00"), utc("2026-09-02 16:00")))
    left = Roster("After hours", ROME, (), (FIRST, BACKUP), covers, away, (Departure("Ada", NINE),))
    assert people_at(left, SEVEN - MOMENT) == ["Ada", "Bruno", "Dora"]
    assert people_at(left, NINE) == ["Bruno", "Dora"]
    for layer in left.layers:
        for span in duty_spans(left, layer.name, SEVEN - (TEN - SEVEN), utc("2026-12-01 16:00")):
            duty = next(each for each in who_at(left, span.start) if each.layer == layer.name)
            assert (duty.people, duty.absent) == (span.people, span.absent)
            assert span.start < SEVEN or "Ada" not in span.people
    covered = who_at(left, utc("2026-07-21 16:00"))[0]
    assert (covered.people, covered.absent, covered.why) == ((), ("Ada",), Why.OVERRIDE)


@pytest.mark.parametrize(
    ("away", "left"),
    [
        ((), SEVEN),  # never away
        ((TimeOff("Ada", SEVEN, NINE),), EIGHT),  # while away
        ((TimeOff("Ada", SEVEN, NINE),), SEVEN),  # in the moment in which they go
        ((TimeOff("Ada", SEVEN, NINE),), NINE),  # in the moment in which they would be back
        ((TimeOff("Ada", EIGHT, NINE),), SEVEN),  # before they would have been away
    ],
)
def test_time_off_around_a_departure(away: tuple[TimeOff, ...], left: datetime) -> None:
    index = TimeOffIndex(away, (Departure("Ada", left),))
    assert index.among(["Ada"], max(left, NINE)) == (("Ada",), None)
    assert index.among(["Ada"], TEN) == (("Ada",), None)
    first = min([left, *(each.start for each in away)])
    assert index.among(["Ada"], first - MOMENT)[0] == ()
    assert index.between(first - MOMENT, TEN) == [(first - MOMENT, frozenset()), (first, frozenset({"Ada"}))]

from datetime import timedelta

import pytest

from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import (
    DutySpan,
    Layer,
    LayerDuty,
    Override,
    PersonId,
    Roster,
    Rotation,
    Why,
    duty_spans,
    next_change_of_people,
    people_at,
    walk,
    who_at,
)
from schedules.rosters.rotation import Every
from schedules.wall_clock import UnknownZoneError
from tests.schedules.clocks import ROME, utc, wall

MOMENT = timedelta(microseconds=1)
WEEKLY = Every.parse("1 week")


def weekly(*turns: tuple[PersonId, ...], start: str = "2026-01-05 18:00", until: str | None = None) -> Rotation:
    return Rotation(wall(start), WEEKLY, turns, wall(until) if until else None)


def override(start: str, end: str, person: PersonId | None, layer: str = "first") -> Override:
    return Override(layer, utc(start), utc(end), person)


def roster(*layers: Layer, overrides: tuple[Override, ...] = ()) -> Roster:
    return Roster("After hours", ROME, ("europe",), layers, overrides)


FIRST = Layer("first", (weekly(("Ada",), ("Bruno",)),))
BACKUP = Layer("backup", (weekly(("Bruno",), ("Ada",)),))
CHRISTMAS = override("2026-12-24 17:00", "2026-12-25 08:00", "Carla")
EXAMPLE = roster(FIRST, BACKUP, overrides=(CHRISTMAS,))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05 16:59:59", []),
        ("2026-01-05 17:00", ["Ada", "Bruno"]),
        ("2026-01-12 16:59:59", ["Ada", "Bruno"]),
        ("2026-01-12 17:00", ["Bruno", "Ada"]),
        ("2026-03-30 15:59:59", ["Bruno", "Ada"]),  # the week of the clock change: handoff at 18:00 all the same
        ("2026-03-30 16:00", ["Ada", "Bruno"]),
        ("2026-12-24 16:59:59", ["Ada", "Bruno"]),
        ("2026-12-24 17:00", ["Carla", "Bruno"]),  # the override
        ("2026-12-25 07:59:59", ["Carla", "Bruno"]),
        ("2026-12-25 08:00", ["Ada", "Bruno"]),
    ],
)
def test_the_example_of_the_directory_file(at: str, expected: list[str]) -> None:
    assert people_at(EXAMPLE, utc(at)) == expected


def test_the_answer_says_why_and_until_when() -> None:
    first, backup = who_at(EXAMPLE, utc("2026-12-24 18:00"))
    assert first == LayerDuty("first", ("Carla",), Why.OVERRIDE, utc("2026-12-25 08:00"), CHRISTMAS)
    assert backup == LayerDuty("backup", ("Bruno",), Why.ROTATION, utc("2026-12-28 17:00"))
    assert who_at(EXAMPLE, utc("2026-12-24 16:00"))[0].until == CHRISTMAS.start
    assert who_at(EXAMPLE, utc("2026-01-01 00:00"))[0] == LayerDuty("first", (), Why.NOBODY, utc("2026-01-05 17:00"))


def test_nobody_on_purpose_leaves_the_layer_out() -> None:
    nobody = override("2026-02-01 00:00", "2026-02-02 00:00", None)
    quiet = roster(FIRST, BACKUP, overrides=(nobody,))
    assert who_at(quiet, utc("2026-02-01 00:00"))[0] == LayerDuty("first", (), Why.OVERRIDE, nobody.end, nobody)
    assert people_at(quiet, utc("2026-02-01 00:00")) == ["Ada"]
    assert people_at(quiet, utc("2026-02-02 00:00")) == ["Bruno", "Ada"]


def test_an_override_changes_its_own_layer_only() -> None:
    changed = roster(FIRST, BACKUP, overrides=(override("2026-02-01 00:00", "2026-02-02 00:00", "Dora", "backup"),))
    assert people_at(changed, utc("2026-02-01 12:00")) == ["Bruno", "Dora"]


def test_an_override_holds_outside_the_layers_hours_and_before_its_start() -> None:
    nights = Layer("first", FIRST.rotations, (DutyHours.parse(["mon"], "18:00", "09:00"),))
    by_day = override("2026-07-08 08:00", "2026-07-08 12:00", "Dora")
    before = override("2025-07-08 08:00", "2025-07-08 12:00", "Dora")
    changed = roster(nights, overrides=(by_day, before))
    assert who_at(changed, utc("2026-07-08 07:00"))[0] == LayerDuty("first", (), Why.OFF_DUTY, by_day.start)
    assert people_at(changed, utc("2026-07-08 08:00")) == ["Dora"]
    assert who_at(changed, utc("2026-07-08 12:00"))[0].why is Why.OFF_DUTY
    assert people_at(changed, utc("2025-07-08 08:00")) == ["Dora"]


def test_overrides_that_touch_hand_over_without_a_gap() -> None:
    at = utc("2026-02-01 12:00")
    changed = roster(
        FIRST,
        overrides=(
            override("2026-02-01 12:00", "2026-02-02 00:00", "Dora"),
            override("2026-02-01 00:00", "2026-02-01 12:00", "Carla"),
        ),
    )
    assert people_at(changed, at - MOMENT) == ["Carla"]
    assert people_at(changed, at) == ["Dora"]


def test_where_overrides_overlap_the_one_listed_later_holds() -> None:
    long = override("2026-02-01 00:00", "2026-02-10 00:00", "Carla")
    short = override("2026-02-03 00:00", "2026-02-04 00:00", "Dora")
    middle = utc("2026-02-03 12:00")
    assert people_at(roster(FIRST, overrides=(long, short)), middle) == ["Dora"]
    assert people_at(roster(FIRST, overrides=(long, short)), utc("2026-02-04 00:00")) == ["Carla"]
    assert people_at(roster(FIRST, overrides=(short, long)), middle) == ["Carla"]


def test_rotations_of_one_layer_are_joined_in_order_without_repeats() -> None:
    layer = Layer("first", (weekly(("Ada",), ("Bruno",)), weekly(("Bruno", "Carla"), ("Ada",))))
    assert people_at(roster(layer), utc("2026-01-06 00:00")) == ["Ada", "Bruno", "Carla"]
    assert people_at(roster(layer), utc("2026-01-13 00:00")) == ["Bruno", "Ada"]


def test_a_rotation_takes_over_where_another_ends() -> None:
    layer = Layer("first", (weekly(("Ada",), until="2026-02-02 18:00"), weekly(("Bruno",), start="2026-02-02 18:00")))
    assert people_at(roster(layer), utc("2026-02-02 17:00") - MOMENT) == ["Ada"]
    assert people_at(roster(layer), utc("2026-02-02 17:00")) == ["Bruno"]
    assert who_at(roster(layer), utc("2026-01-30 00:00"))[0].until == utc("2026-02-02 17:00")


def test_after_the_last_rotation_there_is_nobody_for_ever() -> None:
    ended = roster(Layer("first", (weekly(("Ada",), until="2026-02-02 18:00"),)))
    assert who_at(ended, utc("2026-02-02 17:00")) == (LayerDuty("first", (), Why.NOBODY),)


def test_a_layer_without_rotation_has_nobody() -> None:
    assert who_at(roster(Layer("first")), utc("2026-02-02 17:00")) == (LayerDuty("first", (), Why.NOBODY),)
    assert who_at(roster(), utc("2026-02-02 17:00")) == ()


def test_spans_cover_everything_and_are_as_long_as_they_can_be() -> None:
    alone = roster(Layer("first", (weekly((1,)),)), overrides=(override("2026-02-01 00:00", "2026-02-02 00:00", 2),))
    start, end = utc("2026-01-01 00:00"), utc("2026-03-01 00:00")
    change = alone.overrides[0]
    assert duty_spans(alone, "first", start, end) == [
        DutySpan(start, utc("2026-01-05 17:00"), (), Why.NOBODY),
        DutySpan(utc("2026-01-05 17:00"), change.start, (1,), Why.ROTATION),
        DutySpan(change.start, change.end, (2,), Why.OVERRIDE, change),
        DutySpan(change.end, end, (1,), Why.ROTATION),
    ]
    assert duty_spans(alone, "first", end, start) == []


def test_who_comes_next() -> None:
    within = timedelta(days=30)
    coming = next_change_of_people(EXAMPLE, "first", utc("2026-01-06 00:00"), within)
    assert coming is not None
    assert (coming.start, coming.people) == (utc("2026-01-12 17:00"), ("Bruno",))
    assert next_change_of_people(EXAMPLE, "first", utc("2026-01-06 00:00"), timedelta(days=2)) is None
    assert (
        next_change_of_people(roster(Layer("first", (weekly((1,)),))), "first", utc("2026-02-01 00:00"), within) is None
    )


def test_rosters_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="two layers of the same name"):
        roster(FIRST, FIRST)
    with pytest.raises(ValueError, match="no layer 'third'"):
        roster(FIRST, overrides=(override("2026-02-01 00:00", "2026-02-02 00:00", 1, "third"),))
    with pytest.raises(UnknownZoneError):
        Roster("After hours", "Europe/Roma", (), ())
    with pytest.raises(ValueError, match="an override must end"):
        override("2026-02-02 00:00", "2026-02-02 00:00", 1)
    with pytest.raises(ValueError, match="must be aware"):
        Override("first", wall("2026-02-01 00:00"), wall("2026-02-02 00:00"), 1)
    with pytest.raises(KeyError):
        duty_spans(EXAMPLE, "third", utc("2026-02-01 00:00"), utc("2026-02-02 00:00"))
    with pytest.raises(ValueError, match="must be aware"):
        who_at(EXAMPLE, wall("2026-02-01 00:00"))


def test_a_walk_through_a_long_span_is_the_same_as_all_at_once() -> None:
    start, end = utc("2025-12-01 00:00"), utc("2027-12-01 00:00")
    assert list(walk(EXAMPLE, "first", start, end)) == duty_spans(EXAMPLE, "first", start, end)


def test_a_walk_does_not_work_out_what_nobody_asks_for() -> None:
    hourly = Rotation(wall("2000-01-01 00:00"), Every.parse("1 hour"), ((1,), (2,)))
    endless = walk(roster(Layer("first", (hourly,))), "first", utc("2026-02-01 00:00"), utc("9000-01-01 00:00"))
    assert next(endless) == DutySpan(utc("2026-02-01 00:00"), utc("2026-02-01 01:00"), (2,), Why.ROTATION)

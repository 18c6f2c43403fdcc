"""When a drill is due and for whom, without a database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from oncall.drills.due import Coming, Due, coming_on, first_shifts, last_due, shift_of
from oncall.planning.handoffs import handoffs
from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import Every, Layer, Roster, Rotation, Unit
from schedules.rosters.time_off import TimeOff
from schedules.wall_clock import to_utc

ROME, NEW_YORK = "Europe/Rome", "America/New_York"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Monday 8 June 2026, 16:00 in Rome; at 18:00 Bruno takes over from Ada.
DRILL = datetime(2026, 6, 8, 14, tzinfo=UTC)
HANDOFF = DRILL + 2 * HOUR


def weekly(*people: str) -> Rotation:
    return Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), tuple((one,) for one in people))  # noqa: DTZ001


def roster(*layers: Layer, name: str = "Nights", away: tuple[TimeOff, ...] = ()) -> Roster:
    return Roster(name, ROME, ("europe",), layers, (), away)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (DRILL - timedelta(microseconds=1), None),
        (DRILL, Due(date(2026, 6, 8), DRILL, DRILL + DAY)),
        (DRILL + 3 * HOUR - timedelta(seconds=1), Due(date(2026, 6, 8), DRILL, DRILL + DAY)),
        (DRILL + 3 * HOUR, None),
    ],
)
def test_due_from_its_time_for_three_hours(now: datetime, expected: object) -> None:
    assert last_due(now, time(16), ROME) == expected


def test_yesterdays_drill_is_still_due_after_midnight() -> None:
    due = datetime(2026, 6, 8, 21, 30, tzinfo=UTC)
    assert last_due(due + HOUR, time(23, 30), ROME) == Due(date(2026, 6, 8), due, due + DAY)


def test_each_zone_has_its_own_hour() -> None:
    assert last_due(DRILL, time(16), NEW_YORK) is None
    assert last_due(DRILL + 6 * HOUR, time(16), NEW_YORK) == Due(
        date(2026, 6, 8), DRILL + 6 * HOUR, DRILL + 6 * HOUR + DAY
    )


def test_a_missing_hour_is_read_on_the_clock_before_the_change() -> None:
    """28 March 2027 in Rome: 02:30 does not exist, and is 03:30 summer time."""
    due = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert last_due(due - timedelta(seconds=1), time(2, 30), ROME) is None
    assert last_due(due, time(2, 30), ROME) == Due(date(2027, 3, 28), due, due + 23 * HOUR)


def test_an_hour_that_comes_twice_has_one_drill() -> None:
    """31 October 2027 in Rome: 02:30 comes twice, the first one counts."""
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    due = Due(date(2027, 10, 31), first, first + 25 * HOUR)
    assert last_due(first, time(2, 30), ROME) == due
    assert last_due(first + HOUR, time(2, 30), ROME) == due


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        (ROME, datetime(2027, 3, 20, 16)),  # noqa: DTZ001 - wall-clock times
        (ROME, datetime(2027, 10, 24, 16)),  # noqa: DTZ001
        (NEW_YORK, datetime(2027, 11, 1, 16)),  # noqa: DTZ001
        ("Australia/Lord_Howe", datetime(2027, 3, 28, 16)),  # noqa: DTZ001
        ("Australia/Lord_Howe", datetime(2027, 9, 27, 16)),  # noqa: DTZ001
    ],
)
@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_on_days_longer_or_shorter_by_a_clock_change_each_shift_has_one_drill(
    zone: str, first: datetime, minutes: int
) -> None:
    """Handoffs each day at the very minute of the drill, or next to it: none is left out, none comes twice."""
    daily = Rotation(first + timedelta(minutes=minutes), Every(1, Unit.DAY), (("Ada",), ("Bruno",)))
    plan = Roster("Nights", zone, ("europe",), (Layer("first", (daily,)),))
    days = [first + day * DAY for day in range(1, 15)]
    dues = [due for day in days if (due := last_due(to_utc(day, zone), time(16), zone)) is not None]
    drilled = [shift.at for due in dues for shift in coming_on(plan, due.at, due.next_at)]
    expected = [handoff.at for handoff in handoffs(plan, dues[0].at, dues[-1].next_at)]
    assert len(dues) == len(expected) == 14
    assert drilled == expected


def test_whoever_comes_with_the_next_handoff_within_a_day() -> None:
    plan = roster(Layer("first", (weekly("Ada", "Bruno"),)))
    assert coming_on(plan, DRILL, DRILL + DAY) == [Coming("Bruno", HANDOFF, "Nights", ("first",))]
    assert coming_on(plan, DRILL - DAY, DRILL) == []
    assert coming_on(plan, HANDOFF, HANDOFF + DAY) == []  # it has begun


def test_of_several_handoffs_only_the_next() -> None:
    every = Rotation(datetime(2026, 6, 8, 18), Every(8, Unit.HOUR), (("Ada",), ("Bruno",), ("Carla",)))  # noqa: DTZ001
    assert [each.person for each in coming_on(roster(Layer("first", (every,))), DRILL, DRILL + DAY)] == ["Ada"]


def test_who_goes_off_is_not_drilled_and_does_not_count_as_the_next_handoff() -> None:
    """The layer pauses at 17:00, and Bruno comes at 18:00."""
    hours = DutyHours.parse(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "18:00", "17:00")
    plan = roster(Layer("first", (weekly("Ada", "Bruno"),), (hours,)))
    assert [(each.person, each.at) for each in coming_on(plan, DRILL, DRILL + DAY)] == [("Bruno", HANDOFF)]


def test_who_has_time_off_is_left_alone() -> None:
    away = TimeOff("Bruno", HANDOFF - HOUR, HANDOFF + DAY, "")
    assert coming_on(roster(Layer("first", (weekly("Ada", "Bruno"),)), away=(away,)), DRILL, DRILL + DAY) == []


def test_one_drill_names_all_layers_that_begin_together() -> None:
    plan = roster(Layer("first", (weekly("Ada", "Bruno"),)), Layer("backup", (weekly("Carla", "Bruno"),)))
    assert first_shifts(coming_on(plan, DRILL, DRILL + DAY)) == [
        Coming("Bruno", HANDOFF, "Nights", ("first", "backup"))
    ]


def test_of_shifts_at_different_times_the_earliest_counts() -> None:
    later = Coming("Bruno", HANDOFF + HOUR, "Nights", ("backup",))
    elsewhere = Coming("Bruno", HANDOFF, "Days", ("first",))
    first = Coming("Bruno", HANDOFF, "Nights", ("first",))
    assert first_shifts([later, first, elsewhere]) == [first]


def test_somebodys_next_shift() -> None:
    plan = roster(Layer("first", (weekly("Ada", "Bruno"),)))
    assert shift_of(plan, "Ada", DRILL, DRILL + 14 * DAY) == Coming("Ada", HANDOFF + 7 * DAY, "Nights", ("first",))
    assert shift_of(plan, "Dino", DRILL, DRILL + 14 * DAY) is None

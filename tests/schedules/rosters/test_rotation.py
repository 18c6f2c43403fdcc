from datetime import timedelta

import pytest

from schedules.rosters.rotation import Every, PersonId, Rotation, Unit, handoff, turn_at, turn_bounds
from tests.schedules.clocks import DUBAI, LORD_HOWE, NEW_YORK, ROME, SAO_PAULO, utc, wall

MOMENT = timedelta(microseconds=1)
ABC: tuple[tuple[PersonId, ...], ...] = (("A",), ("B",), ("C",))


def rotation(
    start: str, every: str, turns: tuple[tuple[PersonId, ...], ...] = ABC, until: str | None = None
) -> Rotation:
    return Rotation(wall(start), Every.parse(every), turns, wall(until) if until else None)


@pytest.mark.parametrize(
    ("text", "n", "unit"),
    [
        ("1 week", 1, Unit.WEEK),
        ("12 hours", 12, Unit.HOUR),
        ("2 weeks", 2, Unit.WEEK),
        ("1 month", 1, Unit.MONTH),
        ("day", 1, Unit.DAY),
        ("days", 1, Unit.DAY),
        ("daily", 1, Unit.DAY),
        ("Weekly", 1, Unit.WEEK),
        ("  10days ", 10, Unit.DAY),
        ("every 3 Months", 3, Unit.MONTH),
        ("every week", 1, Unit.WEEK),
    ],
)
def test_lengths_of_turns_are_read(text: str, n: int, unit: Unit) -> None:
    assert Every.parse(text) == Every(n, unit)


@pytest.mark.parametrize(
    "text", ["", "1", "1 year", "week 1", "-1 week", "1.5 days", "1 week 2 days", "every", "weekss"]
)
def test_other_lengths_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='write "12 hours"'):
        Every.parse(text)


@pytest.mark.parametrize("text", ["0 days", "10001 hours"])
def test_a_turn_has_a_sensible_length(text: str) -> None:
    with pytest.raises(ValueError, match="a turn lasts 1 to 10000"):
        Every.parse(text)


def test_a_length_is_written_as_it_is_read() -> None:
    assert [str(Every(1, Unit.WEEK)), str(Every(12, Unit.HOUR))] == ["1 week", "12 hours"]


@pytest.mark.parametrize(
    ("turns", "start", "until", "says"),
    [
        ((), "2026-01-05 18:00", None, "at least one person"),
        ((("A",), ()), "2026-01-05 18:00", None, "at least one person"),
        (ABC, "2026-01-05 18:00", "2026-01-05 18:00", "end after it starts"),
        (ABC, "2026-01-05 18:00+01:00", None, "without a time zone"),
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused(
    turns: tuple[tuple[PersonId, ...], ...], start: str, until: str | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        rotation(start, "1 week", turns, until)


@pytest.mark.parametrize(
    ("start", "every", "zone", "handoffs"),
    [
        # Days and weeks keep the hour on the clock.
        ("2026-03-28 18:00", "1 day", ROME, ["03-28 17:00", "03-29 16:00", "03-30 16:00"]),
        ("2026-10-24 18:00", "1 day", ROME, ["10-24 16:00", "10-25 17:00", "10-26 17:00"]),
        ("2026-03-23 18:00", "1 week", ROME, ["03-23 17:00", "03-30 16:00", "04-06 16:00"]),
        ("2026-10-19 18:00", "1 week", ROME, ["10-19 16:00", "10-26 17:00", "11-02 17:00"]),
        ("2026-03-07 18:00", "1 day", NEW_YORK, ["03-07 23:00", "03-08 22:00", "03-09 22:00"]),
        ("2026-10-31 18:00", "1 day", NEW_YORK, ["10-31 22:00", "11-01 23:00", "11-02 23:00"]),
        ("2026-03-28 18:00", "1 day", DUBAI, ["03-28 14:00", "03-29 14:00", "03-30 14:00"]),
        ("2026-03-01 18:00", "10 days", ROME, ["03-01 17:00", "03-11 17:00", "03-21 17:00", "03-31 16:00"]),
        # Hours are real hours.
        ("2026-03-28 18:00", "12 hours", ROME, ["03-28 17:00", "03-29 05:00", "03-29 17:00"]),
        ("2026-10-24 18:00", "24 hours", ROME, ["10-24 16:00", "10-25 16:00", "10-26 16:00"]),
        ("2026-03-07 18:00", "12 hours", NEW_YORK, ["03-07 23:00", "03-08 11:00", "03-08 23:00"]),
        # Missing and ambiguous handoffs.
        ("2026-03-28 02:30", "1 day", ROME, ["03-28 01:30", "03-29 01:30", "03-30 00:30"]),
        ("2026-10-24 02:30", "1 day", ROME, ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
        ("2026-10-03 02:15", "1 day", LORD_HOWE, ["10-02 15:45", "10-03 15:45", "10-04 15:15"]),
        ("2018-11-03 00:00", "1 day", SAO_PAULO, ["11-03 03:00", "11-04 03:00", "11-05 02:00"]),
        # Months of unequal length, counted from the start.
        ("2026-01-31 18:00", "1 month", ROME, ["01-31 17:00", "02-28 17:00", "03-31 16:00", "04-30 16:00"]),
        ("2026-05-31 18:00", "1 month", ROME, ["05-31 16:00", "06-30 16:00", "07-31 16:00", "08-31 16:00"]),
        ("2028-01-30 09:00", "1 month", ROME, ["01-30 08:00", "02-29 08:00", "03-30 07:00"]),
        ("2026-03-15 09:00", "3 months", ROME, ["03-15 08:00", "06-15 07:00", "09-15 07:00", "12-15 08:00"]),
    ],
)
def test_handoffs_by_hand(start: str, every: str, zone: str, handoffs: list[str]) -> None:
    plan = rotation(start, every)
    year = start[:4]
    for number, text in enumerate(handoffs):
        at = utc(f"{year}-{text}")
        assert handoff(plan, zone, number) == at
        turn = turn_at(plan, zone, at)
        assert turn is not None
        assert (turn.number, turn.people, turn.start) == (number, ABC[number % 3], at)
        assert turn_bounds(plan, zone, number) == (turn.start, turn.end)
        before = turn_at(plan, zone, at - MOMENT)
        if number == 0:
            assert before is None
        else:
            assert before is not None
            assert (before.number, before.end) == (number - 1, at)


def test_a_year_turns_over() -> None:
    monthly = rotation("2026-11-30 18:00", "1 month")
    assert [handoff(monthly, ROME, n) for n in (1, 2, 3)] == [
        utc("2026-12-30 17:00"),
        utc("2027-01-30 17:00"),
        utc("2027-02-28 17:00"),
    ]


def test_until_is_excluded_and_cuts_the_last_turn() -> None:
    plan = rotation("2026-01-05 18:00", "1 week", until="2026-01-14 12:00")
    last = turn_at(plan, ROME, utc("2026-01-14 11:00") - MOMENT)
    assert last is not None
    assert (last.people, last.end) == (("B",), utc("2026-01-14 11:00"))
    assert turn_at(plan, ROME, utc("2026-01-14 11:00")) is None
    assert turn_at(plan, ROME, utc("2036-01-14 11:00")) is None


def test_people_of_one_turn_share_it() -> None:
    plan = rotation("2026-01-05 18:00", "1 week", (("A", "B"), ("C",)))
    turns = [turn_at(plan, ROME, utc("2026-01-06 12:00") + week * timedelta(weeks=1)) for week in range(3)]
    assert [turn.people for turn in turns if turn] == [("A", "B"), ("C",), ("A", "B")]


def test_a_turn_after_many_years_is_found_at_once() -> None:
    plan = rotation("2006-01-02 18:00", "1 hour")
    turn = turn_at(plan, ROME, utc("2036-01-02 17:30"))
    assert turn is not None
    assert turn.number == (utc("2036-01-02 17:00") - utc("2006-01-02 17:00")) // timedelta(hours=1)

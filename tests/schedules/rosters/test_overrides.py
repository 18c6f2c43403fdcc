from datetime import timedelta

import pytest

from schedules.rosters.layers import DutyHours
from schedules.rosters.overrides import Kind, Override
from schedules.rosters.roster import Layer, LayerDuty, PersonId, Roster, Rotation, Why, people_at, who_at
from schedules.rosters.rotation import Every
from tests.schedules.clocks import ROME, utc, wall

MOMENT = timedelta(microseconds=1)
DAILY = Rotation(wall("2026-07-01 18:00"), Every.parse("1 day"), (("Ada",), ("Bruno",)))
MONDAYS = DutyHours.parse(["mon"], "18:00", "22:00")
MADE_AT = utc("2026-06-30 12:00")


def added(person: PersonId | None, start: str = "2026-07-06 17:00", end: str = "2026-07-06 19:00") -> Override:
    return Override("first", utc(start), utc(end), person, "busy night", Kind.ADD, "Lucia", MADE_AT)


def roster(override: Override, *hours: DutyHours, rotations: tuple[Rotation, ...] = (DAILY,)) -> Roster:
    return Roster("After hours", ROME, (), (Layer("first", rotations, hours),), (override,))


def test_a_person_added_stands_behind_the_people_of_the_rotations() -> None:
    changed = roster(added("Carla"))  # 17:00 UTC is 19:00 in Rome; 6 July is the sixth turn
    assert people_at(changed, utc("2026-07-06 17:00") - MOMENT) == ["Bruno"]
    assert people_at(changed, utc("2026-07-06 17:00")) == ["Bruno", "Carla"]
    assert people_at(changed, utc("2026-07-06 19:00") - MOMENT) == ["Bruno", "Carla"]
    assert people_at(changed, utc("2026-07-06 19:00")) == ["Bruno"]


def test_a_person_added_goes_on_over_a_handoff_with_the_new_people() -> None:
    changed = roster(added("Carla", "2026-07-06 12:00"))
    (duty,) = who_at(changed, utc("2026-07-06 12:00"))
    assert duty == LayerDuty("first", ("Ada", "Carla"), Why.OVERRIDE, utc("2026-07-06 16:00"), changed.overrides[0])
    assert people_at(changed, utc("2026-07-06 16:00")) == ["Bruno", "Carla"]


def test_a_person_added_who_is_on_call_anyway_is_there_once() -> None:
    (duty,) = who_at(roster(added("Bruno")), utc("2026-07-06 18:00"))
    assert (duty.people, duty.why) == (("Bruno",), Why.OVERRIDE)


def test_outside_the_hours_and_without_rotations_a_person_added_is_alone() -> None:
    evening = added("Carla", end="2026-07-06 21:00")  # duty ends at 20:00 UTC
    (duty,) = who_at(roster(evening, MONDAYS), utc("2026-07-06 20:00"))
    assert duty == LayerDuty("first", ("Carla",), Why.OVERRIDE, utc("2026-07-06 21:00"), evening)
    assert people_at(roster(evening, MONDAYS), utc("2026-07-06 20:00") - MOMENT) == ["Bruno", "Carla"]
    assert people_at(roster(evening, rotations=()), utc("2026-07-06 18:00")) == ["Carla"]


def test_an_override_remembers_who_made_it_and_when() -> None:
    made = added("Carla")
    assert (made.note, made.by, made.made_at) == ("busy night", "Lucia", MADE_AT)
    plain = Override("first", made.start, made.end, None)
    assert (plain.kind, plain.by, plain.made_at, plain.people) == (Kind.REPLACE, "", None, ())


def test_overrides_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a person"):
        added(None)
    with pytest.raises(ValueError, match="is not a valid Kind"):
        Override("first", MADE_AT, MADE_AT + MOMENT, "Ada", kind="swap")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must be aware"):
        Override("first", MADE_AT, MADE_AT + MOMENT, "Ada", made_at=wall("2026-07-01 00:00"))

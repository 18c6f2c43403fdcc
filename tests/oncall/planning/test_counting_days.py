"""`count: active` from the directory file, from forms, in drafts, in history, and back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from oncall.customers.pins import PinKeys
from oncall.directory import DirectoryError, apply, parse
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterLayer, RosterRotation
from oncall.planning.drafts.plan import from_json, to_json
from oncall.planning.editing import Author
from oncall.planning.plans.plan import LayerWish, Plan, PlannedLayer
from oncall.planning.undoing import history, last_change, undo
from oncall.planning.versions import version_of_layer
from oncall.rosters.reading import load_rosters
from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import Count, Every, Rotation, Unit, people_at
from tests.oncall.planning.conftest import DIRECTORY, NOW, WEEK, Desk
from tests.oncall.planning.in_force import change_layer, wish_of

SIDES = ("before", "after")
KEYS = PinKeys(b"a key for the tests of rosters")
ROTATION = "rotation: {start: 2026-06-01T18:00, every: 1 week, people: [Ada Rossi, Bruno Verdi]}"
SATURDAYS = """\
hours: [{days: [sat], from: "09:00", to: "18:00"}]
        rotation: {start: 2026-06-06T09:00, every: 1 day, count: active, people: [Ada Rossi, Bruno Verdi]}
"""
HOURS = [DutyHours.parse(["sat"], "09:00", "18:00")]
# Saturday 6 June 2026, 12:00 in Rome.
NOON = NOW + timedelta(days=5, hours=2)


def saturdays(desk: Desk, count: Count, every: str = "1 day") -> LayerWish:
    turns = ((desk.people["Ada"],), (desk.people["Bruno"],))
    rotation = Rotation(datetime(2026, 6, 6, 9), Every.parse(every), turns, None, count)  # noqa: DTZ001
    return LayerWish("first", [rotation], HOURS)


def on_call(desk: Desk) -> list[str]:
    """Who is on call on the four Saturdays from 6 June on."""
    names = {number: name for name, number in desk.people.items()}
    with desk.database.transaction() as session:
        [roster] = load_rosters(session, NOW, NOW + 5 * WEEK)
    return [names[int(person)] for week in range(4) for person in people_at(roster, NOON + week * WEEK)]


def test_the_file_has_it(desk: Desk) -> None:
    directory = DIRECTORY.replace(ROTATION, SATURDAYS)
    with desk.database.transaction() as session:
        assert apply(session, parse(directory), NOW, KEYS) == [
            "roster Nights: layer first: hours changed", "roster Nights: layer first: rotation changed",
        ]  # fmt: skip
    assert on_call(desk) == ["Ada", "Bruno", "Ada", "Bruno"]
    with desk.database.transaction() as session:
        assert apply(session, parse(directory), NOW, KEYS) == []
        assert apply(session, parse(directory.replace("count: active", "count: all")), NOW, KEYS) == [
            "roster Nights: layer first: rotation changed"
        ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count: active": "count: some"}, "count: 'some' is not one of all, active"),
        ({"count: active": "count: [active]"}, "count: "),
        ({"every: 1 day": "every: 12 hours"}, "count: is active, which counts days, and a turn lasts hours"),
    ],
)
def test_a_file_that_makes_no_sense_says_where(change: dict[str, str], words: str) -> None:
    directory = DIRECTORY.replace(ROTATION, SATURDAYS)
    for old, new in change.items():
        directory = directory.replace(old, new)
    with pytest.raises(DirectoryError, match="rosters → Nights → layers → first → rotation → ") as refused:
        parse(directory)
    assert words in str(refused.value)
    assert "line 15" in str(refused.value).lower()


def test_changed_told_and_taken_back(desk: Desk) -> None:
    author = Author("Mara", NOW, accepts_gaps=True)
    with desk.database.transaction() as session:
        change_layer(session, author, desk.layer_id, saturdays(desk, Count.ALL))
    assert on_call(desk) == ["Ada", "Bruno", "Ada", "Bruno"], "seven is odd: two people by the day still alternate"
    with desk.database.transaction() as session:
        change_layer(session, author, desk.layer_id, saturdays(desk, Count.ACTIVE, "2 days"))
        assert history(session, desk.roster_id)[0].words == (
            "Layer first changed: every 2 days on duty from Sat 6 Jun 2026, 09:00, 2 turns"
        )
        layer = session.get_one(RosterLayer, desk.layer_id)
        assert wish_of(layer) == saturdays(desk, Count.ACTIVE, "2 days")
        seen = version_of_layer(layer)
        layer.rotations[0].count = Count.ALL
        assert version_of_layer(layer) != seen
        layer.rotations[0].count = Count.ACTIVE
    assert on_call(desk) == ["Ada", "Ada", "Bruno", "Bruno"]
    with desk.database.transaction() as session:
        last = last_change(session, desk.roster_id)
        assert last is not None
        undo(session, author, desk.roster_id, last.id)
    assert on_call(desk) == ["Ada", "Bruno", "Ada", "Bruno"]


def without_count(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "count"}


def test_what_history_kept_before_there_was_a_count_is_taken_back(desk: Desk) -> None:
    author = Author("Mara", NOW, accepts_gaps=True)
    with desk.database.transaction() as session:
        change_layer(session, author, desk.layer_id, saturdays(desk, Count.ALL))
        change = last_change(session, desk.roster_id)
        assert change is not None
        old = [{**step, **{side: without_count(step[side]) for side in SIDES if step[side]}} for step in change.steps]
        session.execute(update(RosterChange).values(steps=old))
    with desk.database.transaction() as session:
        undo(session, author, desk.roster_id, change.id)
    with desk.database.transaction() as session:
        row = session.scalars(select(RosterRotation)).one()
        assert (row.every_unit, row.count) == ("weeks", "all")


def test_a_draft_keeps_it(desk: Desk) -> None:
    wish = saturdays(desk, Count.ACTIVE)
    plan = Plan((PlannedLayer(1, "first", tuple(wish.rotations), tuple(wish.hours)),))
    assert from_json(to_json(plan)) == plan
    counted = plan.layers[0].rotations[0]
    assert replace(counted, count=Count.ALL) != counted
    stored = to_json(plan)
    del stored["layers"][0]["rotations"][0]["count"]
    assert from_json(stored).layers[0].rotations[0].count is Count.ALL, "a draft of an earlier release"


def test_the_database_takes_no_other_count(desk: Desk) -> None:
    with pytest.raises(Exception, match="ck_roster_rotation_count"), desk.database.transaction() as session:
        session.execute(text("UPDATE roster_rotation SET count = 'some'"))


def test_hours_cannot_be_counted(desk: Desk) -> None:
    with pytest.raises(ValueError, match="only days can be counted"):
        saturdays(desk, Count.ACTIVE, "12 hours")
    assert saturdays(desk, Count.ACTIVE, "1 week").rotations[0].every.unit is Unit.WEEK

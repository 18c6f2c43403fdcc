"""Undoing a change that is not the last asks what a save would: it comes back among what was made since."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.rosters import RosterLayer, RosterRotation
from oncall.planning.editing import Author
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.recording import Step
from oncall.planning.touching import in_the_way
from oncall.planning.undoing import last_change, undo
from oncall.rosters.errors import AskFirstError, GoneError
from schedules.rosters.rotation import Every, Rotation
from tests.oncall.planning.conftest import DAY, DIRECTORY, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import add_layer, add_override, change_layer, remove_override

YES = Author("Mara Manager", NOW, accepts_gaps=True)
NIGHT = span(3 * DAY, 5 * HOUR)


def last_id(session: Session, desk: Desk) -> int:
    change = last_change(session, desk.roster_id)
    assert change is not None
    return change.id


def weekly(start: str, *people: int) -> Rotation:
    """From this wall clock time on."""
    return Rotation(datetime.fromisoformat(start), Every.parse("1 week"), tuple((each,) for each in people))


@pytest.fixture
def backup(desk: Desk) -> int:
    """A second layer, Dino's alone."""
    with desk.database.transaction() as session:
        wish = LayerWish("backup", (weekly("2026-05-01T18:00", desk.people["Dino"]),))
        return add_layer(session, YES, desk.roster_id, wish).id


def removed_cover(session: Session, desk: Desk, author: Author) -> int:
    """Carla covered a night in the first layer and does not any more: the change that removed it."""
    row = add_override(session, author, desk.layer_id, OverrideRequest(NIGHT, desk.people["Carla"]))
    remove_override(session, author, row.id)
    return last_id(session, desk)


def refused(desk: Desk, author: Author, change_id: int, words: str) -> None:
    """The undo asks first, and does nothing; after a yes it is done."""
    with pytest.raises(AskFirstError, match=words), desk.database.transaction() as session:
        undo(session, author, desk.roster_id, change_id)
    with desk.database.transaction() as session:
        undo(session, YES, desk.roster_id, change_id)


def test_who_has_taken_time_off_since(desk: Desk, manager: Author, backup: int) -> None:
    with desk.database.transaction() as session:
        removed = removed_cover(session, desk, manager)
        add_time_off(session, manager, desk.people["Carla"], span(DAY, 10 * DAY), "Europe/Rome")
    refused(desk, manager, removed, "Carla Neri has time off and would not be rung")


def test_who_stands_in_the_other_layer_since(desk: Desk, manager: Author, backup: int) -> None:
    with desk.database.transaction() as session:
        removed = removed_cover(session, desk, manager)
        add_override(session, manager, backup, OverrideRequest(NIGHT, desk.people["Carla"]))
    refused(desk, manager, removed, "Carla Neri would be in first and backup at once")


def test_a_rotation_moves_who_is_on_call(desk: Desk, manager: Author, backup: int) -> None:
    with desk.database.transaction() as session:
        wish = LayerWish("first", (weekly("2026-06-01T18:00", desk.people["Carla"], desk.people["Ada"]),))
        change_layer(session, YES, desk.layer_id, wish)
        turned = last_id(session, desk)
        add_override(session, manager, backup, OverrideRequest(span(20 * DAY, HOUR), desk.people["Bruno"]))
    refused(desk, manager, turned, "This moves who is on call")


def test_the_last_change_is_taken_back_without_questions(desk: Desk, manager: Author, backup: int) -> None:
    with desk.database.transaction() as session:
        wish = LayerWish("first", (weekly("2026-06-01T18:00", desk.people["Carla"], desk.people["Ada"]),))
        change_layer(session, YES, desk.layer_id, wish)
        turned = last_id(session, desk)
    with desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, turned)


def test_a_layer_that_a_file_has_filled_since_stays(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_layer(session, YES, desk.roster_id, LayerWish("extra", ()))
        added = last_id(session, desk)
    rotation = "{start: 2026-06-01T18:00, every: 1 week, people: [Carla Neri]}"
    with desk.database.transaction() as session:
        file = f"{DIRECTORY}      - name: extra\n        rotation: {rotation}\n"
        apply(session, parse(file), NOW, PinKeys(b"a key for the tests of rosters"))
    with pytest.raises(GoneError, match="changed elsewhere"), desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, added)
    with desk.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(RosterLayer)) == 2
        assert session.scalar(select(func.count()).select_from(RosterRotation)) == 2


class Counted:
    """A change whose steps tell how often they were looked at."""

    looks = 0
    undone = False

    def __init__(self, rows: range) -> None:
        self._steps: list[Step] = [
            {"table": "roster_override", "before": None, "after": {"id": row, "layer_id": 1}} for row in rows
        ]

    @property
    def steps(self) -> list[Step]:
        Counted.looks += 1
        return self._steps

    def __eq__(self, other: object) -> bool:
        raise AssertionError("changes are not looked for one by one")

    __hash__ = None  # type: ignore[assignment]


def test_a_long_history_is_gone_through_once() -> None:
    changes = [Counted(range(place, place + 3)) for place in range(2000)]
    found = list(in_the_way(changes))
    assert found[0][1] is None
    assert all(other is changes[max(0, place - 2)] for place, (_, other) in enumerate(found) if place)
    assert Counted.looks == 2 * len(changes)

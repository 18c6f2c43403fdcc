"""A change is taken back as a whole, if nothing later touches it, or not at all; what it did is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterChange, TimeOff
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.before_after import Names, Sides, sides
from oncall.planning.editing import Author
from oncall.planning.leave import add_time_off, remove_time_off
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.undoing import history, last_change, told, undo
from oncall.rosters.errors import GapOpensError, GoneError
from tests.oncall.planning.conftest import DAY, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import (
    add_layer,
    add_override,
    change_layer,
    change_override,
    move_layer,
    remove_layer,
    remove_override,
    wish_of,
)

YES = Author("Mara Manager", NOW, accepts_gaps=True)
Make: TypeAlias = Callable[[Session, Desk, Author], None]


def overrides(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(
        select(RosterOverride.id, RosterOverride.span, RosterOverride.person_id, RosterOverride.made_by).order_by(
            RosterOverride.id
        )
    )
    return [tuple(row) for row in rows]


def undo_last(session: Session, desk: Desk, author: Author) -> RosterChange:
    change = last_change(session, desk.roster_id)
    assert change is not None
    return undo(session, author, desk.roster_id, change.id)


def test_each_kind_of_change_is_taken_back_one_by_one(desk: Desk, manager: Author) -> None:
    seen = []
    with desk.database.transaction() as session:
        seen.append(overrides(session))
        row = add_override(
            session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"], note="x")
        )
        seen.append(overrides(session))
        change_override(session, manager, row.id, OverrideRequest(span(2 * DAY, DAY), desk.people["Dino"]))
        seen.append(overrides(session))
        remove_override(session, manager, row.id)
    while seen:
        with desk.database.transaction() as session:
            undo_last(session, desk, manager)
        with desk.database.transaction() as session:
            assert overrides(session) == seen.pop()
    with desk.database.transaction() as session:
        assert last_change(session, desk.roster_id) is None
        words = [change.words for change in history(session, desk.roster_id)]
    assert len(words) == 6
    assert words[0].startswith("Undone: Carla Neri covers")
    assert words[2].startswith("Undone: Removed: Dino")


def test_time_off_is_taken_back_too(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        row = add_time_off(session, manager, desk.people["Carla"], span(DAY, DAY), "Europe/Rome", "sea")
        remove_time_off(session, manager, row.id, "Europe/Rome")
    with desk.database.transaction() as session:
        undo_last(session, desk, manager)
    with desk.database.transaction() as session:
        [back] = session.scalars(select(TimeOff))
        assert (back.person_id, back.note, back.made_by, back.made_at) == (
            desk.people["Carla"], "sea", "Mara Manager", NOW,
        )  # fmt: skip


def test_a_row_changed_elsewhere_since_keeps_the_whole_change(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, HOUR), desk.people["Carla"]))
    with desk.database.transaction() as session:
        session.execute(update(RosterOverride).values(note="by hand"))
    with pytest.raises(GoneError, match="changed elsewhere"), desk.database.transaction() as session:
        undo_last(session, desk, manager)
    with desk.database.transaction() as session:
        assert len(overrides(session)) == 1
        assert len(history(session, desk.roster_id)) == 1


def test_undo_asks_about_a_gap_as_well(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        row = add_override(session, YES, desk.layer_id, OverrideRequest(span(DAY, HOUR), None))
        remove_override(session, manager, row.id)
    with pytest.raises(GapOpensError, match="Nobody would be on call"), desk.database.transaction() as session:
        undo_last(session, desk, manager)
    with desk.database.transaction() as session:
        undo_last(session, desk, YES)
        assert len(overrides(session)) == 1


def test_an_older_change_is_undone_when_nothing_later_touches_it(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, HOUR), desk.people["Carla"]))
        seen = last_change(session, desk.roster_id)
        assert seen is not None
    with desk.database.transaction() as session:
        other = Author("Max Other", NOW)
        kept = add_override(session, other, desk.layer_id, OverrideRequest(span(2 * DAY, HOUR), desk.people["Dino"])).id
        add_time_off(session, other, desk.people["Carla"], span(9 * DAY, DAY), "Europe/Rome")
    with desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, seen.id)
    with desk.database.transaction() as session:
        assert [row[0] for row in overrides(session)] == [kept]
        assert [(each.change.words[:14], each.undoable) for each in told(session, desk.roster_id, "Europe/Rome")] == [
            ("Undone: Carla ", False), ("Time off of Ca", True), ("Dino Bianchi c", True), ("Carla Neri cov", False),
        ]  # fmt: skip


def test_what_is_undone_is_not_undone_again(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, HOUR), desk.people["Carla"]))
        seen = last_change(session, desk.roster_id)
        assert seen is not None
        undo(session, Author("Max Other", NOW), desk.roster_id, seen.id)
    with pytest.raises(GoneError, match="undone already, by Max Other"), desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, seen.id)
    with pytest.raises(GoneError, match="not in the history"), desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, seen.id + 1000)


def _moved_later(session: Session, desk: Desk, author: Author) -> None:
    row = add_override(session, author, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
    change_override(session, author, row.id, OverrideRequest(span(2 * DAY, DAY), desk.people["Carla"]))


def _removed_later(session: Session, desk: Desk, author: Author) -> None:
    row = add_override(session, author, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
    remove_override(session, author, row.id)


def _covered_in_a_new_layer(session: Session, desk: Desk, author: Author) -> None:
    layer = add_layer(session, author, desk.roster_id, LayerWish("night", (), ()))
    add_override(session, author, layer.id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))


def _order_changed_twice(session: Session, desk: Desk, author: Author) -> None:
    layer = add_layer(session, author, desk.roster_id, LayerWish("night", (), ()))
    move_layer(session, author, layer.id, 0)


def _layer_removed_with_what_was_taken_out(session: Session, desk: Desk, author: Author) -> None:
    layer = add_layer(session, author, desk.roster_id, LayerWish("night", (), ()))
    row = add_override(session, author, layer.id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
    remove_override(session, author, row.id)
    remove_layer(session, author, layer.id)


def _time_off_taken_back(session: Session, desk: Desk, author: Author) -> None:
    row = add_time_off(session, author, desk.people["Carla"], span(DAY, DAY), "Europe/Rome", "sea")
    remove_time_off(session, author, row.id, "Europe/Rome")


@pytest.mark.parametrize(
    "make",
    [
        _moved_later,
        _removed_later,
        _covered_in_a_new_layer,
        _order_changed_twice,
        _layer_removed_with_what_was_taken_out,
        _time_off_taken_back,
    ],
)
def test_what_a_later_change_touches_waits_for_it(desk: Desk, make: Make) -> None:
    """Refused with what is in the way; one after the other, from the newest on, all of it goes."""
    with desk.database.transaction() as session:
        make(session, desk, YES)
    with desk.database.transaction() as session:
        newest, second, *_ = told(session, desk.roster_id, "Europe/Rome")
        assert (newest.undoable, second.undoable, second.touched_by) == (True, False, newest.change)
    with pytest.raises(GoneError) as refused, desk.database.transaction() as session:
        undo(session, YES, desk.roster_id, second.change.id)
    assert newest.change.words in str(refused.value)
    with desk.database.transaction() as session:
        for _ in history(session, desk.roster_id):
            undo_last(session, desk, YES)
        assert last_change(session, desk.roster_id) is None
        assert overrides(session) == []


def test_a_layer_that_something_outside_history_stands_in_is_not_taken_away(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        layer = add_layer(session, manager, desk.roster_id, LayerWish("night", (), ())).id
        session.execute(
            insert(RosterOverride).values(layer_id=layer, span=Range(NOW, NOW + HOUR), person_id=desk.people["Dino"])
        )
    with pytest.raises(GoneError, match="changed elsewhere"), desk.database.transaction() as session:
        undo_last(session, desk, manager)


def test_each_entry_says_what_stood_before_and_after(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        row = add_override(
            session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"], note="x")
        )
        change_override(session, YES, row.id, OverrideRequest(span(2 * DAY, DAY), None))
        remove_override(session, YES, row.id)
        add_time_off(session, manager, desk.people["Dino"], span(DAY, DAY), "Europe/Rome")
        change_layer(
            session, YES, desk.layer_id, replace(wish_of(session.get_one(RosterLayer, desk.layer_id)), name="front")
        )
    with desk.database.transaction() as session:
        found = [each.sides for each in told(session, desk.roster_id, "Europe/Rome")]
    carla = "Carla Neri covers in front, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST (x)"
    nobody = "Nobody, on purpose in front, Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 18:00 CEST"
    off = "Dino Bianchi has time off, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST"
    assert found == [
        Sides(("Layer first, number 1, on duty always",), ("Layer front, number 1, on duty always",)),
        Sides((), (off,)),
        Sides((nobody,), ()),
        Sides((carla,), (nobody,)),
        Sides((), (carla,)),
    ]


def test_rotations_are_told_with_their_turns_and_long_lists_are_cut(desk: Desk) -> None:
    with desk.database.transaction() as session:
        wish = wish_of(session.get_one(RosterLayer, desk.layer_id))
        [rotation] = wish.rotations
        turned = replace(rotation, turns=tuple(reversed(rotation.turns)))
        change_layer(session, YES, desk.layer_id, replace(wish, rotations=(turned,)))
        [changed] = told(session, desk.roster_id, "Europe/Rome")
    when = "every 1 week from Mon 1 Jun 2026, 18:00"
    assert changed.sides == Sides(
        (f"first: Ada Rossi, Bruno Verdi, {when}",), (f"first: Bruno Verdi, Ada Rossi, {when}",)
    )
    step = {"table": "time_off", "before": None}
    names = Names({1: "Ada Rossi"}, {})
    rows = [
        {"person_id": 1, "span": [f"2026-06-{day:02}T00:00+00:00", f"2026-06-{day:02}T09:00+00:00"]}
        for day in range(1, 15)
    ]
    many = sides([step | {"after": row} for row in rows], names, "UTC").after
    assert (len(many), many[-1]) == (9, "and 6 more")

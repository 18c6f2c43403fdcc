"""Layers and rotations are made, changed, moved and removed; each change is told and can be taken back."""

from dataclasses import replace
from datetime import datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterSwap
from oncall.models.rosters import RosterLayer
from oncall.planning.editing import Author
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.swapping import Shift, accept, propose
from oncall.planning.undoing import history, last_change, undo
from oncall.rosters.errors import GapOpensError, RosterError, TakenError
from oncall.rosters.reading import load_rosters
from schedules.rosters.layers import DutyHours
from schedules.rosters.roster import Every, Roster, Rotation, Unit
from tests.oncall.planning.conftest import DAY, HOUR, NOW, WEEK, Desk, span
from tests.oncall.planning.in_force import add_layer, add_override, change_layer, move_layer, remove_layer, wish_of


def backup(desk: Desk) -> LayerWish:
    """Carla and Dino share the first day, Bruno has the second; on weekday nights."""
    people = desk.people
    turns = ((people["Carla"], people["Dino"]), (people["Bruno"],))
    rotation = Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.DAY), turns)  # noqa: DTZ001 - a wall-clock time
    return LayerWish("backup", [rotation], [DutyHours(frozenset(range(5)), time(18), time(9))])


def stored(session: Session) -> Roster:
    session.expire_all()
    [roster] = load_rosters(session, NOW, NOW + 2 * WEEK)
    return roster


def undo_last(session: Session, desk: Desk, author: Author) -> None:
    change = last_change(session, desk.roster_id)
    assert change is not None
    undo(session, author, desk.roster_id, change.id)


def test_a_layer_is_added_and_read_back(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_layer(session, manager, desk.roster_id, backup(desk))
    with desk.database.transaction() as session:
        layers = stored(session).layers
        assert [layer.name for layer in layers] == ["first", "backup"]
        assert (list(layers[1].rotations), list(layers[1].hours)) == (backup(desk).rotations, backup(desk).hours)
        row = session.scalars(select(RosterLayer).where(RosterLayer.name == "backup")).one()
        assert wish_of(row) == backup(desk)
        assert history(session, desk.roster_id)[0].words == (
            "Layer backup added: every 1 day from Mon 1 Jun 2026, 18:00, 2 turns"
        )


def test_all_is_taken_back_in_turn(desk: Desk, manager: Author) -> None:
    """Adding, overriding, changing, moving and removing a layer, and each of them back."""
    seen: list[Roster] = []

    def note(session: Session) -> None:
        session.flush()
        seen.append(stored(session))

    with desk.database.transaction() as session:
        note(session)
        layer = add_layer(session, manager, desk.roster_id, backup(desk))
        note(session)
        yes = replace(manager, accepts_gaps=True)  # Ada is in both layers then, and others come on by day
        add_override(session, yes, layer.id, OverrideRequest(span(DAY, HOUR), desk.people["Ada"]))
        note(session)
        change_layer(session, yes, layer.id, LayerWish("second", backup(desk).rotations))
        note(session)
        move_layer(session, manager, layer.id, 0)
        note(session)
        assert [each.name for each in seen[-1].layers] == ["second", "first"]
        remove_layer(session, manager, layer.id)
        assert [each.name for each in stored(session).layers] == ["first"]
    while seen:
        with desk.database.transaction() as session:
            undo_last(session, desk, yes)
        with desk.database.transaction() as session:
            assert stored(session) == seen.pop()


def test_a_layer_takes_its_swaps_along_and_brings_them_back(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        layer = add_layer(session, manager, desk.roster_id, backup(desk))
        ada, bruno = desk.person(session, "Ada"), desk.person(session, "Bruno")
        given, taken = Shift(desk.layer_id, span(DAY, DAY)), Shift(layer.id, span(DAY, HOUR))
        swap_id = propose(session, Author("Ada", NOW), ada, bruno, given, taken).id
        accept(session, Author("Bruno", NOW, accepts_gaps=True), swap_id, bruno)  # he is in both layers then
        layer_id, before = layer.id, stored(session)
        assert len(before.overrides) == 2
    with desk.database.transaction() as session:
        remove_layer(session, manager, layer_id)
        assert stored(session).overrides == ()
        assert session.get(RosterSwap, swap_id) is None
    with desk.database.transaction() as session:
        undo_last(session, desk, replace(manager, accepts_gaps=True))
    with desk.database.transaction() as session:
        assert stored(session) == before
        assert session.get_one(RosterSwap, swap_id).state == "accepted"


def test_a_layer_that_stays_as_it_is_makes_no_history(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        layer = add_layer(session, manager, desk.roster_id, backup(desk))
    with desk.database.transaction() as session:
        change_layer(session, manager, layer.id, backup(desk))
        assert len(history(session, desk.roster_id)) == 1


def test_removing_the_only_layer_asks_first(desk: Desk, manager: Author) -> None:
    with pytest.raises(GapOpensError, match="Nobody would be on call"), desk.database.transaction() as session:
        remove_layer(session, manager, desk.layer_id)
    with desk.database.transaction() as session:
        assert len(stored(session).layers) == 1


def test_names_are_there_once_and_not_empty(desk: Desk, manager: Author) -> None:
    for name, error in (("first", TakenError), (" ", RosterError), ("x" * 61, RosterError)):
        with pytest.raises(error), desk.database.transaction() as session:
            add_layer(session, manager, desk.roster_id, LayerWish(name, backup(desk).rotations))

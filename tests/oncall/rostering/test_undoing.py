"""The last change is taken back as a whole, or not at all."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from oncall.rostering.editing import Author
from oncall.rostering.errors import GapOpensError, GoneError
from oncall.rostering.leave import add_time_off, remove_time_off
from oncall.rostering.models import RosterChange, TimeOff
from oncall.rostering.overriding import Wish, add_override, change_override, remove_override
from oncall.rostering.undoing import history, last_change, undo
from oncall.rosters import RosterOverride
from tests.oncall.rostering.conftest import DAY, HOUR, NOW, Desk, span


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
        row = add_override(session, manager, desk.layer_id, Wish(span(DAY, DAY), desk.people["Carla"], note="x"))
        seen.append(overrides(session))
        change_override(session, manager, row.id, Wish(span(2 * DAY, DAY), desk.people["Dino"]))
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


def test_what_nobody_has_seen_is_not_undone(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, Wish(span(DAY, HOUR), desk.people["Carla"]))
        seen = last_change(session, desk.roster_id)
        assert seen is not None
    with desk.database.transaction() as session:
        add_override(session, Author("Max Other", NOW), desk.layer_id, Wish(span(2 * DAY, HOUR), desk.people["Dino"]))
    with pytest.raises(GoneError, match="changed the roster meanwhile"), desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, seen.id)
    with desk.database.transaction() as session:
        assert len(overrides(session)) == 2


def test_a_row_changed_elsewhere_since_keeps_the_whole_change(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, Wish(span(DAY, HOUR), desk.people["Carla"]))
    with desk.database.transaction() as session:
        session.execute(update(RosterOverride).values(note="by hand"))
    with pytest.raises(GoneError, match="changed elsewhere"), desk.database.transaction() as session:
        undo_last(session, desk, manager)
    with desk.database.transaction() as session:
        assert len(overrides(session)) == 1
        assert len(history(session, desk.roster_id)) == 1


def test_undo_asks_about_a_gap_as_well(desk: Desk, manager: Author) -> None:
    careless = Author("Mara Manager", NOW, accepts_gaps=True)
    with desk.database.transaction() as session:
        row = add_override(session, careless, desk.layer_id, Wish(span(DAY, HOUR), None))
        remove_override(session, manager, row.id)
    with pytest.raises(GapOpensError, match="Nobody would be on call"), desk.database.transaction() as session:
        undo_last(session, desk, manager)
    with desk.database.transaction() as session:
        undo_last(session, desk, careless)
        assert len(overrides(session)) == 1

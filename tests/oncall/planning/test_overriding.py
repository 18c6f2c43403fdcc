"""Overrides: who may stand where, what history says of it, and two managers at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterOverride
from oncall.planning.editing import Author, open_gaps
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters.errors import GapOpensError, GoneError, RosterError, TakenError
from oncall.rosters.on_call import on_call
from schedules.rosters.overrides import Kind
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import add_override, change_override, remove_override

TRIES = 200


def names(desk: Desk, hours: int) -> list[str]:
    """Who is on call so long after the handoff."""
    with desk.database.transaction() as session:
        [roster] = on_call(session, HANDOFF + hours * HOUR)
        return [person.first_name for layer in roster.layers for person in layer.people]


def test_a_shift_is_covered(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(
            session, manager, desk.layer_id, OverrideRequest(span(DAY, 12 * HOUR), desk.people["Carla"], note="dentist")
        )
    assert [names(desk, hour) for hour in (23, 24, 35, 36)] == [["Ada"], ["Carla"], ["Carla"], ["Ada"]]
    with desk.database.transaction() as session:
        [change] = session.scalars(select(RosterChange))
        assert (change.made_by, change.at, change.undone) == ("Mara Manager", NOW, False)
        assert change.words == ("Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST")


def test_another_override_in_the_way_is_named_and_nothing_changes(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
    late = Author("Max Other", NOW)
    with pytest.raises(TakenError) as refused, desk.database.transaction() as session:
        add_override(session, late, desk.layer_id, OverrideRequest(span(DAY + 12 * HOUR, DAY), desk.people["Dino"]))
    assert str(refused.value) == (
        "Carla Neri covers in first already, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST, "
        "by Mara Manager. Choose another time, or change that override."
    )
    with desk.database.transaction() as session:
        assert (
            len(session.scalars(select(RosterOverride)).all()) == len(session.scalars(select(RosterChange)).all()) == 1
        )


def test_overrides_may_touch(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, HOUR), desk.people["Carla"]))
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY + HOUR, HOUR), desk.people["Dino"]))
    assert (names(desk, 24), names(desk, 25), names(desk, 26)) == (["Carla"], ["Dino"], ["Ada"])


def test_an_override_is_changed_and_removed(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        row = add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"]))
        number = row.id
    with desk.database.transaction() as session:
        change_override(session, manager, number, OverrideRequest(span(DAY, 2 * HOUR), desk.people["Dino"]))
    assert (names(desk, 24), names(desk, 26)) == (["Dino"], ["Ada"])
    with desk.database.transaction() as session:
        remove_override(session, manager, number)
    assert names(desk, 24) == ["Ada"]
    with pytest.raises(GoneError, match="it was removed by Mara Manager"), desk.database.transaction() as session:
        remove_override(session, manager, number)
    with desk.database.transaction() as session:
        words = [change.words for change in session.scalars(select(RosterChange).order_by(RosterChange.id))]
    assert words[1] == (
        "Dino Bianchi covers in first, Tue 2 Jun 2026, 18:00 CEST to Tue 2 Jun 2026, 20:00 CEST "
        "(before: Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 18:00 CEST)"
    )
    assert words[2].startswith("Removed: Dino Bianchi covers in first")


def test_nobody_on_purpose_asks_first_and_spells_the_gap_out(desk: Desk, manager: Author) -> None:
    nobody = OverrideRequest(span(DAY, 12 * HOUR), None)
    with pytest.raises(GapOpensError) as asked, desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, nobody)
    assert str(asked.value) == (
        "Nobody would be on call in europe: Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST. "
        "Save it all the same?"
    )
    assert names(desk, 24) == ["Ada"]
    with desk.database.transaction() as session:
        add_override(session, Author("Mara Manager", NOW, accepts_gaps=True), desk.layer_id, nobody)
    assert names(desk, 24) == []
    with desk.database.transaction() as session:
        assert [gap.span for gap in open_gaps(session, NOW)] == [span(DAY, 12 * HOUR)]
        # A gap that is there already is not asked about again.
        add_override(session, manager, desk.layer_id, OverrideRequest(span(3 * DAY, HOUR), desk.people["Dino"]))


def test_staffed_hours_need_nobody(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        # 09:00 to 18:00 on a Wednesday.
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY + 15 * HOUR, 9 * HOUR), None))
    assert names(desk, 24 + 15) == []


def test_nobody_cannot_be_added(desk: Desk, manager: Author) -> None:
    with pytest.raises(RosterError, match="Nobody can't be added"), desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, HOUR), None, Kind.ADD))


def test_two_managers_at_one_moment(desk: Desk) -> None:
    """Two hundred times: one wins, the other is told who is there."""
    authors = [Author("Mara Manager", NOW), Author("Max Other", NOW)]
    people = [desk.people["Carla"], desk.people["Dino"]]
    for attempt in range(TRIES):
        start = Barrier(2)

        def override(who: int, hours: int = attempt, start: Barrier = start) -> str:
            start.wait()
            try:
                with desk.database.transaction() as session:
                    wish = OverrideRequest(span(hours * HOUR, HOUR), people[who])
                    add_override(session, authors[who], desk.layer_id, wish)
            except TakenError as error:
                return str(error)
            return "won"

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(override, (0, 1)))
        assert results.count("won") == 1, results
        winner = results.index("won")
        loser_heard = results[1 - winner]
        assert f"by {authors[winner].name}" in loser_heard
        assert "covers in first already" in loser_heard
    with desk.database.transaction() as session:
        assert len(session.scalars(select(RosterOverride)).all()) == TRIES
        assert len(session.scalars(select(RosterChange)).all()) == TRIES


def test_the_database_itself_refuses_who_does_not_look(desk: Desk) -> None:
    """Two writers that know nothing of our rules, twenty times: never both."""
    refused: list[str] = []
    for attempt in range(20):
        start = Barrier(2)

        def write(person: str, hours: int = attempt, start: Barrier = start) -> bool:
            when = span(hours * HOUR, HOUR)
            row = {"layer_id": desk.layer_id, "span": Range(when.start, when.end), "person_id": desk.people[person]}
            start.wait()
            try:
                with desk.database.engine.begin() as connection:
                    connection.execute(insert(RosterOverride).values(row))
            except DBAPIError as error:
                refused.append(str(getattr(error.orig, "sqlstate", "")))
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(write, ("Carla", "Dino"))) == 1
    assert set(refused) <= {"23P01", "40P01"}  # by the constraint, or as one of two that waited for each other

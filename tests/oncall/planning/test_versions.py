"""Versions: one of two who have seen the same wins, and what is told of it is true."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.rosters import RosterOverride
from oncall.planning.editing import Author
from oncall.planning.finding import layer_now
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.plans.reading import planned
from oncall.planning.undoing import last_change, undo
from oncall.planning.versions import version_of_layer, version_of_override, who_removed
from oncall.rosters.errors import ChangedError
from schedules.rosters.overrides import Kind
from tests.oncall.planning.conftest import DAY, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import add_override, change_layer, change_override, wish_of


def layer_version(desk: Desk) -> str:
    with desk.database.transaction() as session:
        return version_of_layer(layer_now(session, desk.layer_id))


def rename(desk: Desk, name: str, seen: str) -> str:
    """What came of it, in a word or a sentence."""
    try:
        with desk.database.transaction() as session:
            wish = replace(wish_of(layer_now(session, desk.layer_id)), name=name)
            change_layer(session, Author(name, NOW), desk.layer_id, wish, seen)
    except ChangedError as error:
        return str(error)
    return "saved"


def test_of_two_at_once_one_is_refused(desk: Desk) -> None:
    """However their requests fall together: eight threads, one winner, who is named to all others."""
    seen = layer_version(desk)
    names = [f"name {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda name: rename(desk, name, seen), names))
    assert said.count("saved") == 1
    winner = names[said.index("saved")]
    assert all(words.startswith(f"{winner} has changed this layer meanwhile") for words in said if words != "saved")
    with desk.database.transaction() as session:
        assert layer_now(session, desk.layer_id).name == winner


def test_a_layer_as_it_was_has_the_version_it_had(desk: Desk, manager: Author) -> None:
    before = layer_version(desk)
    assert rename(desk, "front", before) == "saved"
    assert layer_version(desk) != before
    with desk.database.transaction() as session:
        change = last_change(session, desk.roster_id)
        assert change is not None
        undo(session, manager, desk.roster_id, change.id)
    assert layer_version(desk) == before


def test_an_override_changes_its_version_with_each_fact(desk: Desk, manager: Author) -> None:
    wishes = [
        OverrideRequest(span(DAY, DAY), desk.people["Carla"]),
        OverrideRequest(span(DAY, DAY + HOUR), desk.people["Carla"]),
        OverrideRequest(span(DAY, DAY), desk.people["Dino"]),
        OverrideRequest(span(DAY, DAY), desk.people["Carla"], Kind.ADD),
        OverrideRequest(span(DAY, DAY), desk.people["Carla"], note="dentist"),
    ]
    versions = []
    with desk.database.transaction() as session:
        row = add_override(session, manager, desk.layer_id, wishes[0])
        for wish in wishes:
            change_override(session, manager, row.id, wish)
            versions.append(version_of_override(row.layer_id, planned(row)))
    assert len(set(versions)) == len(wishes)


def test_nobody_is_blamed_for_what_a_file_removed(desk: Desk, manager: Author) -> None:
    """Whoever made the row is not who removed it; taking back that it was made is removing it."""
    with desk.database.transaction() as session:
        number = add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"])).id
    with desk.database.transaction() as session:
        session.delete(_override(session, number))
    with desk.database.transaction() as session:
        assert who_removed(session, "roster_override", number) == ""
        other = add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY, DAY), desk.people["Carla"])).id
    with desk.database.transaction() as session:
        change = last_change(session, desk.roster_id)
        assert change is not None
        undo(session, Author("Max Other", NOW), desk.roster_id, change.id)
        assert who_removed(session, "roster_override", other) == " by Max Other"


def test_nobody_is_blamed_for_what_a_file_changed(desk: Desk) -> None:
    """Mara's change was seen; what a directory file did to the layer afterwards is not hers."""
    assert rename(desk, "front", layer_version(desk)) == "saved"
    seen = layer_version(desk)
    with desk.database.transaction() as session:
        layer_now(session, desk.layer_id).name = "first"
    said = rename(desk, "other", seen)
    assert said.startswith("This layer has been changed since you loaded it. Nothing of yours is saved")


def _override(session: Session, number: int) -> RosterOverride:
    return session.scalars(select(RosterOverride).where(RosterOverride.id == number)).one()

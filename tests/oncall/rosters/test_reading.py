"""Rosters are read once, and again as soon as anybody has changed anything about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.rosters import RosterRotation
from oncall.models.stored_settings import PAGING, write
from oncall.rosters.reading import Shelf
from schedules.rosters.roster import Roster, who_at

DIRECTORY = """\
people:
  - {name: Ada, phone: "+390000000001", role: technician}
  - {name: Bruno, phone: "+390000000002", role: technician}
rosters:
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - {name: first, rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Ada, Bruno]}}
    overrides:
      - {layer: first, from: 2026-01-07T18:00, to: 2026-01-08T08:00, person: Bruno}
      - {layer: first, from: 2026-09-07T18:00, to: 2026-09-08T08:00, person: null}
"""
MONDAY = datetime(2026, 1, 5, 17, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 7, 18, tzinfo=UTC)

CHANGES = [
    "UPDATE roster SET regions = '{america}'",
    'UPDATE roster_layer SET duty_hours = \'[{"days": ["mon"], "from": "18:00", "to": "09:00"}]\'',
    "UPDATE roster_rotation SET every_n = 2",
    "UPDATE roster_turn SET person_id = (SELECT max(id) FROM person)",
    "DELETE FROM roster_override",
    "INSERT INTO roster_override (layer_id, span, note)"
    " SELECT id, '[2026-01-10 18:00+00, 2026-01-10 20:00+00)', '' FROM roster_layer",
    "UPDATE roster_override SET kind = 'add', person_id = (SELECT max(id) FROM person)",
    "UPDATE roster_override SET made_by = 'Mara Manager', made_at = '2026-01-02 08:00+00'",
    "INSERT INTO time_off (person_id, span, made_at)"
    " SELECT id, '[2026-01-10 18:00+00, 2026-01-12 20:00+00)', now() FROM person",
    "TRUNCATE roster_override",
    "TRUNCATE roster CASCADE",
]


@pytest.fixture
def loaded(database: Database) -> Database:
    with database.transaction() as session:
        apply(session, parse(DIRECTORY), MONDAY, PinKeys(b"a secret of the tests"))
    return database


@contextmanager
def reads(database: Database) -> Iterator[list[str]]:
    """The statements that read rosters meanwhile."""
    sent: list[str] = []

    def note(*details: object) -> None:
        if "roster_" in str(details[2]):
            sent.append(str(details[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def ask(shelf: Shelf, database: Database, at: datetime = MONDAY) -> tuple[Roster, ...]:
    with database.transaction() as session:
        return shelf.rosters_at(session, at)


def fresh(database: Database, at: datetime = MONDAY) -> tuple[Roster, ...]:
    return ask(Shelf(), database, at)


def test_what_has_not_changed_is_not_read_again(loaded: Database) -> None:
    shelf = Shelf()
    first = ask(shelf, loaded)
    with reads(loaded) as sent:
        assert ask(shelf, loaded, MONDAY + timedelta(days=30)) is first
        with loaded.transaction() as session:
            write(session, PAGING, {"no_answer": 20})
        assert ask(shelf, loaded) is first
    assert sent == []


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_seen_at_once(loaded: Database, change: str) -> None:
    shelf = Shelf()
    before = ask(shelf, loaded)
    with loaded.engine.begin() as connection:
        connection.execute(text(change))
    assert ask(shelf, loaded) == fresh(loaded) != before


def test_a_change_counts_once_it_is_committed(loaded: Database) -> None:
    shelf = Shelf()
    before = ask(shelf, loaded)
    with Session(loaded.engine) as manager:
        manager.execute(text(CHANGES[0]))
        assert shelf.rosters_at(manager, MONDAY) != before
        assert ask(shelf, loaded) == before
        manager.execute(text(CHANGES[2]))
        assert shelf.rosters_at(manager, MONDAY)[0].layers[0].rotations[0].every.n == 2
        manager.commit()
    assert ask(shelf, loaded) == fresh(loaded) != before


def test_a_change_taken_back_leaves_nothing_behind(loaded: Database) -> None:
    shelf = Shelf()
    before = ask(shelf, loaded)
    with Session(loaded.engine) as manager:
        manager.execute(text(CHANGES[3]))
        assert shelf.rosters_at(manager, MONDAY) != before
        manager.rollback()
    assert ask(shelf, loaded) == before


def test_an_instant_far_off_brings_its_own_overrides(loaded: Database) -> None:
    shelf = Shelf()
    january = ask(shelf, loaded)
    assert ask(shelf, loaded, SEPTEMBER) == fresh(loaded, SEPTEMBER) != january
    assert ask(shelf, loaded) == january


def test_a_shelf_of_all_that_is_planned_reads_once_for_any_instant_from_now_on(loaded: Database) -> None:
    shelf = Shelf(ahead=None)
    ask(shelf, loaded)
    with reads(loaded) as sent:
        january, september = ask(shelf, loaded), ask(shelf, loaded, SEPTEMBER)
    assert sent == []
    assert january is september
    [roster] = september
    assert who_at(roster, SEPTEMBER)[0].people == (), "the override of that night is known"
    earlier = MONDAY - timedelta(days=60)
    with reads(loaded) as sent:
        ask(shelf, loaded, earlier)
    assert sent, "what was over before it looked is read when somebody asks for it"


def test_without_a_version_nothing_is_kept(loaded: Database) -> None:
    shelf = Shelf()
    with loaded.engine.begin() as connection:
        connection.execute(text("DELETE FROM setting"))
    before = ask(shelf, loaded)
    with reads(loaded) as sent:
        assert ask(shelf, loaded) == before
    assert len(sent) == 3


def test_a_session_that_has_seen_a_rotation_before_reads_it_as_it_is_now(loaded: Database) -> None:
    with Session(loaded.engine) as session:
        assert session.scalars(select(RosterRotation)).one().every_n == 1
        with loaded.engine.begin() as connection:
            connection.execute(text(CHANGES[2]))
        assert Shelf().rosters_at(session, MONDAY)[0].layers[0].rotations[0].every.n == 2

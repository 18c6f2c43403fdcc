"""Calendar feeds go down and up: who has an address keeps it, and nobody's shows more than before."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from core.db import Database
from core.schema import alembic_config, upgrade
from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed
from oncall.models.rosters import RosterLayer, RosterOverride, span_of
from oncall.planning.editing import Author
from oncall.planning.feeds.addresses import Subject, find_feed, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.undoing import last_change, undo
from tests.calls.people import DIRECTORY
from tests.oncall.planning.conftest import DIRECTORY as NIGHTS
from tests.oncall.planning.conftest import NOW as AT_NIGHT
from tests.oncall.planning.conftest import Desk
from tests.oncall.planning.imports.test_again import THREE, bring_in, file, gone, look, night
from tests.oncall.planning.in_force import change_override
from tests.test_migrations import load

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
ORIGINS = select(RosterOverride.id, RosterOverride.span, RosterOverride.origin).order_by(RosterOverride.id)


def test_addresses_of_the_release_before_are_read_on(database: Database) -> None:
    load(database, DIRECTORY)
    with database.transaction() as session:
        layer = session.scalars(select(RosterLayer).order_by(RosterLayer.id)).first()
        assert layer is not None
        subjects = (Subject(roster_id=layer.roster_id), Subject(person_id=1), Subject(layer_id=layer.id))
        whole, person, of_layer = (make_feed(session, each, "mara@example.org", NOW, "Mine")[1] for each in subjects)
        before = calendar(session, found(session, whole), NOW)
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0020")
            assert connection.scalar(text("SELECT count(*) FROM calendar_feed")) == 2
    finally:
        upgrade(database.engine)
    with database.transaction() as session:
        # Without its layer it would have shown the whole roster.
        assert find_feed(session, of_layer) is None
        rows = session.scalars(select(CalendarFeed)).all()
        assert {(each.name, each.layer_id, each.last_fetched_at) for each in rows} == {("", None, None)}
        assert found(session, person).person_id == 1
        roster = found(session, whole).roster
        assert roster is not None
        named = before.replace(b"X-WR-CALNAME:Mine", b"X-WR-CALNAME:On call: " + roster.name.encode())
        assert calendar(session, found(session, whole), NOW) == named


def test_imports_can_be_undone_and_followed_after_a_downgrade(database: Database) -> None:
    """What was imported, removed and noted before, and also after somebody has changed something meanwhile."""
    load(database, NIGHTS)
    with database.transaction() as session:
        layer_id, roster_id = session.execute(select(RosterLayer.id, RosterLayer.roster_id)).one()
    desk = Desk(database, {}, roster_id, layer_id)
    author = Author("Mara Manager", AT_NIGHT)
    bring_in(desk, author, file(*THREE))
    bring_in(desk, author, file(*THREE[:2], night(10)))
    with database.transaction() as session:
        before = session.execute(ORIGINS).all()
    assert all(origin for _, _, origin in before)
    down_and_up(database, "0020")
    with database.transaction() as session:
        assert session.execute(ORIGINS).all() == before
    assert gone(look(desk, author, file(THREE[0], night(10)))) == ["6-5"]
    for left in (3, 0):
        with database.transaction() as session:
            last = last_change(session, roster_id)
            assert last is not None
            undo(session, author, roster_id, last.id)
            assert len(session.scalars(select(RosterOverride.id)).all()) == left


def test_who_changed_an_import_meanwhile_has_the_last_word(database: Database) -> None:
    """In the schema without origins: it is nobody's calendar's then, and the import can be undone after that is."""
    load(database, NIGHTS)
    with database.transaction() as session:
        layer_id, roster_id = session.execute(select(RosterLayer.id, RosterLayer.roster_id)).one()
        dino = session.scalars(select(Person.id).where(Person.name == "Dino Bianchi")).one()
    desk, author = Desk(database, {}, roster_id, layer_id), Author("Mara Manager", AT_NIGHT)
    bring_in(desk, author, file(night(3)))
    with database.transaction() as session:
        row = session.scalars(select(RosterOverride)).one()
        change_override(session, author, row.id, OverrideRequest(span_of(row.span), dino))
    with database.transaction() as session:  # as the release before has written it down
        change = last_change(session, roster_id)
        assert change is not None
        for state in ("before", "after"):
            change.steps[0][state].pop("origin")
        flag_modified(change, "steps")
    down_and_up(database, "0020")
    with database.transaction() as session:
        assert session.scalars(select(RosterOverride.origin)).one() is None
    for left in (1, 0):
        with database.transaction() as session:
            last = last_change(session, roster_id)
            assert last is not None
            undo(session, author, roster_id, last.id)
            assert len(session.scalars(select(RosterOverride.id)).all()) == left


def down_and_up(database: Database, version: str) -> None:
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, version)
    finally:
        upgrade(database.engine)


def found(session: Session, token: str) -> CalendarFeed:
    feed = find_feed(session, token)
    assert feed is not None
    return feed

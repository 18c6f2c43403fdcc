"""Calendar feeds go down and up: who has an address keeps it, and nobody's shows more than before."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.db import Database
from core.schema import alembic_config, upgrade
from oncall.rostering.feeds import Subject, find_feed, make_feed
from oncall.rostering.ical import calendar
from oncall.rostering.models import CalendarFeed
from oncall.rosters import RosterLayer
from tests.calls.people import DIRECTORY
from tests.test_migrations import load

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


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


def found(session: Session, token: str) -> CalendarFeed:
    feed = find_feed(session, token)
    assert feed is not None
    return feed

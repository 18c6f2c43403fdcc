"""A roster of one layer that Ada and Bruno share by the week, and Carla and Dino beside it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from oncall.models.people import Person
from oncall.models.rosters import Roster, RosterLayer
from oncall.planning.editing import Author
from schedules.spans import Span
from tests.loading import load_directory

DIRECTORY = """\
people:
  - {name: Ada Rossi, phone: "+390584000001", role: technician}
  - {name: Bruno Verdi, phone: "+390584000002", role: technician}
  - {name: Carla Neri, phone: "+390584000003", role: technician}
  - {name: Dino Bianchi, phone: "+390584000004", role: technician}
regions:
  - {name: europe, time_zone: Europe/Rome}
rosters:
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {start: 2026-06-01T18:00, every: 1 week, people: [Ada Rossi, Bruno Verdi]}
"""
# Monday 1 June 2026, 10:00 in Rome; Ada has the week from 18:00.
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
HANDOFF = datetime(2026, 6, 1, 16, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True)
class Desk:
    """The database with the roster in it, and the ids that tests need."""

    database: Database
    people: dict[str, int]
    roster_id: int
    layer_id: int

    def person(self, session: Session, name: str) -> Person:
        return session.get_one(Person, self.people[name])


@pytest.fixture
def desk(database: Database) -> Desk:
    with database.transaction() as session:
        load_directory(session, DIRECTORY, NOW, b"a key for the tests of rosters")
        people = {person.first_name: person.id for person in session.scalars(select(Person))}
        return Desk(
            database, people, session.scalars(select(Roster.id)).one(), session.scalars(select(RosterLayer.id)).one()
        )


@pytest.fixture
def manager() -> Author:
    return Author("Mara Manager", NOW)


def span(start: timedelta, length: timedelta) -> Span:
    """A span that begins so long after the first handoff."""
    return Span(HANDOFF + start, HANDOFF + start + length)

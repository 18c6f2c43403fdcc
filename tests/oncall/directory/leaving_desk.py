"""A directory whose Bruno, Carla and Acme leave, and how tests let them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.customers import Contract, Customer
from oncall.models.pages import Page, PageCause
from oncall.models.people import Person
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work
from tests.loading import load_directory
from tests.web import night

SECRET: Final = b"a secret of the tests"
KEYS: Final = PinKeys(SECRET)
PIN, ADA_PIN, BRUNO_PIN = "48151623", "70519283", "94062817"
BRUNO, CARLA = "+390584000002", "+390584000003"
FILE: Final = f"""\
people:
  - {{name: Ada Rossi, phone: "+390584000001", email: ada@example.org, role: technician, pin: "{ADA_PIN}"}}
  - {{name: Bruno Verdi, phone: "{BRUNO}", email: bruno@example.org, role: technician, pin: "{BRUNO_PIN}"}}
  - {{name: Carla Neri, phone: "{CARLA}", email: carla@example.org, role: team_leader}}
  - {{name: Dino Gallo, phone: "+390584000004", email: dino@example.org, role: support_manager}}
customers:
  - name: Acme
    email: it@acme.example
    phones: ["+390212345678"]
    pin: "{PIN}"
    contract: {{plan: platinum, region: europe, start: 2026-01-01, end: 2027-12-31, products: [{{name: UC Suite}}]}}
regions:
  - {{name: europe, time_zone: Europe/Rome}}
rosters:
  - name: Nights
    regions: [europe]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {{start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi, Ada Rossi]}}
alarm_tokens:
  - {{customer: Acme, token: "example-token"}}
"""
# The same once Bruno, Carla and Acme have gone; the roster stays as it is in the database.
WITHOUT: Final = """\
people:
  - {name: Ada Rossi, phone: "+390584000001", email: ada@example.org, role: technician, pin: "70519283"}
  - {name: Dino Gallo, phone: "+390584000004", email: dino@example.org, role: support_manager}
customers:
  - name: Gone Long Ago
    active: false
    contract: {plan: gold, region: europe, start: 2020-01-01, end: 2020-12-31}
"""
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
Leave = Callable[..., list[str]]
# Bruno is inactive, with all that a careless author leaves in the file; he may still be missing from the roster.
FILE_WITH_INACTIVE: Final = FILE.replace('pin: "94062817"}', 'pin: "94062817", active: false}').replace(
    "people: [Bruno Verdi, Ada Rossi]", "people: [Ada Rossi]"
)


@pytest.fixture
def loaded(database: Database, now: datetime) -> Iterator[Session]:
    """A session that commits as it goes, as jobs and commands do."""
    with Session(database.engine) as session:
        load_directory(session, FILE, now, SECRET)
        session.commit()
        yield session


@pytest.fixture
def leave(loaded: Session, now: datetime) -> Leave:
    """Load a file (without Bruno, Carla and Acme) with --retire; what it says."""

    def load(file: str = WITHOUT) -> list[str]:
        said = apply(loaded, parse(file), now, KEYS, retire=True)
        loaded.commit()
        loaded.expire_all()
        return said

    return load


def person(session: Session, first_name: str) -> Person:
    return session.scalars(select(Person).where(Person.name.startswith(first_name))).one()


def acme(session: Session) -> Customer:
    return session.scalars(select(Customer).where(Customer.name == "Acme")).one()


def runtime(database: Database, now: datetime) -> Runtime:
    return Runtime(Settings(), database, ShiftedClock(now - real_now()))


def paged(session: Session, database: Database, now: datetime) -> Page:
    """Acme's ticket, of which Bruno's phone and texts tell."""
    ticket = night.ticket(session, session.scalars(select(Contract)).one(), now)
    return open_page(Work(session, runtime(database, now), now), ticket, PageCause.HOTLINE)

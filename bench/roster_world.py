"""Databases full of rosters, each with a web process before it, for measuring what is asked of rosters over HTTP."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.dialects.postgresql import Range

from bench.gateway import BIN, Service, answers
from bench.ports import free_port
from core.clock import real_now
from core.db import Database
from core.schema import upgrade
from oncall.accounts.api_tokens import make_program
from oncall.accounts.sessions import open_session
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.access.accounts import Account
from oncall.models.people import Person
from oncall.models.planning.changes import TimeOff

# On two processors: one each.
PROCESSES: Final = 2
_SECRET: Final = "only for measuring, thrown away"  # noqa: S105


@dataclass(frozen=True)
class World:
    """How much there is in one database."""

    name: str
    people: int
    rosters: int
    overrides: int  # a roster
    times_off: int = 0


@dataclass(frozen=True)
class Place:
    """A world with a gateway before it; `token` for programs, `cookie` for a manager's browser."""

    url: str
    token: str
    cookie: str
    database: Database


@contextmanager
def standing(server: str, folder: Path, worlds: tuple[World, ...]) -> Iterator[list[Place]]:
    """Make and fill a database for each world in the server, and start its web processes. All end with the block."""
    with ExitStack() as stack:
        yield [_stand(stack, _database(server, world), folder, world) for world in worlds]


def _database(server: str, world: World) -> Database:
    address = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE bench_{world.name} TEMPLATE template0 ENCODING 'UTF8'"))
    admin.dispose()
    url = address.set(drivername="postgresql", database=f"bench_{world.name}")
    return Database(url.render_as_string(hide_password=False))


def _stand(stack: ExitStack, database: Database, folder: Path, world: World) -> Place:
    stack.callback(database.engine.dispose)
    upgrade(database.engine)
    token, cookie = _fill(database, world)
    address = f"127.0.0.1:{free_port()}"
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "DATABASE_URL": database.url,
        "PUBLIC_URL": f"http://{address}",
        "SECRET_KEY": _SECRET,
        "PIN_KEY": _SECRET,
        "VAR_DIR": str(folder / f"var-{world.name}"),
        "WEB_CONCURRENCY": str(PROCESSES),
    }
    command = [str(BIN / "gunicorn"), "--bind", address, "app:create_app()"]
    web = Service(f"web-{world.name}", command, environment, folder)
    stack.callback(web.stop)
    web.wait_for(lambda: answers(f"http://{address}/healthz"))
    return Place(f"http://{address}", token, cookie, database)


def _fill(database: Database, world: World) -> tuple[str, str]:
    now = real_now()
    with database.transaction() as session:
        apply(session, parse(_directory(world, now)), now, PinKeys(_SECRET.encode()))
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
        for number in range(world.times_off):
            start = now + timedelta(days=1 + number * 1.5)
            session.add(
                TimeOff(
                    person_id=people[number % len(people)], span=Range(start, start + timedelta(days=1)), made_at=now
                )
            )
        account = Account(email="mara@example.org", name="Mara", role="manager", created_at=now, password_hash="")
        session.add(account)
        session.flush()
        return make_program(session, f"bench {secrets.token_hex(4)}", now), open_session(session, account.id, "", now)


def _directory(world: World, now: datetime) -> str:
    people = [{"name": f"Person {n}", "phone": f"+39347{n:07}", "role": "technician"} for n in range(world.people)]
    names = [each["name"] for each in people]
    rosters = [_roster(world, names[n % 7 :] + names[: n % 7], n, now) for n in range(world.rosters)]
    return yaml.safe_dump({"people": people, "rosters": rosters}, sort_keys=False)


def _roster(world: World, names: list[str], number: int, now: datetime) -> dict[str, Any]:
    """Two layers by the day, and an override of six hours now and then, none at this moment."""
    start = (now - timedelta(days=400)).strftime("%Y-%m-%dT18:00")
    turns = (("first", names), ("backup", names[1:] + names[:1]))
    layers = [
        {"name": name, "rotation": {"start": start, "every": "1 day", "people": people}} for name, people in turns
    ]
    overrides = []
    for place in range(world.overrides):
        begin = now + timedelta(days=1 + place * 360 / world.overrides)
        overrides.append(
            {
                "layer": ("first", "backup")[place % 2],
                "from": begin.strftime("%Y-%m-%dT%H:00"),
                "to": (begin + timedelta(hours=6)).strftime("%Y-%m-%dT%H:00"),
                "person": names[place % len(names)],
            }
        )
    regions = ["europe", "america", "middle_east"]
    return {
        "name": f"Roster {number:03}", "regions": regions, "time_zone": "Europe/Rome",
        "layers": layers, "overrides": overrides,
    }  # fmt: skip

"""Pages that nobody advances, and workers that are gone, told once by mail: a real database and a real mail server."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.models.operations.troubles import Trouble
from oncall.models.pages import Via
from oncall.models.people import Person, Role
from oncall.monitoring.watchdog.watching import Watchdog
from oncall.paging.acknowledge import accept
from oncall.runtime import Runtime, Work
from tests.mail_server import Mailbox, serving
from tests.web.night import a_night

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


class World:
    """A night in the database, in which the watchdog's own time passes when the test says so."""

    def __init__(self, runtime: Runtime, box: Mailbox) -> None:
        self.runtime, self.box, self.ticks = runtime, box, 1000.0

    def watchdog(self, watched: float = 100) -> Watchdog:
        """One that has been looking for so many seconds."""
        dog = Watchdog(lambda: self.ticks)
        dog.look(self.runtime)
        for _ in range(round(watched / 10)):
            self.ticks += 10
            dog.look(self.runtime)
        return dog

    def change(self, statement: str, **values: Any) -> None:
        with self.runtime.database.transaction() as session:
            session.execute(text(statement), values)

    def troubles(self) -> list[tuple[str, int, bool]]:
        """Kind, how often it was told, whether it is over."""
        with self.runtime.database.transaction() as session:
            found = session.scalars(select(Trouble).order_by(Trouble.id)).all()
            return [(each.kind, each.times, each.ended_at is not None) for each in found]


@pytest.fixture
def world(database: Database, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A worker lives, and all is well. The gateway pretends another year."""
    with database.transaction() as session:
        a_night(session, now)
        session.add(Person(name="Carla Neri", phone="+390584000003", email="carla@example.org", role=Role.TEAM_LEADER))
        session.execute(text("SELECT procrastinate_register_worker_v1()"))
    box = Mailbox()
    with serving(box) as url:
        settings = Settings(var_dir=tmp_path, smtp_url=url)
        yield World(Runtime(settings, database, ShiftedClock(timedelta(days=-900))), box)


BEATS = "UPDATE procrastinate_workers SET last_heartbeat = now() - :age"
OVERDUE = "UPDATE page SET due_at = now() - :age WHERE state = 'paging'"


def test_all_is_well(world: World) -> None:
    world.watchdog()
    assert (world.box.mails, world.troubles()) == ([], [])


@pytest.mark.parametrize(("age", "told"), [(29, 0), (31, 1)])
def test_a_page_is_told_once_it_is_overdue_by_30_seconds(world: World, age: int, told: int) -> None:
    dog = world.watchdog()
    world.change(OVERDUE, age=timedelta(seconds=age))
    dog.look(world.runtime)
    assert len(world.box.mails) == told
    if told:
        [(recipients, mail)] = world.box.mails
        assert recipients == ["carla@example.org"]
        assert mail["Subject"] == "Nightline: ticket 1043 (P1) is not being paged"
        assert "Workers are running" in mail.get_content()


def test_of_many_watchers_one_tells(world: World) -> None:
    """Workers and web processes notice in the same moment, over and over."""
    world.change(OVERDUE, age=timedelta(seconds=40))
    world.change(BEATS, age=timedelta(hours=1))
    dogs = [Watchdog(lambda: world.ticks) for _ in range(6)]
    with ThreadPoolExecutor(len(dogs)) as threads:
        for _ in range(12):
            list(threads.map(lambda dog: dog.look(world.runtime), dogs))
            world.ticks += 8
    assert sorted(world.box.subjects) == [
        "Nightline: no worker is running, nobody is rung",
        "Nightline: ticket 1043 (P1) is not being paged",
    ]
    assert sorted(world.troubles()) == [("pages", 1, False), ("workers", 1, False)]


def test_again_every_15_minutes_and_once_when_it_is_over(world: World) -> None:
    dog = world.watchdog()
    world.change(OVERDUE, age=timedelta(seconds=40))
    dog.look(world.runtime)
    dog.look(world.runtime)
    world.change("UPDATE trouble SET told_at = told_at - interval '15 minutes'")
    dog.look(world.runtime)
    with world.runtime.database.transaction() as session:
        ada = session.scalars(select(Person).where(Person.name == "Ada Rossi")).one()
        accept(Work(session, world.runtime, world.runtime.clock.now()), 2, ada, Via.PHONE)
    dog.look(world.runtime)
    assert len(world.box.mails) == 2, "it may come back at once"
    world.change("UPDATE trouble SET seen_at = seen_at - interval '31 seconds'")
    dog.look(world.runtime)
    dog.look(world.runtime)
    assert world.box.subjects == [
        "Nightline: ticket 1043 (P1) is not being paged",
        "Nightline: ticket 1043 (P1) is still not being paged",
        "Nightline: all tickets are being paged again",
    ]
    assert world.troubles() == [("pages", 3, True)]


def test_workers_that_are_gone_though_no_page_is_due(world: World) -> None:
    """Whether they died with their last beat in the table, or said goodbye."""
    world.change("UPDATE page SET due_at = now() + interval '1 hour' WHERE state = 'paging'")
    dog = world.watchdog(watched=30)
    world.change("DELETE FROM procrastinate_workers")
    for _ in range(6):
        world.ticks += 9
        dog.look(world.runtime)
    assert world.box.mails == []
    world.ticks += 9
    dog.look(world.runtime)
    assert world.box.subjects == ["Nightline: no worker is running, nobody is rung"]
    world.change("SELECT procrastinate_register_worker_v1()")
    dog.look(world.runtime)
    world.change("UPDATE trouble SET seen_at = seen_at - interval '31 seconds'")
    dog.look(world.runtime)
    assert world.box.subjects[1:] == ["Nightline: workers are running again"]


def test_who_has_just_started_waits(world: World) -> None:
    """After a stop, or a database that was away, all is overdue: the next look but one has seen to it."""
    world.change(OVERDUE, age=timedelta(hours=1))
    world.change(BEATS, age=timedelta(hours=1))
    dog = world.watchdog(watched=20)
    world.ticks += 3600  # the machine slept
    dog.look(world.runtime)
    assert world.box.mails == []
    nowhere = Runtime(world.runtime.settings, Database(NOWHERE), world.runtime.clock)
    world.ticks += 15
    with pytest.raises(Exception, match="connection"):
        dog.look(nowhere)
    world.ticks += 15
    dog.look(world.runtime)
    assert world.box.mails == []


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda world: setattr(world.box, "busy", 1), id="the mail server puts it off"),
        pytest.param(
            lambda world: world.change(
                "INSERT INTO trouble (kind, since, seen_at, claimed_at, times, pages)"
                " VALUES ('pages', now(), now(), now(), 0, '{}')"
            ),
            id="whoever took it on died",
        ),
    ],
)
def test_told_by_another_a_minute_later(world: World, happens: Callable[[World], None]) -> None:
    dogs = [world.watchdog(), world.watchdog()]
    world.change(OVERDUE, age=timedelta(seconds=40))
    happens(world)
    for dog in dogs:
        dog.look(world.runtime)
    assert world.box.mails == []
    world.change("UPDATE trouble SET claimed_at = claimed_at - interval '1 minute'")
    for dog in dogs:
        dog.look(world.runtime)
    assert len(world.box.mails) == 1
    assert world.troubles() == [("pages", 1, False)]

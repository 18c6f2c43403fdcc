"""A database that is away is told from the snapshot: once a machine, whatever its processes do."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.monitoring.watchdog import outage, watching
from oncall.monitoring.watchdog.outage import AwayWatch
from oncall.monitoring.watchdog.watching import Watchdog
from oncall.outage.snapshot_file import SnapshotFile
from oncall.outage.snapshot_taking import take
from oncall.runtime import Runtime
from tests.calls.people import DIRECTORY
from tests.mail_server import Mailbox, serving
from tests.test_migrations import load

NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def settings(box: Mailbox, tmp_path: Path) -> Iterator[Settings]:
    with serving(box) as url:
        yield Settings(var_dir=tmp_path, smtp_url=url)


@pytest.fixture
def snapshot(settings: Settings, database: Database, now: datetime) -> None:
    load(database, DIRECTORY)
    with database.transaction() as session:
        SnapshotFile(settings).write(take(session, now))


@pytest.mark.usefixtures("snapshot")
def test_once_again_and_over(settings: Settings, box: Mailbox) -> None:
    watches = [AwayWatch(settings), AwayWatch(settings)]

    def look(seconds: float, outage: bool = True) -> int:
        before = len(box.mails)
        for watch in watches:
            watch.look(outage, NOW + seconds * SECOND)
        return len(box.mails) - before

    people = 2  # Carla leads, Dino manages
    assert [look(0), look(29), look(30), look(35)] == [0, 0, people, 0]
    watches[0] = AwayWatch(settings)  # one that was started again
    assert [look(40), look(80), look(900)] == [0, 0, 0]
    assert [look(930), look(935)] == [people, 0]
    assert [look(-3600), look(-3570), look(-3560)] == [0, people, 0], "a clock that was set back"
    assert [look(1000, outage=False), look(1005, outage=False)] == [people, 0]
    assert box.subjects[0] == "Nightline: the database is away, the hotline goes on"
    assert box.subjects[-1] == "Nightline: the database is back"
    assert {recipients[0] for recipients, _ in box.mails} == {"carla@example.org", "dino@example.org"}


@pytest.mark.usefixtures("snapshot")
def test_the_thread_of_a_web_process_tells(
    settings: Settings, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "PATIENCE", timedelta(0))
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.1)
    runtime = Runtime(settings, Database(NOWHERE), ShiftedClock.starting_at(now))
    runtime.database.outlook.start()
    Watchdog().start(runtime)
    until = time.monotonic() + 20
    while len(box.mails) < 2:
        assert time.monotonic() < until, "nobody was told"
        time.sleep(0.05)
    assert set(box.subjects) == {"Nightline: the database is away, the hotline goes on"}


@pytest.mark.usefixtures("snapshot")
def test_a_mail_server_that_puts_it_off_is_tried_again(settings: Settings, box: Mailbox) -> None:
    watch = AwayWatch(settings)
    watch.look(True, NOW)
    box.busy = 2
    for seconds in (30, 60, 89):
        watch.look(True, NOW + seconds * SECOND)
    assert box.mails == []
    watch.look(True, NOW + 90 * SECOND)
    assert len(box.mails) == 2


def test_without_a_snapshot_nobody_is_known(settings: Settings, box: Mailbox) -> None:
    watch = AwayWatch(settings)
    watch.look(True, NOW)
    watch.look(True, NOW + 60 * SECOND)
    watch.look(False, NOW + 61 * SECOND)
    assert box.mails == []

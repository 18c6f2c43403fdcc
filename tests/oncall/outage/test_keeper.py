"""The snapshot follows what stands in the database, also after a renewal that failed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from core.clock import ShiftedClock
from core.db import Database, Patience
from core.settings import Settings
from oncall.models.stored_settings import PAGING, write
from oncall.outage.journal import Entry, Journal
from oncall.outage.keeper import Keeper
from oncall.outage.snapshot_file import SnapshotFile
from oncall.outage.snapshot_taking import versions
from oncall.runtime import Runtime
from tests.conftest import SUNDAY_NIGHT

LOCK_MS = 200
PATIENCE = 90.0


@pytest.fixture
def runtime(database: Database, tmp_path: Path) -> Iterator[Runtime]:
    hurried = Database(database.url, pool_size=2, patience=Patience(lock_ms=LOCK_MS, statement_ms=5000))
    yield Runtime(Settings(var_dir=tmp_path, pin_key="a key for tests of the keeper"), hurried, ShiftedClock())
    hurried.engine.dispose()


@pytest.fixture
def keeper(runtime: Runtime) -> Iterator[Keeper]:
    keeper = Keeper(runtime, refuse)
    until(lambda: looked(keeper) > 0 and is_true(runtime))
    yield keeper
    keeper.close()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def looked(keeper: Keeper) -> float:
    """Seconds that a look took."""
    begun = time.monotonic()
    keeper.look()
    return time.monotonic() - begun


def is_true(runtime: Runtime) -> bool:
    with runtime.database.transaction() as session:
        return SnapshotFile(runtime.settings).read().versions == versions(session)


@pytest.mark.real_seconds
def test_a_change_is_taken_after_a_renewal_that_failed(keeper: Keeper, runtime: Runtime, database: Database) -> None:
    refused: list[bool] = []
    event.listen(
        runtime.database.engine,
        "handle_error",
        lambda context: refused.append(isinstance(context.original_exception, LockNotAvailable)),
    )
    with database.engine.begin() as other:
        other.execute(text("LOCK TABLE person IN ACCESS EXCLUSIVE MODE"))
        with database.transaction() as session:
            write(session, PAGING, {"no_answer": 33})
        until(lambda: looked(keeper) > 0 and any(refused))  # it has heard of the change, and could not take it
        assert all(looked(keeper) > LOCK_MS / 1000 for _ in range(8)), "it has given up"
        assert not is_true(runtime)
    keeper.look()
    assert is_true(runtime)
    assert SnapshotFile(runtime.settings).read().times.no_answer == 33


def test_a_journal_that_stays_out_does_not_keep_the_snapshot_old(
    keeper: Keeper, runtime: Runtime, database: Database
) -> None:
    journal = Journal(runtime.settings)
    journal.write(Entry("a report", SUNDAY_NIGHT, "report", "CA1", {"endpoint": "none", "args": {}, "form": {}}))
    for rounds in (7, 8):
        with database.transaction() as session:
            write(session, PAGING, {"rounds": rounds})
        until(lambda: looked(keeper) > 0 and is_true(runtime))
    assert not journal.is_empty()


def refuse(*_: object) -> None:
    """What a database does that is busy."""
    raise OperationalError("a report", {}, Exception("busy"))

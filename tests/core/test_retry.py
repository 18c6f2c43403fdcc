"""A web process goes on when the database takes no more connections, or drops those it has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from core.db import Database
from core.retry import persistently
from tests.core.asking import ping

ROOM = 3
CALLERS = 12


@pytest.fixture
def crowded(database: Database) -> Iterator[Database]:
    """The database, for somebody who may have so many connections and no more."""
    with database.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE guest LOGIN PASSWORD 'guest' CONNECTION LIMIT {ROOM}"))
    guest = Database(make_url(database.url).set(username="guest", password="guest").render_as_string(False))
    yield guest
    guest.engine.dispose()
    with database.engine.begin() as connection:
        connection.execute(text("DROP ROLE guest"))


def test_who_gets_no_connection_waits_for_one(crowded: Database) -> None:
    def ask(number: int) -> int:
        def action() -> int:
            with crowded.transaction() as session:
                session.execute(text("SELECT pg_sleep(0.1)"))
                return number

        return persistently(action)

    with ThreadPoolExecutor(CALLERS) as pool:
        assert list(pool.map(ask, range(CALLERS))) == list(range(CALLERS))


def test_a_database_that_takes_no_more_is_given_up_in_time(crowded: Database) -> None:
    others = [crowded.engine.connect() for _ in range(ROOM)]
    with pytest.raises(OperationalError, match="too many connections"):
        persistently(partial(ping, crowded))
    for other in others:
        other.close()
    persistently(partial(ping, crowded))

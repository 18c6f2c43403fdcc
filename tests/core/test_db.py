"""Connections: what they hold is free again when whoever has it stands still, or vanishes. Words in their order."""

import time

import pytest
from sqlalchemy import text

from core.db import AT_WORK, Database, OrderedWords, Patience
from core.retry import HURRIED

LOCK = text(
    "INSERT INTO send_rate (kind, next_at) VALUES ('call', now()) ON CONFLICT (kind) DO UPDATE SET next_at = now()"
)


@pytest.mark.real_seconds
def test_a_transaction_that_stands_still_gives_its_locks_back(database: Database) -> None:
    """As a worker that is frozen with the bucket of all calls in its hands."""
    frozen = Database(database.url, pool_size=1, patience=Patience(5000, 5000, idle_ms=300))
    with frozen.engine.connect() as connection:
        connection.execute(LOCK)
        began = time.monotonic()
        with database.transaction() as session:
            session.execute(LOCK)
        assert 0.1 < time.monotonic() - began < 3
        connection.invalidate()
    frozen.engine.dispose()


@pytest.mark.parametrize("patience", [AT_WORK, HURRIED])
def test_no_process_holds_locks_for_ever(postgres_url: str, patience: Patience) -> None:
    limited = Database(postgres_url, pool_size=1, patience=patience)
    with limited.engine.connect() as connection:
        idle = connection.scalar(text("SELECT setting::int FROM pg_settings WHERE name LIKE 'idle_in_tr%'"))
        # As it was asked for: over a socket of this machine there is nothing to keep alive.
        asked = connection.scalar(text("SELECT source FROM pg_settings WHERE name = 'tcp_keepalives_idle'"))
    limited.engine.dispose()
    assert 0 < (idle or 0) <= 60_000
    assert asked == "client"


class Stage(OrderedWords):
    """Of a journey."""

    PACKED = "packed"
    GONE = "gone"
    THERE = "there"


@pytest.mark.parametrize(
    ("one", "other", "after"),
    [
        (Stage.GONE, Stage.PACKED, True),
        (Stage.GONE, "packed", True),
        (Stage.GONE, Stage.GONE, False),
        (Stage.GONE, Stage.THERE, False),
        (Stage.THERE, "home again", False),
    ],
)
def test_a_state_of_a_later_version_is_further_along(one: Stage, other: Stage, after: bool) -> None:
    assert one.is_after(other) is after

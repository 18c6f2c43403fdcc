"""Changes that others commit are heard of, and nothing is trusted while they could be missed."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from core import change_listener
from core.change_listener import Watch
from core.db import Database

LOOK = "SELECT value::text FROM setting WHERE name = 'watched'"
SOON = 6.0


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    watch = Watch(database.url, LOOK)
    yield watch
    watch.close()


def wait_for(found: Callable[[], bool], seconds: float = SOON) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(0.005)
    return found()


def listening(watch: Watch) -> int:
    assert wait_for(lambda: watch.mark() is not None)
    mark = watch.mark()
    assert mark is not None
    return mark


def set_value(database: Database, value: str, notice: bool = False) -> None:
    with database.transaction() as session:
        row = {"value": value}
        session.execute(
            text(
                "INSERT INTO setting (name, value) VALUES ('watched', to_jsonb(CAST(:value AS text)))"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            ),
            row,
        )
        if notice:
            session.execute(text("SELECT pg_notify('nightline_changes', '')"))


def test_nothing_is_trusted_while_it_does_not_listen(watch: Watch) -> None:
    deaf = Watch("postgresql://127.0.0.1:1/nowhere", "SELECT 1")
    assert deaf.mark() is None
    assert listening(watch) >= 1
    assert deaf.mark() is None
    deaf.close()


def test_a_notice_is_heard_at_once_and_only_with_the_commit(
    watch: Watch, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look that makes up for lost notices, which would come much later."""
    monkeypatch.setattr(change_listener, "_ASK_EVERY", 60.0)
    monkeypatch.setattr(change_listener, "_SURE_FOR", 60.0)
    before = listening(watch)
    with database.transaction() as session:
        session.execute(text("SELECT pg_notify('nightline_changes', '')"))
        time.sleep(0.1)
        assert watch.mark() == before
    assert wait_for(lambda: watch.mark() == before + 1)


def test_without_changes_the_mark_stays(watch: Watch) -> None:
    before = listening(watch)
    time.sleep(2.5)
    assert listening(watch) == before


def test_a_lost_notice_is_made_up_for(watch: Watch, database: Database) -> None:
    before = listening(watch)
    set_value(database, "another")
    assert wait_for(lambda: watch.mark() != before)


def test_when_the_connection_is_cut_nothing_is_trusted_until_it_is_back(watch: Watch, database: Database) -> None:
    before = listening(watch)
    with database.transaction() as session:
        cut = session.scalars(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nightline watch'")
        ).all()
        assert True in cut
    assert wait_for(lambda: watch.mark() is None)
    set_value(database, "while nobody listened")
    assert listening(watch) > before


def test_a_server_that_does_not_answer_is_not_trusted() -> None:
    nowhere = Watch("postgresql://nobody@127.0.0.1:9/nothing", LOOK)
    try:
        assert not wait_for(lambda: nowhere.mark() is not None, 1.5)
    finally:
        nowhere.close()


def test_once_closed_it_stays_silent(watch: Watch) -> None:
    listening(watch)
    watch.close()
    assert wait_for(lambda: watch.mark() is None, 3.0)
    assert not wait_for(lambda: watch.mark() is not None, 2.5)

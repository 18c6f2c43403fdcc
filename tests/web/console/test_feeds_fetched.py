"""A calendar that asks again: 304 while nothing has changed, and a note of its fetching that hinders nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from core.db import Database
from core.settings import Settings
from oncall.models.planning.changes import CalendarFeed
from oncall.planning.feeds.fetching import NOTED_EVERY
from tests.oncall.planning.conftest import HANDOFF
from tests.oncall.planning.feed_parsers import parsed
from tests.web.conftest import build
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.console.test_feeds import get_feed

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def path(ada: Clerk) -> str:
    """The address of a feed of the whole roster, which nobody has fetched yet."""
    return get_feed(ada, "1")


def at(settings: Settings, database: Database, now: datetime) -> Flask:
    return build(settings, database, now)


def fetched(app: Flask, path: str, **headers: str) -> TestResponse:
    return app.test_client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def cover(app: Flask, people: dict[str, int], start: str, end: str) -> None:
    made = Clerk(app, "mara@example.org").send(
        "POST", "/rosters/1/overrides", layer_id=1, person_id=people["Carla"], start=start, end=end
    )
    assert made.status_code == 201, made.text


def noted(database: Database) -> tuple[datetime | None, datetime | None]:
    """When the feed was last fetched, and since when it is as it is."""
    with database.transaction() as session:
        row = session.scalars(select(CalendarFeed)).one()
        return row.last_fetched_at, row.content_at


def test_304_until_something_changes(roster_app: Flask, path: str, people: dict[str, int]) -> None:
    first = fetched(roster_app, path)
    tag = first.headers["ETag"]
    assert (first.status_code, tag[:1], tag[-1:]) == (200, '"', '"')  # a strong one
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = fetched(roster_app, path, If_None_Match=sent)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), sent
    assert fetched(roster_app, path, If_None_Match='"other"').data == first.data
    cover(roster_app, people, "2026-06-02T18:00", "2026-06-03T18:00")
    changed = fetched(roster_app, path, If_None_Match=tag)
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)
    assert b"Carla Neri" in changed.data


def test_304_by_time_too_but_the_tag_counts_first(
    demo_settings: Settings, database: Database, roster_app: Flask, path: str, people: dict[str, int]
) -> None:
    first = fetched(roster_app, path)
    since = first.headers["Last-Modified"]
    assert fetched(roster_app, path, If_Modified_Since=since).status_code == 304
    assert fetched(roster_app, path, If_Modified_Since=http_date(MORNING - DAY)).status_code == 200
    assert fetched(roster_app, path, If_Modified_Since=since, If_None_Match='"other"').status_code == 200
    # Changed within the same second: whoever has the first is not told that it is the newest.
    for day in (2, 4, 6):
        cover(roster_app, people, f"2026-06-0{day}T18:00", f"2026-06-0{day + 1}T18:00")
        changed = fetched(roster_app, path, If_Modified_Since=since)
        assert (changed.status_code, changed.last_modified > _date(since)) == (200, True)  # type: ignore[operator]
        since = changed.headers["Last-Modified"]
    later = at(demo_settings, database, MORNING + 3 * DAY)
    assert fetched(later, path, If_Modified_Since=since).status_code == 304


def _date(text_: str) -> datetime:
    return datetime.strptime(text_, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def test_the_tag_is_another_next_month_and_the_same_until_then(
    demo_settings: Settings, database: Database, roster_app: Flask, path: str
) -> None:
    tag = fetched(roster_app, path).headers["ETag"]
    june = at(demo_settings, database, datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
    july = at(demo_settings, database, datetime(2026, 7, 1, 0, 1, tzinfo=UTC))
    assert fetched(june, path, If_None_Match=tag).status_code == 304
    assert fetched(july, path, If_None_Match=tag).status_code == 200


def test_fetching_is_noted_once_in_a_few_minutes(
    demo_settings: Settings, database: Database, roster_app: Flask, path: str
) -> None:
    assert noted(database) == (None, None)
    fetched(roster_app, path)
    first, since = noted(database)
    assert first is not None
    assert timedelta(0) <= first - MORNING < 10 * MINUTE
    soon = at(demo_settings, database, first + NOTED_EVERY - MINUTE)
    tag = fetched(soon, path).headers["ETag"]
    assert noted(database) == (first, since)
    later = at(demo_settings, database, first + NOTED_EVERY + MINUTE)
    assert fetched(later, path, If_None_Match=tag).status_code == 304
    second, still = noted(database)
    assert second is not None
    assert second >= first + NOTED_EVERY
    assert still == since
    back = at(demo_settings, database, MORNING - DAY)  # a pretended clock is set back
    fetched(back, path)
    third, _ = noted(database)
    assert third is not None
    assert third < first


@pytest.mark.parametrize(
    "lock",
    [
        "SELECT * FROM calendar_feed FOR UPDATE",
        "LOCK TABLE calendar_feed IN SHARE MODE",
        "LOCK TABLE calendar_event IN SHARE MODE",
        "LOCK TABLE calendar_event, calendar_feed IN EXCLUSIVE MODE",
    ],
)
def test_a_feed_waits_for_nobody(roster_app: Flask, database: Database, path: str, lock: str) -> None:
    with database.transaction() as other:
        other.execute(text(lock))
        held = [fetched(roster_app, path) for _ in range(3)]
        assert [each.status_code for each in held] == [200] * 3
    assert {each.data for each in held} == {fetched(roster_app, path).data}


def test_a_database_that_can_only_be_read(roster_app: Flask, database: Database, path: str) -> None:
    try:
        read_only(database, "on")
        answers = [fetched(roster_app, path) for _ in range(2)]
        assert [each.status_code for each in answers] == [200, 200]
        assert answers[0].data == answers[1].data
        assert fetched(roster_app, path, If_None_Match=answers[0].headers["ETag"]).status_code == 304
        # Since when it is so is known only once it is written down.
        assert "Last-Modified" not in answers[1].headers
        assert noted(database) == (None, None)
    finally:
        read_only(database, "off")
    assert fetched(roster_app, path).data == answers[0].data
    assert None not in noted(database)


def read_only(database: Database, value: str) -> None:
    """For all transactions that begin from now on."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SET default_transaction_read_only = off"))
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}'))
    database.engine.dispose()


@pytest.mark.parametrize("table", ["calendar_event", "calendar_feed"])
def test_a_connection_that_dies_while_it_is_noted(roster_app: Flask, database: Database, path: str, table: str) -> None:
    def kill(_connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if statement.strip().startswith((f"INSERT INTO {table}", f"UPDATE {table}")):
            with psycopg.connect(database.url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [cursor.connection.info.backend_pid])

    event.listen(database.engine, "before_cursor_execute", kill)
    try:
        answer = fetched(roster_app, path)
    finally:
        event.remove(database.engine, "before_cursor_execute", kill)
    assert answer.status_code == 200
    assert fetched(roster_app, path).data == answer.data


def test_many_at_once_count_a_change_once(roster_app: Flask, path: str, people: dict[str, int]) -> None:
    first = by_start(fetched(roster_app, path))
    for day, sequence in (("06", 1), ("05", 2)):
        cover(roster_app, people, f"2026-06-{day}T18:00", f"2026-06-{day}T20:00")
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: fetched(roster_app, path), range(6)))
        assert {each.status_code for each in answers} == {200}
        assert len({each.data for each in answers}) == 1
        changed = by_start(answers[0])
        assert {start for start in first if changed.get(start) != first[start]} == {HANDOFF}
        assert changed[HANDOFF] == sequence


def by_start(answer: TestResponse) -> dict[date, int]:
    return {each.start: each.sequence for each in parsed(answer.data)}


def test_a_commit_that_fails_takes_no_answer_away(roster_app: Flask, database: Database, path: str) -> None:
    whole = fetched(roster_app, path)
    readers = set()

    def read(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FROM calendar_feed" in statement:  # not what looks at the clock, say
            readers.add(connection)

    def lost(connection: Any) -> None:
        if connection in readers:
            raise OperationalError("COMMIT", {}, ConnectionError("the connection is gone"))

    event.listen(database.engine, "before_cursor_execute", read)
    event.listen(database.engine, "commit", lost)
    try:
        answer = fetched(roster_app, path)
    finally:
        event.remove(database.engine, "commit", lost)
        event.remove(database.engine, "before_cursor_execute", read)
    assert readers
    assert (answer.status_code, answer.data) == (200, whole.data)
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("noted_before", [False, True], ids=["first", "again"])
def test_of_two_at_once_the_older_content_is_never_the_later(
    demo_settings: Settings,
    database: Database,
    roster_app: Flask,
    path: str,
    people: dict[str, int],
    noted_before: bool,
) -> None:
    """One has made its document when somebody changes the roster, and another fetches what is there now."""
    if noted_before:
        fetched(roster_app, path)
    later = at(demo_settings, database, MORNING + 2 * NOTED_EVERY)
    begun: list[str] = []
    newer: list[TestResponse] = []

    def overtake(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.strip().startswith("UPDATE calendar_feed") and not begun:
            begun.append(statement)
            cover(roster_app, people, "2026-06-02T18:00", "2026-06-03T18:00")
            newer.append(fetched(roster_app, path))

    event.listen(database.engine, "before_cursor_execute", overtake)
    try:
        older = fetched(later, path)
    finally:
        event.remove(database.engine, "before_cursor_execute", overtake)
    [new] = newer
    assert b"Carla Neri" in new.data
    assert b"Carla Neri" not in older.data
    assert new.last_modified is not None
    assert older.last_modified is None or older.last_modified < new.last_modified
    # Whoever has the older one, and asks by its time or by the newer one's, is told what is there.
    since = older.headers.get("Last-Modified", http_date(MORNING))
    assert b"Carla Neri" in fetched(later, path, If_Modified_Since=since).data
    again = fetched(later, path, If_Modified_Since=new.headers["Last-Modified"])
    # Events that both had seen first count up once more.
    if again.status_code == 200:
        assert (again.last_modified or MORNING) > new.last_modified
        again = fetched(later, path, If_Modified_Since=again.headers["Last-Modified"])
    assert again.status_code == 304

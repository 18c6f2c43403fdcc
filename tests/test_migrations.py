"""The schema that migrations make is the one the models describe, and it goes up and down with data in it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, func, inspect, select, text

from core import schema
from core.clock import real_now
from core.db import Database
from core.schema import alembic_config, upgrade
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models import metadata
from oncall.models.rosters import Roster
from oncall.planning.drafts import changing
from oncall.planning.editing import Author
from tests.calls.people import DIRECTORY


def load(database: Database, directory: str) -> None:
    with database.transaction() as session:
        apply(session, parse(directory), real_now(), PinKeys(b"a key for the test of migrations"))


def _differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": _ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    return not (type_ == "table" and name is not None and name.startswith(("procrastinate_", "alembic_")))


def test_head_equals_the_models(migrated: Database) -> None:
    assert _differences(migrated) == []


def test_checks_of_the_models_are_those_of_migrations(migrated: Database) -> None:
    """Alembic does not compare them."""
    found = inspect(migrated.engine)
    for table in metadata.sorted_tables:
        models = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}
        assert {each["name"] for each in found.get_check_constraints(table.name)} == models, table.name


def test_versions_are_in_the_order_of_their_names() -> None:
    """By that a program knows whether the schema is older than itself, or newer."""
    script = ScriptDirectory.from_config(alembic_config())
    versions = [each.revision for each in script.walk_revisions()]
    assert versions == sorted(versions, reverse=True)


def test_upgrading_twice_changes_nothing(migrated: Database) -> None:
    assert upgrade(migrated.engine) == upgrade(migrated.engine)


@pytest.mark.real_seconds
def test_an_upgrade_lets_others_pass_while_a_table_is_in_use(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long transaction must not keep the hotline waiting behind a change of the schema."""
    monkeypatch.setattr(schema, "LOCK_WAIT", "300ms")
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0013")
    calls = text("SELECT count(*) FROM phone_call")
    with ThreadPoolExecutor(1) as deploy:
        with database.engine.begin() as long:
            long.execute(calls)
            head = deploy.submit(upgrade, database.engine)
            with database.engine.connect() as webhook:
                webhook.execution_options(isolation_level="AUTOCOMMIT")
                waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'phone_call'::regclass")
                until = time.monotonic() + 10
                while not webhook.scalar(waits):
                    assert time.monotonic() < until, "the upgrade never came to the table"
                    time.sleep(0.01)
                began = time.monotonic()
                webhook.execute(calls)
                assert time.monotonic() - began < 3
            assert not head.done()
        assert head.result(20) == upgrade(database.engine)
    assert _differences(database) == []


def test_down_and_up_again_with_data_in_the_tables(database: Database) -> None:
    load(database, DIRECTORY)
    with database.transaction() as session:
        author = Author("Mara Manager", real_now())
        draft = changing.begin(session, author, session.scalars(select(func.min(Roster.id))).one(), "Summer plan")
        changing.discard(session, author, draft.id, draft.version)
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
            assert set(metadata.tables) & set(inspect(connection).get_table_names()) == set()
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    load(database, DIRECTORY)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM customer")) == len(parse(DIRECTORY).customers)


def test_rosters_of_the_first_release_come_up_whole(database: Database) -> None:
    """Down to the schema before rosters were edited on pages, and up again: what it knew is there as it was."""
    load(database, DIRECTORY)
    config = alembic_config()
    with database.engine.begin() as connection:
        connection.execute(text(OVERRIDES))
        before = connection.execute(text(KNOWN)).all()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0002")
            assert connection.execute(text(KNOWN)).all() == [row for row in before if row.note != "added"]
            assert "account" not in inspect(connection).get_table_names()
    finally:
        upgrade(database.engine)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT note, kind, made_by, made_at FROM roster_override ORDER BY id")).all()
    assert [tuple(row) for row in found] == [("covered", "replace", "", None)]


def test_drills_go_down_and_pages_told_in_them_stay(database: Database) -> None:
    """A release without drills knows no test calls: they go, but for one that became a page's call."""
    load(database, DIRECTORY)
    config = alembic_config()
    with database.engine.begin() as connection:
        connection.execute(text(DRILLS))
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0006")
            assert "drill" not in inspect(connection).get_table_names()
            calls = connection.execute(text("SELECT id, purpose, ticket_id FROM phone_call ORDER BY id")).all()
            assert [tuple(row) for row in calls] == [(2, "page", 1), (3, "page", 1)]
            assert connection.scalar(text("SELECT call_id FROM page_attempt")) == 2
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    with database.engine.begin() as connection:
        connection.execute(text(DRILLS.partition("-- once")[0]))


def test_other_channels_go_down_and_what_was_sent_by_them(database: Database) -> None:
    """A release without them could not send such a notice, nor know the column."""
    load(database, DIRECTORY.replace("email: ada@example.org", 'channels: ["json://127.0.0.1/"]'))
    config = alembic_config()
    with database.engine.begin() as connection:
        connection.execute(text(NOTICES))
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0010")
            assert connection.scalars(text("SELECT channel FROM message")).all() == ["text"]
            assert "person_channel" not in inspect(connection).get_table_names()
    finally:
        upgrade(database.engine)
    assert _differences(database) == []


def test_texts_that_others_told_do_not_go_out_again(database: Database) -> None:
    """A release without rates knows no merged texts; coming back, open attempts get the rank of their ticket."""
    load(database, DIRECTORY)
    config = alembic_config()
    with database.engine.begin() as connection:
        connection.execute(text(PAGED))
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0010")
            assert connection.scalars(text("SELECT key || ' ' || state FROM message ORDER BY key")).all() == [
                "a queued"
            ]
            assert "send_rate" not in inspect(connection).get_table_names()
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    with database.engine.connect() as connection:
        ranks = "SELECT rank FROM page_attempt ORDER BY page_id"
        assert connection.scalars(text(ranks)).all() == [1, 2, 3], "those that are over need none"


def test_what_earlier_releases_left_impossible_comes_up_repaired(database: Database) -> None:
    """Ended calls without their end, people tried for pages that are over, a call that the network never named."""
    load(database, DIRECTORY)
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0010")
            connection.execute(text(IMPOSSIBLE))
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    with database.engine.connect() as connection:
        calls = connection.execute(
            text("SELECT id, state, ended_at IS NULL, waiting FROM phone_call ORDER BY id")
        ).all()
        tried = connection.execute(
            text("SELECT page_id, outcome, ended_at IS NULL FROM page_attempt ORDER BY id")
        ).all()
        moves = connection.execute(text("SELECT page_id, to_state, why FROM page_move ORDER BY page_id, id")).all()
    assert [tuple(row) for row in calls] == [
        (1, "ended", False, False),
        (2, "answered", True, False),
        (3, "ended", False, False),
    ]
    assert [tuple(row) for row in tried] == [(1, "cut off", False), (2, "no answer", False), (2, None, True)]
    assert [tuple(row) for row in moves] == [
        (1, "paging", "hotline"),
        (1, "accepted", "phone"),
        (2, "paging", "promise"),
    ]


def test_texts_and_codes_of_the_release_before_stay_as_they_were(database: Database) -> None:
    """Its texts count towards no limit, and its notices are confirmed without a code."""
    load(database, DIRECTORY)
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0014")
            connection.execute(text(TEXTED))
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    with database.engine.connect() as connection:
        texts = connection.execute(text("SELECT number, answer, outcome, ticket_id FROM incoming_text")).all()
        assert [tuple(row) for row in texts] == [("+390584000001", "There is no page with code 4711.", "", None)]
        assert connection.scalars(text("SELECT code FROM page")).all() == ["1234"]
        assert connection.scalars(text("SELECT code FROM handoff_notice")).all() == [None]


TEXTED = """
INSERT INTO incoming_text (provider_sid, number, body, answer, at)
VALUES ('SM1', '+390584000001', 'ACK 4711', 'There is no page with code 4711.', now());
INSERT INTO ticket (id, origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT 1, 'a test', customer_id, id, 'P1', 'hotline', 'open', now() FROM contract ORDER BY id LIMIT 1;
INSERT INTO page (ticket_id, cause, code, state, round, opened_at, due_at)
VALUES (1, 'hotline', '1234', 'paging', 1, now(), now());
INSERT INTO handoff_notice (roster_id, layer, at, person_id, comes, told_at)
SELECT (SELECT min(id) FROM roster), 'first', now(), min(id), true, now() FROM person;
"""


IMPOSSIBLE = """
INSERT INTO ticket (id, origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT 1, 'a test', customer_id, id, 'P1', 'hotline', 'taken', now() FROM contract ORDER BY id LIMIT 1;
INSERT INTO phone_call
    (id, direction, purpose, state, step, turn, memo, tries, waiting, created_at, ended_at, ticket_id)
VALUES (1, 'in', 'hotline', 'ended', '', 1, '{}', 1, true, now(), NULL, 1),
    (2, 'in', 'hotline', 'answered', '', 1, '{}', 1, false, now(), now(), 1),
    (3, 'out', 'page', 'ringing', '', 1, '{}', 1, false, now(), NULL, 1);
INSERT INTO page
    (id, ticket_id, cause, code, state, round, opened_at, due_at, accepted_at, accepted_by_id, accepted_via)
SELECT 1, 1, 'hotline', '1234', 'accepted', 1, now(), now(), now(), min(id), 'phone' FROM person;
INSERT INTO page (id, ticket_id, cause, code, state, round, opened_at, due_at)
VALUES (2, 1, 'promise', '1234', 'paging', 2, now(), now());
UPDATE page SET accepted_via = 'phone' WHERE id = 2;
INSERT INTO page_attempt (page_id, person_id, round, started_at)
SELECT made.page, (SELECT min(id) FROM person), made.round, now()
FROM (VALUES (1, 1), (2, 1), (2, 2)) made (page, round);
"""
# Three pages, the last one over; the text about the second is told by that about the first.
PAGED = """
INSERT INTO ticket (id, origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT number, number::text, customer_id, id, CASE number WHEN 2 THEN 'P2' ELSE 'P1' END, 'hotline', 'open', now()
FROM generate_series(1, 3) number, (SELECT * FROM contract ORDER BY id LIMIT 1) contract;
INSERT INTO page (id, ticket_id, cause, code, state, round, opened_at, due_at)
SELECT id, id, 'hotline', '123' || id, 'paging', 1, now(), now() FROM ticket;
INSERT INTO page_attempt (page_id, person_id, round, started_at, ended_at, outcome, rank)
SELECT page.id, (SELECT min(id) FROM person), 1, now(), CASE page.id WHEN 3 THEN now() END,
    CASE page.id WHEN 3 THEN 'passed' END, 1 FROM page;
INSERT INTO message (id, key, channel, recipient, subject, body, state, tries, created_at, page_id, carrier_id)
VALUES (1, 'a', 'text', '+390', '', '', 'queued', 0, now(), 1, NULL),
    (2, 'b', 'text', '+390', '', '', 'merged', 0, now(), 2, 1);
INSERT INTO send_rate (kind, next_at) VALUES ('call', now());
"""
NOTICES = """
INSERT INTO message (key, channel, recipient, person_id, channel_id, subject, body, state, tries, created_at)
SELECT 'a notice', 'other', shown, person_id, id, '', 'x', 'queued', 0, now() FROM person_channel;
INSERT INTO message (key, channel, recipient, subject, body, state, tries, created_at)
VALUES ('a text', 'text', '+390212345678', '', 'x', 'sent', 1, now());
INSERT INTO contact_fault (person_id, kind, address, shown, since, code, words)
SELECT min(id), 'text', '+390212345678', '+390212345678', now(), '21635', 'a landline' FROM person;
INSERT INTO provider_result (at, kind, result, amount) VALUES (now(), 'call', 'failed', 3);
INSERT INTO provider_outage (since, noticed_at, open, words) VALUES (now(), now(), true, 'no answer');
"""
# A call of nothing but a drill, one in which a page was told, one in which somebody was joined with a caller.
DRILLS = """
INSERT INTO phone_call
    (id, direction, purpose, person_id, state, step, turn, memo, tries, waiting, created_at, ended_at)
SELECT number + (SELECT coalesce(max(id), 0) FROM phone_call), 'out', 'drill', (SELECT min(id) FROM person), 'ended',
    'goodbye', 1, '{}', 1, false, now(), now() FROM generate_series(1, 3) number;
INSERT INTO drill (roster_id, layer, person_id, day, begun_at, try_at, until_at, call_id, call_result, ended_at)
SELECT (SELECT min(id) FROM roster), 'first', min(person.id), '2026-06-01', now(), now(), now(), min(call.id),
    'confirmed', now() FROM person, phone_call call WHERE call.purpose = 'drill';
-- once
INSERT INTO ticket (id, origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT 1, 'a test', customer_id, id, 'P1', 'hotline', 'open', now() FROM contract ORDER BY id LIMIT 1;
INSERT INTO page (id, ticket_id, cause, code, state, round, opened_at, due_at)
VALUES (1, 1, 'hotline', '1234', 'paging', 1, now(), now());
INSERT INTO page_attempt (page_id, person_id, round, call_id, started_at)
SELECT 1, min(id), 1, 2, now() FROM person;
INSERT INTO room (id, ticket_id, created_at) VALUES (1, 1, now());
INSERT INTO stay (key, room_id, call_id, role, sent_at) VALUES ('3:1', 1, 3, 'technician', now());
"""
OVERRIDES = """
INSERT INTO roster_override (layer_id, span, person_id, note, kind)
SELECT layer.id, made.span::tstzrange, (SELECT min(id) FROM person), made.note, made.kind
FROM (SELECT min(id) AS id FROM roster_layer) layer,
    (VALUES ('[2026-07-01 18:00+00, 2026-07-02 18:00+00)', 'covered', 'replace'),
            ('[2026-07-03 18:00+00, 2026-07-04 18:00+00)', 'added', 'add')) made (span, note, kind)
"""
KNOWN = "SELECT id, layer_id, span, person_id, note FROM roster_override ORDER BY id"


def test_overrides_outlive_a_release_that_knows_no_origins(database: Database) -> None:
    """They stay, and are nobody's calendar's afterwards: an import removes none of them by mistake."""
    load(database, DIRECTORY)
    config = alembic_config()
    rows = text("SELECT note, origin FROM roster_override ORDER BY id")
    with database.engine.begin() as connection:
        connection.execute(text(OVERRIDES))
        connection.execute(text("""UPDATE roster_override SET origin = '{"calendar": "nights", "uid": "1"}'"""))
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0020")
            assert len(connection.execute(text(KNOWN)).all()) == 2
    finally:
        upgrade(database.engine)
    with database.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(rows)] == [("covered", None), ("added", None)]
    assert _differences(database) == []


def test_who_has_left_and_a_phone_that_was_passed_on_go_down_and_up(database: Database) -> None:
    """The release before has no such people: its phones are one person's each, and nobody is lost."""
    load(database, DIRECTORY)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE person SET retired_at = now() WHERE name = 'Bruno Verdi'"))
        connection.execute(
            text("INSERT INTO person (name, phone, role) SELECT 'Emma Bruni', phone, role FROM person"
                 " WHERE name = 'Bruno Verdi'")
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO trouble (kind, since, seen_at, times, pages) VALUES ('rosters', now(), now(), 0, '{1}'),"
                 " ('workers', now(), now(), 0, '{}')")
        )  # fmt: skip
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0014")
            names = text("SELECT name FROM person GROUP BY name, phone ORDER BY name")
            assert len(connection.scalars(names).all()) == 5
            assert connection.scalar(text("SELECT count(DISTINCT phone) FROM person")) == 5
            assert connection.scalars(text("SELECT kind FROM trouble")).all() == ["workers"]
    finally:
        upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM person WHERE retired_at IS NULL")) == 5
    assert _differences(database) == []


@pytest.mark.parametrize("written_at", ["0024", "0026"], ids=["before the columns", "by an older worker since"])
def test_sentences_of_failures_come_apart(database: Database, written_at: str) -> None:
    """Known codes alone; the sentences stay for the release before. What the account forbids is no number's fault."""
    load(database, DIRECTORY)
    config = alembic_config()
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, written_at)
            connection.execute(text(FAILED))
    finally:
        upgrade(database.engine)
    assert _differences(database) == []
    with database.engine.connect() as connection:

        def rows(query: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.execute(text(query))]

        stopped = ("person", "21610", "STOP was texted")
        assert rows(
            "SELECT key, error, fault_kind, fault_code, fault_words, takes_no_texts FROM message ORDER BY key"
        ) == [
            ("a", "21610 STOP was texted", *stopped, True),
            ("b", "30007 filtered", "account", "30007", "filtered", False),
            ("c", "2161 is no code", None, None, None, False),
            ("d", "undelivered", None, None, None, False),
            ("e", None, None, None, None, False),
        ]
        assert rows("SELECT error, fault_kind, fault_code, fault_words FROM phone_call") == [
            ("404 no such number", "number", "404", "no such number")
        ]
        assert rows("SELECT call_fault_kind, call_fault_code, call_fault_words FROM drill") == [
            ("account", "13227", "not permitted")
        ]
        assert rows("SELECT text_fault_kind, text_fault_code, text_fault_words FROM drill") == [stopped]
        assert rows("SELECT kind, fault_kind FROM contact_fault ORDER BY kind") == [
            ("call", "account"),
            ("other", None),
            ("text", "number"),
        ]


def test_an_older_worker_beside_a_newer_one_tells_who_takes_no_texts(database: Database) -> None:
    """It knows nothing of the column. Going down a version keeps what was found out."""
    load(database, DIRECTORY)
    config = alembic_config()
    found = text("SELECT key, takes_no_texts FROM message ORDER BY key")
    known = [("a", True), ("b", False), ("c", False), ("d", False), ("e", False)]
    with database.engine.begin() as connection:
        connection.execute(text(FAILED))
        connection.execute(text("UPDATE message SET error = error || '.'"))
    try:
        with database.engine.begin() as connection:
            assert [tuple(row) for row in connection.execute(found)] == known
            config.attributes["connection"] = connection
            command.downgrade(config, "0026")
            assert [tuple(row) for row in connection.execute(found)] == known
    finally:
        upgrade(database.engine)
    with database.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(found)] == known


FAILED = """
INSERT INTO message (key, channel, recipient, subject, body, state, tries, created_at, error)
SELECT key, 'text', '+390212345678', '', 'x', 'failed', 1, now(), error
FROM (VALUES ('a', '21610 STOP was texted'), ('b', '30007 filtered'), ('c', '2161 is no code'), ('d', 'undelivered'),
    ('e', NULL)) made (key, error);
INSERT INTO phone_call
    (id, direction, purpose, state, step, turn, memo, tries, waiting, created_at, ended_at, result, error)
VALUES (1, 'out', 'hotline', 'ended', '', 1, '{}', 1, false, now(), now(), 'failed', '404 no such number');
INSERT INTO drill (roster_id, layer, person_id, begun_at, try_at, until_at, call_result, ended_at, call_error,
    text_result, text_error)
SELECT (SELECT min(id) FROM roster), 'first', min(id), now(), now(), now(), 'failed', now(), '13227 not permitted',
    'failed', '21610 STOP was texted' FROM person;
INSERT INTO contact_fault (person_id, kind, address, shown, since, code, words)
SELECT min(person.id), made.kind, '+390212345678', '+390212345678', now(), made.code, 'fails'
FROM person, (VALUES ('call', '21215'), ('text', '21635'), ('other', '')) made (kind, code)
GROUP BY made.kind, made.code;
"""


# Of a call's notes: one that is whole, and one of rows that are gone by now, and of what is no id.
NOTES = """
INSERT INTO ticket (id, origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT number, number::text, customer_id, id, 'P1', 'hotline', 'open', now()
FROM generate_series(1, 2) number, (SELECT * FROM contract ORDER BY id LIMIT 1) contract;
INSERT INTO page (id, ticket_id, cause, code, state, round, opened_at, due_at)
VALUES (1, 1, 'hotline', '1234', 'paging', 1, now(), now());
INSERT INTO page_attempt (id, page_id, person_id, round, started_at) SELECT 5, 1, min(id), 1, now() FROM person;
INSERT INTO phone_call (id, direction, purpose, state, sid, step, turn, memo, tries, waiting, created_at, ticket_id)
VALUES (1, 'out', 'page', 'answered', 'CA1', 'choose', 1, '{"ticket": 1, "attempt": 5, "menu": true}', 1, false,
    now(), 1),
    (2, 'out', 'callback', 'queued', NULL, 'answered', 0, '{"technician_call": 1, "known": 2}', 1, false, now(), 1),
    (3, 'in', 'hotline', 'answered', 'CA3', 'wait', 1, '{"ticket": 77, "known": "2", "attempt": null}', 1, false,
    now(), 1);
"""


def test_ids_in_the_notes_of_calls_become_columns(database: Database) -> None:
    """The notes keep them for processes of the version before; ids of rows that are gone are left out."""
    load(database, DIRECTORY)
    config = alembic_config()
    notes = text("SELECT memo FROM phone_call ORDER BY id")
    try:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0024")
            connection.exec_driver_sql(NOTES)
            before = connection.scalars(notes).all()
    finally:
        upgrade(database.engine)
    columns = "about_ticket_id, known_ticket_id, told_attempt_id, technician_call_id"
    with database.engine.connect() as connection:
        found = connection.execute(text(f"SELECT {columns} FROM phone_call ORDER BY id")).all()  # noqa: S608
        assert [tuple(row) for row in found] == [(1, None, 5, None), (None, 2, None, 1), (None, None, None, None)]
        assert connection.scalars(notes).all() == before
    assert _differences(database) == []

"""The service's numbers, and that asking for them stays cheap when a lot has happened."""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import Database
from oncall.monitoring import metrics
from oncall.monitoring.metrics import Queue, Sends
from tests.web.night import a_night

# Ten thousand of each; all but a few are over. With the width that rows really have.
MANY = """
INSERT INTO ticket (origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT 'many:' || n, customer_id, contract_id, 'P2', 'hotline', 'open', now() FROM ticket, generate_series(1, 10000) n
WHERE number = 1043;
INSERT INTO phone_call (direction, purpose, ticket_id, state, sid, ended_at, result, waiting, step, turn, memo, tries,
    last_answer, created_at)
SELECT 'out', 'page', id, 'ended', 'CAmany' || id, now(), 'completed', false, '', 1, '{}', 1, repeat('x', 1500), now()
FROM ticket WHERE origin LIKE 'many:%';
INSERT INTO message (key, channel, recipient, subject, body, state, tries, ticket_id, created_at)
SELECT 'many:' || id, 'text', '+390584000001', '', repeat('x', 300), 'delivered', 1, id, now()
FROM ticket WHERE origin LIKE 'many:%';
INSERT INTO page (ticket_id, cause, code, state, round, opened_at, due_at, stopped_why)
SELECT id, 'hotline', 'many', 'stopped', 1, now(), now(), '' FROM ticket WHERE origin LIKE 'many:%';
INSERT INTO procrastinate_jobs (queue_name, task_name, status)
SELECT 'nightline', 'advance_page', 'failed' FROM generate_series(1, 10000)
"""
WAITING = """
INSERT INTO phone_call (direction, purpose, number, state, waiting, step, turn, memo, tries, created_at, ticket_id)
SELECT 'out', 'callback', '+39', made.state, false, '', 0, '{}', made.tries, :now - made.age, made.ticket
FROM (VALUES ('queued', 0, interval '5 s', 1), ('sending', 2, interval '70 s', 2), ('queued', 1, interval '9 s', 2))
    made (state, tries, age, ticket);
INSERT INTO message (key, channel, recipient, subject, body, state, tries, ticket_id, created_at)
SELECT made.key, made.channel, 'x', '', '', made.state, made.tries, made.ticket, :now - interval '20 s'
FROM (VALUES ('a', 'text', 'queued', 1, 2), ('b', 'mail', 'queued', 0, NULL), ('c', 'text', 'undelivered', 1, 2),
    ('d', 'text', 'delivered', 3, 2), ('e', 'mail', 'sent', 1, 2)) made (key, channel, state, tries, ticket);
UPDATE phone_call SET result = CASE WHEN sid LIKE 'CA%10000000000000001' THEN 'no-answer' ELSE 'failed' END
    WHERE state = 'ended'
"""


def wait(session: Session, now: datetime) -> None:
    """Three calls, a text and a mail wait; others have been sent."""
    for statement in WAITING.split(";\n"):
        session.execute(text(statement), {"now": now} if ":now" in statement else {})


def test_queues_and_results(session: Session, now: datetime) -> None:
    a_night(session, now)
    wait(session, now)
    found = {(queue.kind, queue.priority): queue for queue in metrics.queues(session, now)}
    assert found["call", "P1"].length == 3
    assert found["call", "P1"].oldest_seconds == 70
    assert found["text", "P1"] == Queue("text", "P1", 1, 20.0)
    assert found["mail", metrics.NO_TICKET] == Queue("mail", "none", 1, 20.0)
    assert found["mail", "P2"] == Queue("mail", "P2", 0, 0.0)
    assert len(found) == len(metrics.KINDS) * len(metrics.PRIORITIES)
    assert metrics.sends(session) == {
        "call": Sends({"accepted": 2, "failed": 1, "waiting": 3}, 3),
        "text": Sends({"accepted": 1, "failed": 1, "waiting": 1}, 5),
        "mail": Sends({"accepted": 1, "failed": 0, "waiting": 1}, 1),
    }


def test_beats(session: Session) -> None:
    none = metrics.work(session)
    assert (none.workers, none.newest_beat, none.oldest_beat) == (0, None, None)
    for age in (3, 9, 40):
        beat = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :age)"
        session.execute(text(beat), {"age": timedelta(seconds=age)})
    work = metrics.work(session)
    assert work.workers == 2
    assert work.newest_beat == pytest.approx(3, abs=1)
    assert work.oldest_beat == pytest.approx(40, abs=1)


@pytest.mark.real_seconds
def test_cheap_after_ten_thousand_of_each(database: Database, now: datetime) -> None:
    """No large table is read from end to end, and it all takes a moment."""
    with database.transaction() as session:
        a_night(session, now)
        session.execute(text(MANY))
    with database.engine.connect() as connection:  # as the database's own housekeeping does soon
        tidy = connection.execution_options(isolation_level="AUTOCOMMIT")
        tidy.execute(text("VACUUM ANALYZE ticket, phone_call, message, page, procrastinate_jobs"))
    values = {"silence": 10, "now": now}
    with database.transaction() as session:
        for statement in (metrics._WORK, metrics._QUEUES, metrics._SENDS, metrics._TOTALS):
            bound = {name: values[name] for name in values if f":{name}" in statement.text}
            plan = "\n".join(session.scalars(text(f"EXPLAIN {statement.text}"), bound))
            for table in ("phone_call", "message", "page", "procrastinate_jobs"):
                assert f"Seq Scan on {table}" not in plan, plan
        best = min(_seconds(session, now) for _ in range(3))
    assert best < 0.25, "the scrape of a slow machine; some 10 ms on a usual one"


def _seconds(session: Session, now: datetime) -> float:
    begun = time.perf_counter()
    metrics.work(session)
    metrics.queues(session, now)
    metrics.sends(session)
    metrics.totals(session)
    return time.perf_counter() - begun


def test_asking_is_limited_in_time(session: Session) -> None:
    session.execute(metrics.PATIENCE)
    assert session.scalar(text("SHOW statement_timeout")) == "3s"


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_late_clock_makes_no_negative_age(session: Session, now: datetime, state: str) -> None:
    a_night(session, now)
    wait(session, now + timedelta(days=1))
    session.execute(text("UPDATE phone_call SET state = :state WHERE state = 'queued'"), {"state": state})
    assert all(queue.oldest_seconds >= 0 for queue in metrics.queues(session, now))

"""What load balancer and Prometheus see."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from core.db import Database
from core.settings import Settings
from oncall.models.messages import Message
from oncall.monitoring import metrics as monitoring_metrics
from tests.web.conftest import build
from tests.web.night import a_night

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def cut_off(demo_settings: Settings, now: datetime) -> FlaskClient:
    """The same pages with no database behind them."""
    return build(demo_settings, Database(NOWHERE), now).test_client()


def test_alive_without_a_database(cut_off: FlaskClient) -> None:
    assert cut_off.get("/healthz").get_json() == {"status": "alive"}


def test_not_ready_without_a_database(cut_off: FlaskClient) -> None:
    answer = cut_off.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "not ready"
    assert "database does not answer" in answer.get_json()["problems"][0]


def test_ready_with_head_of_the_schema(demo: FlaskClient) -> None:
    answer = demo.get("/readyz")
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["problems"] == []
    assert report["oldest_overdue_page_seconds"] == 0
    assert report["jobs_due"] == 0
    assert "no worker is running" in report["warnings"][0]


def test_not_ready_with_an_old_schema(demo: FlaskClient, database: Database) -> None:
    with database.engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = demo.get("/readyz")
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert answer.status_code == 503
    assert "flask init" in answer.get_json()["problems"][0]


def test_ready_with_the_schema_of_a_release_to_come(demo: FlaskClient, database: Database) -> None:
    """A deploy begins with it, and the old processes go on taking calls: no load balancer may take them out."""
    with database.engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        answer, page = demo.get("/readyz"), demo.get("/")
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert (answer.status_code, answer.get_json()["problems"]) == (200, [])
    assert "the schema is at version 9999, newer than this program" in answer.get_json()["warnings"]
    assert "has to be prepared" not in page.text


def test_ready_when_the_database_is_too_busy_to_count(
    demo: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring_metrics, "PATIENCE", text("SET LOCAL statement_timeout = 300"))
    with database.engine.begin() as busy:
        busy.execute(text("LOCK TABLE message IN ACCESS EXCLUSIVE MODE"))
        answer, metrics = demo.get("/readyz"), demo.get("/metrics").text
    report = answer.get_json()
    assert (answer.status_code, report["problems"]) == (200, [])
    assert report["warnings"][0] == "the figures could not be read in time (QueryCanceled)"
    assert "snapshot_age_seconds" in report
    assert "sends" not in report
    assert "nightline_database_up 1.0" in metrics


def test_late_work_is_told_but_does_not_turn_callers_away(
    demo_settings: Settings, database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        a_night(session, now)
        session.execute(text("SELECT procrastinate_register_worker_v1()"))
        session.execute(text("UPDATE page SET due_at = now() - interval '550 seconds' WHERE state = 'paging'"))
        session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) VALUES"
                " ('nightline', 'late', now() - interval '1 minute'), ('nightline', 'later', now() + interval '1 h')"
            )
        )
    answer = build(demo_settings, database, now + timedelta(minutes=10)).test_client().get("/readyz")
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["workers"] == 1
    assert report["jobs_due"] == 1
    assert 500 < report["oldest_overdue_page_seconds"] < 600
    assert "waiting for its next step" in report["warnings"][0]


def test_figures_for_load_balancer_and_prometheus(
    demo_settings: Settings, demo: FlaskClient, database: Database, now: datetime
) -> None:
    """Beats, queues, what came of sending, the snapshot's age: the same on both pages."""
    with database.transaction() as session:
        a_night(session, now)
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '3 s')"))
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '40 s')"))
        ticket = session.scalars(text("SELECT id FROM ticket WHERE number = 1043")).one()
        about = {"channel": "text", "recipient": "+390584000001", "body": "", "created_at": now - timedelta(seconds=90)}
        session.add(Message(key="m", ticket_id=ticket, **about))
        session.add(Message(key="n", ticket_id=ticket, state="undelivered", tries=2, **about))
    demo_settings.var_dir.joinpath("snapshot").write_text("sealed")
    answer = demo.get("/readyz")
    report = answer.get_json()
    assert answer.status_code == 200
    assert (report["workers"], report["problems"]) == (1, [])
    assert 3 <= report["beats"]["newest_seconds"] < 20
    assert 40 <= report["beats"]["oldest_seconds"] < 60
    assert list(report["queues"]["text"]) == ["P1"]
    assert report["queues"]["text"]["P1"]["length"] == 1
    assert 90 <= report["queues"]["text"]["P1"]["oldest_seconds"] < 110
    assert report["queues"]["call"] == {}
    assert report["sends"]["text"] == {"accepted": 0, "failed": 1, "waiting": 1, "tries": 2}
    assert report["sends"]["call"] == {"accepted": 3, "failed": 0, "tries": 0}
    assert 0 <= report["snapshot_age_seconds"] < 20
    found = dict(line.rsplit(" ", 1) for line in demo.get("/metrics").get_data(as_text=True).splitlines())
    assert found['nightline_queue_length{kind="text",priority="P1"}'] == "1.0"
    assert found['nightline_queue_length{kind="call",priority="none"}'] == "0.0"
    assert 90 <= float(found['nightline_queue_oldest_seconds{kind="text",priority="P1"}']) < 110
    assert found['nightline_sends{kind="text",outcome="failed"}'] == "1.0"
    assert found['nightline_send_tries_total{kind="text"}'] == "2.0"
    assert 3 <= float(found["nightline_beat_newest_seconds"]) < 20
    assert 40 <= float(found["nightline_beat_oldest_seconds"]) < 60
    assert float(found["nightline_snapshot_age_seconds"]) < 20


def test_metrics_tell_the_state_and_nothing_personal(demo_app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        a_night(session, now)
        session.add(
            Message(key="m", channel="text", recipient="+390584000001", body="ACK 4711", state="sent", created_at=now)
        )
    client = demo_app.test_client()
    client.get("/healthz")
    client.get("/no/such/+390584000001")
    lines = client.get("/metrics").get_data(as_text=True)
    assert 'nightline_requests_total{endpoint="health.healthz",status="200"} 1.0' in lines
    assert 'nightline_requests_total{endpoint="(none)",status="404"} 1.0' in lines
    assert 'nightline_request_seconds_count{endpoint="health.healthz"} 1.0' in lines
    assert "nightline_pages_open 1.0" in lines
    assert "nightline_tickets_opened_total 2.0" in lines
    assert "nightline_calls_in_progress 2.0" in lines
    assert 'nightline_messages{state="sent"} 1.0' in lines
    assert "nightline_database_up 1.0" in lines
    assert "0584" not in lines
    assert "Acme" not in lines


def test_metrics_survive_the_database(cut_off: FlaskClient) -> None:
    answer = cut_off.get("/metrics")
    assert answer.status_code == 200
    assert b"nightline_database_up 0.0" in answer.data
    assert b"nightline_pages_open" not in answer.data

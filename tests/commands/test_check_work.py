"""`flask check` on a service at work: workers, overdue pages, queues, mail, clocks, the default region."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask
from sqlalchemy import text

from bench.ports import free_port
from core.db import Database
from core.settings import Settings
from oncall.monitoring.preflight import Level
from oncall.monitoring.preflight_work import check_clocks
from tests.commands.conftest import Flasks
from tests.commands.test_check import change, checks
from tests.mail_server import Mailbox, serving
from tests.web.night import a_night


@pytest.fixture
def night(database: Database, now: datetime) -> Database:
    """A ticket is being paged, a worker lives."""
    with database.transaction() as session:
        a_night(session, now)
        session.execute(text("SELECT procrastinate_register_worker_v1()"))
    return database


def test_no_worker(flask: Flasks, night: Database) -> None:
    assert checks(flask, "worker")[0].startswith("ok 1 worker lives")
    change(night, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '20 s'")
    assert checks(flask, "worker") == ["problem no worker is running: nobody is rung; start `flask worker`"]
    assert flask("check").exit_code == 1


def test_an_overdue_page(flask: Flasks, night: Database) -> None:
    assert checks(flask, "pages") == ["ok 1 open, none is overdue"]
    change(night, "UPDATE page SET due_at = now() - interval '40 s' WHERE state = 'paging'")
    [line] = checks(flask, "pages")
    assert line.startswith("problem one has been waiting for its next step for 4")
    assert "workers' logs" in line


@pytest.mark.parametrize(("kind", "age", "level"), [("text", 50, "ok"), ("text", 70, "warning"), ("mail", 70, "ok")])
def test_queues(flask: Flasks, night: Database, now: datetime, kind: str, age: int, level: str) -> None:
    with night.transaction() as session:
        row = (
            "INSERT INTO message (key, channel, recipient, subject, body, state, tries, created_at)"
            " VALUES ('a', :kind, 'x', '', '', 'queued', 0, :at)"
        )
        session.execute(text(row), {"kind": kind, "at": now - timedelta(seconds=age)})
    [line] = checks(flask, f"{kind}s")
    assert line.startswith(f"{level} 1 waiting, the oldest for {age // 10}")


def test_a_call_that_waits(flask: Flasks, night: Database, now: datetime) -> None:
    with night.transaction() as session:
        row = "UPDATE phone_call SET state = 'ended', ended_at = :at, waiting = false WHERE state <> 'ended'"
        session.execute(text(row), {"at": now})
        row = (
            "INSERT INTO phone_call (direction, purpose, number, state, waiting, step, turn, memo, tries, created_at)"
            " VALUES ('out', 'hotline', '+39', 'sending', false, '', 0, '{}', 1, :at)"
        )
        session.execute(text(row), {"at": now - timedelta(seconds=40)})
    assert checks(flask, "calls")[0].startswith("warning 1 waiting, the oldest for 4")


def test_nobody_who_could_be_told(flask: Flasks, night: Database) -> None:
    assert checks(flask, "alarms")[0].startswith("warning nobody in charge has a mail address")
    change(night, "INSERT INTO person (name, phone, email, role) VALUES ('C', '+1', 'c@example.org', 'team_leader')")
    assert checks(flask, "alarms") == ["ok 1 in charge are told by mail when nobody is rung"]


def test_a_region_that_is_not_there(application: Flask, flask: Flasks, night: Database) -> None:
    _with(application, default_region="atlantis")
    assert checks(flask, "DEFAULT_REGION") == [
        "problem there is no region atlantis; set it to a region of the directory"
    ]


@pytest.mark.parametrize(("apart", "level"), [(1.9, Level.OK), (2.1, Level.PROBLEM), (-2.1, Level.PROBLEM)])
def test_clocks(now: datetime, apart: float, level: Level) -> None:
    """A slow answer is no difference."""
    begun, ended = now, now + timedelta(seconds=5)
    found = check_clocks(begun, (ended if apart > 0 else begun) + timedelta(seconds=apart), ended)
    assert found.level is level
    assert f"differ by {abs(apart):.1f} s" in found.words
    assert check_clocks(begun, now + timedelta(seconds=3), ended).words.endswith("differ by 0.0 s")


class Doorman:
    """Lets one user in."""

    def __call__(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"us", b"secret")
        return AuthResult(success=right, handled=right)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("us:secret", "ok 127.0.0.1 answers, and knows us"),
        ("us:wrong", "problem the mail server answered 535; look at SMTP_URL, and whether the mail server runs"),
    ],
)
def test_mail_with_a_login(application: Flask, flask: Flasks, user: str, expected: str) -> None:
    box, port = Mailbox(), free_port()
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=Doorman(), auth_required=True, auth_require_tls=False
    )
    server.start()
    try:
        _with(application, smtp_url=f"smtp://{user}@127.0.0.1:{port}")
        assert checks(flask, "mail") == [expected]
    finally:
        server.stop()
    assert box.mails == []


def test_mail_without_a_login_and_without_a_server(application: Flask, flask: Flasks, tmp_path: Path) -> None:
    assert checks(flask, "mail") == [f"ok no SMTP_URL is set: mails are written to {tmp_path / 'mail'}"]
    with serving(Mailbox()) as url:
        _with(application, smtp_url=url)
        assert checks(flask, "mail") == ["ok 127.0.0.1 answers"]
    [line] = checks(flask, "mail")
    assert line.startswith("problem the mail server can't be reached: ")


def _with(application: Flask, **changes: object) -> None:
    runtime = application.extensions["runtime"]
    settings: Settings = runtime.settings.model_copy(update=changes)
    application.extensions["runtime"] = replace(runtime, settings=settings)

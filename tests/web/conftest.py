"""The pages on a real database, in both worlds: with the simulator as telephone network, and with Twilio."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from core.clock import SharedClock, ShiftedClock, real_now
from core.db import Database, Patience
from core.settings import Settings
from oncall.models.stored_settings import clock_shift
from oncall.runtime import Runtime
from tests.web.console.rosters.roster_desk import MORNING, Clerk, fill

MakeApp = Callable[[Settings, Database], Flask]


def build(settings: Settings, database: Database, now: datetime) -> Flask:
    """The pages alone, at `now` of a shared pretended time."""

    def stored() -> object:
        with database.transaction() as session:
            return clock_shift(session)

    clock = SharedClock(stored, ShiftedClock(now - real_now()))  # type: ignore[arg-type]
    app = Flask("nightline", static_folder=None)
    app.extensions["runtime"] = Runtime(settings, database, clock)
    web.register(app)
    return app


@pytest.fixture
def demo_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "CLOCK_START", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return Settings(var_dir=tmp_path)


@pytest.fixture
def twilio_settings(tmp_path: Path) -> Settings:
    """An outside telephone network; never contacted here."""
    return Settings(
        var_dir=tmp_path,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="secret",
        twilio_api_url="http://127.0.0.1:9",
        hotline_number="+390584943299",
    )


@pytest.fixture
def demo_app(demo_settings: Settings, database: Database, now: datetime) -> Flask:
    return build(demo_settings, database, now)


@pytest.fixture
def twilio_app(twilio_settings: Settings, database: Database, now: datetime) -> Flask:
    return build(twilio_settings, database, now)


@pytest.fixture
def demo(demo_app: Flask) -> FlaskClient:
    return demo_app.test_client()


@pytest.fixture
def twilio(twilio_app: Flask) -> FlaskClient:
    return twilio_app.test_client()


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """The ids of those who take turns in a roster, or could."""
    return fill(database)


@pytest.fixture
def roster_app(demo_settings: Settings, database: Database, people: dict[str, int]) -> Flask:
    """The pages on the morning before the roster's first handoff."""
    return build(demo_settings, database, MORNING)


@pytest.fixture
def mara(roster_app: Flask) -> Clerk:
    """A manager's browser."""
    return Clerk(roster_app, "mara@example.org")


@pytest.fixture
def ada(roster_app: Flask) -> Clerk:
    """A technician's browser."""
    return Clerk(roster_app, "ada@example.org")


@pytest.fixture
def hurried(database: Database) -> Iterator[Database]:
    """The database with as little patience as the web process has; the tests after this one have theirs again."""
    before = database.patience
    database.engine.dispose()
    database.patience = Patience(lock_ms=200, statement_ms=5000)
    yield database
    database.engine.dispose()
    database.patience = before

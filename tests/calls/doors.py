"""The whole application in one process, and signed webhooks at its door: what comes back is looked at, not expected."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from core.db import Database
from core.settings import Settings
from oncall.runtime import Runtime
from simulator.signer import signature
from tests.calls.crude import Leg
from tests.calls.switchboard import StandingClock
from tests.conftest import SUNDAY_NIGHT

PUBLIC = "http://gateway.test"
PIN_KEY = "a-pin-key-for-tests-0123456789"
FORM = "application/x-www-form-urlencoded"


def settings_in(folder: Path) -> Settings:
    return Settings(var_dir=folder, public_url=PUBLIC, pin_key=PIN_KEY, simulator_url="http://127.0.0.1:9")


def sid_of(number: int, kind: str = "CA") -> str:
    """An identifier such as Twilio's."""
    return f"{kind}{number:032x}"


@dataclass
class Door:
    """The gateway on a Sunday night at 02:00; its clock stands still."""

    app: Flask
    settings: Settings

    @classmethod
    def to(cls, database: Database, folder: Path) -> "Door":
        settings = settings_in(folder)
        runtime = Runtime(settings, database, StandingClock(SUNDAY_NIGHT, timedelta()))
        return cls(create_app(settings, runtime), settings)

    def post(self, url: str, params: Mapping[str, str], **headers: str) -> TestResponse:
        """A signed webhook. `url` may be a whole address, as documents give it."""
        path = url.removeprefix(PUBLIC)
        signed = signature(self.settings.auth_token, PUBLIC + path, params.items())
        sent = {"X-Twilio-Signature": signed, "Content-Type": FORM} | headers
        return self.app.test_client().post(path, data=urlencode(params), headers=sent)

    def document(self, url: str, params: dict[str, str]) -> str:
        """What answers a webhook that is taken."""
        answer = self.post(url, params)
        assert answer.status_code == 200, f"{answer.status_code} from {url}"
        return answer.get_data(as_text=True)

    def dial(self, number: str, call: int = 1) -> Leg:
        """Somebody calls the hotline."""
        leg = Leg(self.document, sid_of(call), number, self.settings.our_number, account=self.settings.account_sid)
        leg.ask(f"{PUBLIC}/ivr/voice")
        return leg


def known_to_be_away(database: Database) -> Database:
    """Wait until this process has found out that the database is not there."""
    database.outlook.start()
    until = time.monotonic() + 30
    while not database.outlook.away:
        assert time.monotonic() < until, "the database is not found to be away"
        time.sleep(0.01)
    return database


def step_of(url: str) -> str:
    """The last part of an address's path."""
    return urlsplit(url).path.rpartition("/")[2]

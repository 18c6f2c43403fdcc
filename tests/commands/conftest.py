"""The gateway's commands, run inside a test on a database of its own."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.runtime import Runtime
from simulator.driver import Network
from tests.commands.bucket_server import Bucket, serving
from tests.directory_example import EXAMPLE

Flasks = Callable[..., Result]
NUMBER = "+390584943299"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """A telephone network whose number leads to us."""
    with Network(auth_token="a-token-for-tests", number=NUMBER) as network:
        yield network


@pytest.fixture
def gateway_settings(network: Network, tmp_path: Path) -> Settings:
    network.configure(
        voice_url="https://hotline.example.org/ivr/voice",
        sms_url="https://hotline.example.org/ivr/sms#rc=2",
        status_url="https://hotline.example.org/ivr/status",
        fallback_url="https://elsewhere.example.org/fallback.xml",
    )
    return Settings(
        var_dir=tmp_path,
        public_url="https://hotline.example.org",
        twilio_account_sid=network.exchange.config.account_sid,
        twilio_auth_token="a-token-for-tests",
        twilio_api_url=network.url,
        hotline_number=NUMBER,
    )


@pytest.fixture
def application(gateway_settings: Settings, database: Database, now: datetime) -> Flask:
    return create_app(gateway_settings, Runtime(gateway_settings, database, ShiftedClock.starting_at(now)))


@pytest.fixture
def flask(application: Flask) -> Flasks:
    """Runs a command of ours."""

    def run(*arguments: str) -> Result:
        return application.test_cli_runner().invoke(args=list(arguments))

    return run


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return written(tmp_path, EXAMPLE)


def written(folder: Path, directory: str) -> Path:
    path = folder / "directory.yaml"
    path.write_text(directory, encoding="utf-8")
    return path


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with serving() as found:
        yield found

"""The demo as `make run` starts it, for as long as a block lasts, with a folder and ports of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import requests

from core.clock import real_now
from core.db import Database
from demo.accounts import DEMO_ACCOUNTS
from oncall.accounts.administering import find_account
from oncall.accounts.sessions import open_session

ROOT: Final = Path(__file__).resolve().parents[2]
READY: Final = "Ctrl-C stops everything"
START_SECONDS: Final = 300.0
STOP_SECONDS: Final = 120.0
# Sunday 29 November 2026, 02:00 in Rome. In winter, one of the three regions is not staffed at any hour of a Saturday;
# from the Monday on, Luca Ferri is first on call.
DEMO_NIGHT: Final = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
# What would make it something other than the demo of a fresh machine.
_NOT_OURS: Final = ("TWILIO_", "DATABASE_", "PUBLIC_URL", "SIMULATOR_URL", "CLOCK_START", "HOTLINE_", "PIN_", "FLASK_")


@dataclass(frozen=True)
class Demo:
    """A running demo, and what its softphone page can be told from outside."""

    url: str
    welcome: str
    folder: Path
    started_after: float  # real seconds, until it said so
    # Of sessions that were opened without the form, by the part of the account's address before the @.
    tokens: dict[str, str] = field(default_factory=dict)

    def open_sessions(self) -> None:
        """Sign in everybody who has an account."""
        database = Database(self.database_url())
        with database.transaction() as session:
            for email, _, _ in DEMO_ACCOUNTS:
                account = find_account(session, email)
                assert account is not None
                self.tokens[email.partition("@")[0]] = open_session(session, account.id, "Chromium", real_now())
        database.engine.dispose()

    def session_of(self, who: str) -> dict[str, str]:
        """The cookie of such a session, for a browser."""
        return {"name": "nightline", "value": self.tokens[who], "url": self.url}

    def set_time(self, words: str) -> None:
        """The next such instant, for web and worker alike."""
        self._post("/demo/clock", {"set": words})

    def set_paging(self, **times: int) -> None:
        """Paging times in seconds."""
        self._post("/demo/paging", times)

    def set_speed(self, speed: float) -> None:
        """How many seconds of a call pass in a real one."""
        self._post("/simulator/api/speed", {"speed": speed})

    def clear_phones(self) -> None:
        """Hang up and empty every phone."""
        self._post("/simulator/api/reset", {})

    def database_url(self) -> str:
        """Of the embedded PostgreSQL, as it writes it down itself: lines 4 and 5 of postmaster.pid."""
        port, host = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[3:5]
        return f"postgresql://postgres@/postgres?host={quote(host)}&port={port}"

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = requests.post(self.url + path, json=body, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"


@contextmanager
def running_demo(
    folder: Path, port: int, simulator_port: int, start: datetime | None = None, *, empty: bool = True
) -> Iterator[Demo]:
    """The demo on these ports, with its database, keys and logs in `folder`. Raises AssertionError.

    `empty`: without any ticket; else with the month behind it. `start`: when it is pretended to be at first; without
    it, the Sunday after the real date, as for a newcomer.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    if start is not None:
        env["CLOCK_START"] = start.isoformat()
    flask = [str(Path(sys.executable).with_name("flask")), "demo"]
    begun = time.monotonic()
    process = subprocess.Popen(
        [*flask, "--port", str(port), "--simulator-port", str(simulator_port), *(["--empty"] if empty else [])],
        cwd=ROOT,
        env={**env, "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        welcome = _welcome(process)
        yield Demo(f"http://127.0.0.1:{port}", welcome, folder, time.monotonic() - begun)
    finally:
        _stop(process)


def _welcome(process: subprocess.Popen[str]) -> str:
    """Everything it says until it is ready."""
    said: list[str] = []
    alarm = threading.Timer(START_SECONDS, process.kill)
    alarm.start()
    try:
        for line in process.stdout or ():
            said.append(line)
            if READY in line:
                return "".join(said)
    finally:
        alarm.cancel()
    raise AssertionError(f"the demo did not start within {START_SECONDS:.0f} s:\n{''.join(said)}")


def _stop(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise

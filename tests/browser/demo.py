"""The demo as `make run` starts it, for as long as a block lasts, with a folder and ports of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import requests

ROOT: Final = Path(__file__).resolve().parents[2]
READY: Final = "Ctrl-C stops everything"
START_SECONDS: Final = 300.0
STOP_SECONDS: Final = 120.0
FORGET_TRIES: Final = 100
_FORGET: Final = (
    "TRUNCATE phone_call, ticket, refusal, room, message, incoming_text, drill, pin_attempt, blocked_number, trouble,"
    " handoff_notice, procrastinate_jobs, contact_fault, provider_result CASCADE"
)
# What would make it something other than the demo of a fresh machine.
_NOT_OURS: Final = ("TWILIO_", "DATABASE_", "PUBLIC_URL", "SIMULATOR_URL", "CLOCK_START", "HOTLINE_", "PIN_", "FLASK_")


@dataclass(frozen=True)
class Demo:
    """A running demo, and what its softphone page can be told from outside."""

    url: str
    welcome: str
    folder: Path
    started_after: float  # real seconds, until it said so

    def forget(self) -> None:
        """Every call, ticket and page is gone; people, customers and settings stay."""
        for _ in range(FORGET_TRIES):
            try:
                with psycopg.connect(self._database()) as connection:
                    connection.execute("SET lock_timeout = '100ms'")
                    connection.execute(_FORGET)
                    return
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                continue  # somebody reads: step back, for two that wait for each other would never end
        raise AssertionError("the demo's database is never at rest")

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

    def _database(self) -> str:
        """The address of the embedded PostgreSQL, as it writes it down itself: lines 4 and 5 of postmaster.pid."""
        port, host = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[3:5]
        return f"host={host} port={port} user=postgres dbname=postgres"

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = requests.post(self.url + path, json=body, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"


@contextmanager
def running_demo(folder: Path, port: int, simulator_port: int, start: datetime | None = None) -> Iterator[Demo]:
    """The demo on these ports, with its database, keys and logs in `folder`. Raises AssertionError.

    `start`: when it is pretended to be at first; without it, the Sunday after the real date, as for a newcomer.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    if start is not None:
        env["CLOCK_START"] = start.isoformat()
    flask = [str(Path(sys.executable).with_name("flask")), "demo"]
    begun = time.monotonic()
    process = subprocess.Popen(
        [*flask, "--port", str(port), "--simulator-port", str(simulator_port)],
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

"""The whole gateway as operators run it: gunicorn, a worker, PostgreSQL, and a telephone network around them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import requests
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bench.copies import Copier, DirectoryCopy
from bench.emptying import empty_all_but
from bench.ports import free_port
from core.clock import real_now
from core.db import Base, Database
from core.settings import SIMULATED_NUMBER, SIMULATED_SID
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models import stored_settings
from oncall.models.conferences import Participant
from oncall.models.pages import Attempt, Page
from simulator.driver import Network

Row = TypeVar("Row", bound=Base)
ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
AUTH_TOKEN = "a-token-for-tests"  # noqa: S105 - of a network inside this process
PIN_KEY = "a-pin-key-for-tests-0123456789"
START_SECONDS = 300
# Calls run so many times faster than the clock on the wall.
SPEED = 10.0

# Everything but what the running processes hold on to. Who was on call when a worker last looked goes too: layers of
# the next directory have the ids of those of the last one, and a look would take them for changed.
_WIPE = "\n".join(
    [
        empty_all_but(["alembic_version", "procrastinate_workers", "worker_lock", "setting"]),
        "DELETE FROM setting WHERE name = 'on_call_seen';",
        "SELECT setval('ticket_number', 1042, false)",
    ]
)


WIPES = 5


def _statement(words: str) -> Callable[[Session], object]:
    return lambda session: session.execute(text(words))


class Process:
    """A child process with its log in a file; ended by its own pid."""

    def __init__(self, arguments: list[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._begun = output.tell()  # others of its name may have written there before
            self.child = subprocess.Popen(
                arguments, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
            )

    def stop(self, seconds: float = 12) -> None:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def kill(self) -> None:
        """As a crash: no chance to tidy up. Ends gunicorn's children too."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def said(self, words: str) -> bool:
        """Whether its log has these words of its own."""
        return words.encode() in self.log.read_bytes()[self._begun :]


class Gateway:
    """Processes, database and network of one run."""

    def __init__(self, database: Database, network: Network, folder: Path, extra: dict[str, str] | None = None) -> None:
        self.database, self.network, self.folder = database, network, folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "DATABASE"))},
            "DATABASE_URL": database.url,
            "PUBLIC_URL": self.url,
            "SIMULATOR_URL": network.url,
            "VAR_DIR": str(folder),
            "PIN_KEY": PIN_KEY,
            "PYTHONUNBUFFERED": "1",
            "CALLS_PER_SECOND": "0",
            "TEXTS_PER_SECOND": "0",
            **(extra or {}),
        }
        self.processes: dict[str, Process] = {}
        self._copies: dict[str, DirectoryCopy] = {}

    def start(self) -> None:
        """Web and worker, as the contract names them; returns when both are at work."""
        self.begin_web()
        self.start_worker()
        self.await_web()
        self.await_worker()

    def begin_web(self) -> None:
        """The web processes, and their addresses to the network."""
        (self.folder / "simulator_token").write_text(AUTH_TOKEN)
        self.start_web()
        self.network.configure(
            voice_url=f"{self.url}/ivr/voice", sms_url=f"{self.url}/ivr/sms", status_url=f"{self.url}/ivr/status"
        )

    def start_web(self) -> None:
        arguments = [str(BIN / "gunicorn"), "-b", f"127.0.0.1:{self.port}", "app:create_app()"]
        self.processes["web"] = Process(arguments, self.env, self.folder / "web.log")

    def start_worker(self, name: str = "worker", **extra: str) -> Process:
        """A worker with a log of its own name; `extra`: what its environment has besides."""
        arguments = [str(BIN / "flask"), "worker"]
        process = self.processes[name] = Process(arguments, self.env | extra, self.folder / f"{name}.log")
        return process

    def await_worker(self, name: str = "worker") -> None:
        """Wait until it is at work."""
        until = time.monotonic() + START_SECONDS
        while not self.processes[name].said("worker started"):
            if time.monotonic() > until:
                raise AssertionError(f"{name} did not start:\n{self.logs()}")
            time.sleep(0.05)

    def await_web(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            except requests.RequestException:
                if time.monotonic() > until:
                    raise AssertionError(f"the web process did not start:\n{self.logs()}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes.values():
            process.stop()

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-6000:]}" for path in sorted(self.folder.glob("*.log")))

    def load(self, directory: str) -> None:
        """Load a directory file, as `flask load` does."""
        self._persistently(lambda session: apply(session, parse(directory), real_now(), PinKeys(PIN_KEY.encode())))

    def begin_with(self, directory: str) -> None:
        """Load a directory file into the empty database: the first time as `load` does, then by copying its rows."""
        copy = self._copies.get(directory)
        if copy is not None:
            self._persistently(copy.restore)
            return

        made: list[DirectoryCopy] = []

        def load(session: Session) -> None:
            copier = Copier(session)
            apply(session, parse(directory), real_now(), PinKeys(PIN_KEY.encode()))
            session.flush()
            made.append(copier.copied())

        self._persistently(load)
        self._copies[directory] = made[-1]  # the one that was committed

    def set_time(self, instant: datetime) -> None:
        """Pretend it is `instant` now, in all processes."""
        shift = (instant - real_now()).total_seconds()
        self._persistently(lambda session: stored_settings.write(session, stored_settings.CLOCK_SHIFT, shift))
        time.sleep(0.3)  # the processes keep the shift for a quarter of a second

    def set_paging(self, **times: int) -> None:
        self._persistently(lambda session: stored_settings.write(session, stored_settings.PAGING, times))

    def stop_pages(self) -> None:
        """Let nobody be rung any more, or the end of one call would make the next phone ring."""
        self._persistently(
            lambda session: session.execute(update(Page).where(Page.state == "paging").values(state="stopped")),
            lambda session: session.execute(
                update(Attempt).where(Attempt.outcome.is_(None)).values(outcome="cut off", ended_at=real_now())
            ),
        )

    def wipe(self) -> None:
        """Forget everything that happened; processes and pretended time go on.

        That is in the database, and the PINs which this machine counted for itself while that was away.
        """
        self._persistently(_statement(_WIPE))
        (self.folder / "guesses").unlink(missing_ok=True)

    def forget_retries(self) -> None:
        """Drop the jobs that have failed and wait for their next try: `settle` would wait for them, however late."""
        self._persistently(_statement("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND attempts > 0"))

    def truncate(self, *tables: str) -> None:
        """Empty these tables, and all that hang on them."""
        self._persistently(_statement(f"TRUNCATE {', '.join(tables)} CASCADE"))

    def _persistently(self, *changes: Callable[[Session], object]) -> None:
        """Others may be looking at the tables this very moment: of two who wait for each other, one tries again."""
        for attempt in range(WIPES):
            try:
                with self.database.transaction() as session:
                    for change in changes:
                        change(session)
                return
            except OperationalError as error:
                if not isinstance(error.orig, DeadlockDetected | LockNotAvailable) or attempt == WIPES - 1:
                    raise

    def settle(self, within: float = 90) -> None:
        """Wait until no webhook, no request and no due job is left."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            self.network.settle(within)
            if not self._due_jobs():
                self.network.settle(within)
                if not self._due_jobs():
                    return
            time.sleep(0.02)
        jobs = "\n".join(self._due_jobs())
        raise AssertionError(f"jobs are left after {within} s:\n{jobs}\n{self.logs()}")

    def joined(self, people: int, within: float = 90) -> None:
        """Wait until so many are together in rooms."""

        def together() -> bool:
            with self.database.transaction() as session:
                query = select(func.count()).where(Participant.joined_at.is_not(None), Participant.left_at.is_(None))
                return (session.scalar(query) or 0) >= people

        self.network.wait(together, within, f"{people} in a room")

    def _due_jobs(self) -> list[str]:
        """Jobs that run, are due, or have failed and will be tried again."""
        query = text(
            "SELECT concat_ws(' ', task_name, args, status, attempts, scheduled_at) FROM procrastinate_jobs"
            " WHERE status = 'doing'"
            " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now() OR attempts > 0))"
        )
        with self.database.engine.connect() as connection:
            return list(connection.scalars(query))

    def rows(self, model: type[Row], *conditions: ColumnElement[bool]) -> list[Row]:
        """Rows of a table in order of id, detached."""
        with self.database.transaction() as session:
            query = select(model).where(*conditions).order_by(*model.__table__.primary_key)
            return list(session.scalars(query).unique())


@contextmanager
def running(
    database: Database, folder: Path, speed: float = SPEED, patient: bool = False, **extra: str
) -> Iterator[Gateway]:
    """A gateway with its network for as long as the block lasts. `patient`: the network does not hurry who is slow."""
    with Network(AUTH_TOKEN, SIMULATED_NUMBER, speed, patient=patient, account_sid=SIMULATED_SID) as network:
        gateway = Gateway(database, network, folder, extra)
        try:
            gateway.start()
            yield gateway
        finally:
            gateway.stop()

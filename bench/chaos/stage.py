"""A gateway to be broken: PostgreSQL, web processes, as many workers as wanted, and the telephone network."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from bench.chaos.opening import Opened, opened
from bench.chaos.world import CHIEFS, World
from bench.outage import Server
from bench.stack import AUTH_TOKEN, ROOT, Gateway
from core.settings import SIMULATED_NUMBER, SIMULATED_SID
from oncall.models.pages import Page
from simulator.driver import Network

# More exchanges than any part makes.
_KEPT: Final = 1_000_000
RATES_OFF: Final = {"CALLS_PER_SECOND": "0", "TEXTS_PER_SECOND": "0"}


@dataclass(frozen=True)
class Stage:
    """What a part of the chaos plays on."""

    world: World
    gateway: Gateway
    server: Server

    @property
    def network(self) -> Network:
        return self.gateway.network

    def start_workers(self, count: int, **extra: str) -> None:
        """So many, all at work when this returns."""
        names = [f"worker-{number}" for number in range(count)]
        for name in names:
            self.gateway.start_worker(name, **extra)
        for name in names:
            self.gateway.await_worker(name)

    def stop_workers(self) -> None:
        for name in [name for name in self.gateway.processes if name.startswith("worker")]:
            self.gateway.processes.pop(name).stop()

    def pages(self, state: str) -> int:
        """How many pages are in that state."""
        with self.gateway.database.transaction() as session:
            return session.scalar(select(func.count()).where(Page.state == state)) or 0


class Opener:
    """The process that opens pages."""

    def __init__(self, stage: Stage, name: str, count: int, **options: float) -> None:
        self._log = stage.gateway.folder / f"opener-{name}.jsonl"
        self._errors = stage.gateway.folder / f"opener-{name}.log"
        given = {"count": count, "name": name, "regions": stage.world.regions} | options
        arguments = [f"--{key.replace('_', '-')}={value}" for key, value in given.items()]
        with self._log.open("wb") as out, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.chaos.opening", *arguments],
                cwd=ROOT, env=stage.gateway.env, stdout=out, stderr=errors,
            )  # fmt: skip

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def so_far(self) -> list[Opened]:
        """What it has opened."""
        whole = self._log.read_text(encoding="utf-8").rpartition("\n")[0]
        return [opened(line) for line in whole.splitlines() if json.loads(line)]

    def wait(self, seconds: float) -> list[Opened]:
        """All that it opened; raises AssertionError when it failed."""
        status = self._process.wait(seconds)
        assert status == 0, f"opening pages failed:\n{self._errors.read_text()[-3000:]}"
        return self.so_far()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def standing(world: World, speed: float, **env: str) -> Iterator[Stage]:
    """Everything but workers, for as long as the block lasts. `speed`: of calls; the gateway's time is real."""
    with tempfile.TemporaryDirectory(prefix="nightline-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = Server(folder / "postgres")
        database = server.database()
        network = Network(auth_token=AUTH_TOKEN, number=SIMULATED_NUMBER, speed=speed, account_sid=SIMULATED_SID)
        with network:
            network.do(lambda: network.journal.keep(_KEPT))
            gateway = Gateway(database, network, folder, env)
            try:
                gateway.load(world.directory())
                for who, phone, _ in CHIEFS:
                    network.phone(phone, who)
                gateway.begin_web()
                gateway.await_web()
                yield Stage(world, gateway, server)
            finally:
                gateway.stop()
                database.engine.dispose()
                server.stop()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.5) -> bool:
    """Wait for a condition; False when it did not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True

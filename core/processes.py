"""Several child processes run as one: started together, started again when one dies, stopped together."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

STOP_SECONDS: Final = 8.0
START_SECONDS: Final = 60.0
_LOOK_EVERY: Final = 0.1
# A child that dies at once over and over is not hammered: seconds before it is started again.
_WAITS: Final = (0.0, 1.0, 2.0, 5.0, 10.0)
# After this long without a death the waits begin anew.
_STEADY_SECONDS: Final = 30.0
_LAST_LINES: Final = 8
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartError(Exception):
    """A child died, or was not ready in time, while the others waited for it; carries the end of its log."""


@dataclass(frozen=True)
class Program:
    """A child to run. `ready` tells whether it does its work; `log` gets its output."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    ready: Callable[[], bool]


class Child:
    """One program's process, and its deaths so far."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.deaths = 0
        self.start_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.program.log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the parent alone, which ends its children in good order.
            self.process = subprocess.Popen(
                self.program.arguments,
                cwd=self.program.folder,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.start_at = time.monotonic()

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return None if self.process is None else self.process.poll()

    def kill(self) -> None:
        """At once, and whatever it has started."""
        if self.process is not None and self.status is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs programs until SIGINT, SIGTERM, or SIGHUP (the terminal was closed)."""

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]) -> None:
        self._children = [Child(program) for program in programs]
        self._say = say
        self._stopping = threading.Event()

    def run(self, when_ready: Callable[[], None]) -> None:
        """Start all, call `when_ready` when all are at work, and keep them so; returns when all have ended.

        Raises StartError when one of them doesn't come up; the others are stopped then.
        """
        before = {number: signal.signal(number, self._stop) for number in _ENDINGS}
        try:
            for child in self._children:
                child.start()
            if self._wait_until_ready():
                when_ready()
                self._watch()
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _wait_until_ready(self) -> bool:
        """False when it was told to stop meanwhile."""
        until = time.monotonic() + START_SECONDS
        waiting = list(self._children)
        while waiting:
            for child in list(waiting):
                if child.status is not None:
                    raise StartError(f"{child.program.name} did not start: {_last_lines(child.program.log)}")
                if child.program.ready():
                    waiting.remove(child)
            if time.monotonic() > until:
                names = ", ".join(child.program.name for child in waiting)
                raise StartError(
                    f"{names} did not start within {START_SECONDS:.0f} s; look at {waiting[0].program.log}"
                )
            if self._stopping.wait(_LOOK_EVERY):
                return False
        return True

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            for child in self._children:
                if child.status is not None:
                    self._bury(child)
                if child.process is None and time.monotonic() >= child.start_at:
                    child.start()

    def _bury(self, child: Child) -> None:
        """Say that it died, and when it is started again."""
        if time.monotonic() - child.start_at > _STEADY_SECONDS:
            child.deaths = 0
        wait = _WAITS[min(child.deaths, len(_WAITS) - 1)]
        again = "starting it again" if not wait else f"starting it again in {wait:.0f} s"
        self._say(f"{child.program.name} ended ({_ended(child.status)}), {again}; its log: {child.program.log}")
        child.deaths += 1
        child.process = None
        child.start_at = time.monotonic() + wait

    def _end_all(self) -> None:
        """SIGTERM for each by its own pid, and SIGKILL for whoever is still there after a while."""
        running = [child for child in self._children if child.process is not None and child.status is None]
        for child in running:
            if child.process is not None:
                child.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        while any(child.status is None for child in running) and time.monotonic() < until:
            time.sleep(0.05)
        for child in running:
            child.kill()


def _ended(status: int | None) -> str:
    if status is not None and status < 0:
        return f"by {signal.Signals(-status).name}"
    return f"with status {status}"


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LAST_LINES:]
    return "\n  ".join(["", *lines]) if lines else "it said nothing"

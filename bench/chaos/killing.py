"""What goes wrong at random while pages are under way: kill -9 of workers and of web processes, jumps of the clock,
callbacks that come twice, late or in another order. One seed, one sequence."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import psutil  # type: ignore[import-untyped]

from bench.chaos import audit
from bench.chaos.stage import Stage
from core.clock import real_now
from demo.pretended_time import PretendError, set_time
from oncall.models.stored_settings import clock_shift

_MOODS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"duplicate": True},
    {"shuffled": 6.0},
    {"late": 3.0, "duplicate": True},
    {"slow": 1.0},
)


_ASKED_FOR: Final = ("text", "call")


class Workers:
    """So many workers, each started again when it was killed; one at least is always at work."""

    def __init__(self, stage: Stage, count: int, **extra: str) -> None:
        self.stage, self._extra = stage, extra
        self.killed: dict[str, datetime] = {}
        self._starts = 0
        self._now = [self._start(place) for place in range(count)]
        for name in self._now:
            stage.gateway.await_worker(name)

    def _start(self, place: int) -> str:
        self._starts += 1
        name = f"worker-{place}-{self._starts}"
        url = audit.signed_in(self.stage.gateway.database, name)
        self.stage.gateway.start_worker(name, DATABASE_URL=url, **self._extra)
        return name

    def kill_one(self, random: Random) -> bool:
        """Kill one of those at work, unless it is the only one; and start another in its place."""
        at_work = self._at_work()
        return len(at_work) > 1 and self._kill(random.choice(at_work))

    def kill_one_asking(self, random: Random) -> bool:
        """The same to one that has asked the network, now for a text, now for a call, and waits for its answer.

        A kill may come too late, just as the answer is there: then what it was to hit is tried again first.
        """
        missed = [kind for kind in _ASKED_FOR if kind not in self.kinds_hit()] if self.killed else []
        kind = missed[0] if missed else _ASKED_FOR[len(self.killed) % len(_ASKED_FOR)]
        asking = audit.holders(self.stage.gateway.database, kind)
        at_work = self._at_work()
        chosen = [place for place in at_work if self._now[place] in asking]
        return len(at_work) > 1 and bool(chosen) and self._kill(random.choice(chosen))

    def kinds_hit(self) -> set[str]:
        """What the killed ones really held when they died: a text, a call, a job."""
        return {held.work for held in audit.held_by(self.killed, audit.acts(self.stage.gateway.database))}

    @property
    def has_hit_all(self) -> bool:
        """Whether requests of each kind have been left behind."""
        return self.kinds_hit() >= set(_ASKED_FOR)

    def _at_work(self) -> list[int]:
        processes = self.stage.gateway.processes
        return [place for place, name in enumerate(self._now) if processes[name].said("worker started")]

    def _kill(self, place: int) -> bool:
        processes = self.stage.gateway.processes
        name = self._now[place]
        self.killed[name] = real_now()
        processes.pop(name).kill()
        self._now[place] = self._start(place)
        return True

    def await_all(self) -> None:
        for name in self._now:
            self.stage.gateway.await_worker(name)


class Trouble:
    """Threads that each do one sort of harm at random moments, until `stop`."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.counts: dict[str, int] = {}
        self._random = Random(seed)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def every(self, seconds: float, what: str, harm: Callable[[Random], bool]) -> None:
        """Do that harm every so many seconds on average, like a Poisson process; tried again soon while it can't be."""
        random = Random(self._random.random())
        self.counts[what] = 0
        thread = threading.Thread(target=self._go_on, args=(seconds, what, harm, random), name=what, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _go_on(self, seconds: float, what: str, harm: Callable[[Random], bool], random: Random) -> None:
        due = time.monotonic()
        while True:
            due += random.expovariate(1 / seconds)
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            while not harm(random):
                if self._over.wait(0.05):
                    return
            self.counts[what] += 1

    def stop(self) -> None:
        """No more harm; the network delivers perfectly again."""
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        self.stage.network.disturb()


def kill_web(stage: Stage) -> Callable[[Random], bool]:
    """Kills one of gunicorn's processes, which gunicorn replaces. What it was answering is lost."""

    def harm(random: Random) -> bool:
        children = psutil.Process(stage.gateway.processes["web"].child.pid).children()
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(children).pid, signal.SIGKILL)
        return True

    return harm


def jump(stage: Stage) -> Callable[[Random], bool]:
    """Sets the pretended clock forward, or back where nothing that goes on forbids it."""

    def harm(random: Random) -> bool:
        now = real_now()
        with stage.gateway.database.transaction() as session:
            shift = clock_shift(session) or timedelta(0)
            wanted = now + shift + timedelta(minutes=random.uniform(-5, 40))
            with suppress(PretendError):
                set_time(session, now, timedelta(0), wanted)
        return True

    return harm


def disturb(stage: Stage) -> Callable[[Random], bool]:
    """Changes how callbacks are delivered."""

    def harm(random: Random) -> bool:
        mood = random.choice(_MOODS)
        stage.network.disturb(**mood)
        return True

    return harm

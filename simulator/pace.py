"""The time of telephone calls, which may run faster than the clock on the wall."""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

# Next to no call time passes while somebody is held.
STILL = 0.001


class _Timer:
    def __init__(self, future: asyncio.Future[None], due: float) -> None:
        self.future = future
        self.due = due
        self.handle: asyncio.TimerHandle | None = None


class Pace:
    """Call seconds: `speed` of them pass in one real second. A change of speed reaches whoever is sleeping.

    With `patient`, a machine that is slow is no network whose time runs out: no more than a call second passes in a
    real one while the gateway works on an answer, and next to none while a person is about to act.
    """

    def __init__(self, speed: float = 1.0, patient: bool = False) -> None:
        self.speed = _checked(speed)
        self._patient = patient
        self._answers_awaited = 0
        self._about_to_act: set[Hashable] = set()
        self._started = time.monotonic()
        # Of all rates until now: the call second from which it held, and the real one. Threads read the last in one go.
        self._marks = [(0.0, self._started, self.speed)]
        self._timers: set[_Timer] = set()

    def now(self) -> float:
        """Call seconds since the start."""
        call_mark, real_mark, rate = self._marks[-1]
        return call_mark + (time.monotonic() - real_mark) * rate

    def real(self, moment: float) -> float:
        """Real seconds since the start at that moment, whatever the speed has been meanwhile."""
        place = bisect_right(self._marks, moment, key=lambda mark: mark[0]) - 1
        call_mark, real_mark, rate = self._marks[max(place, 0)]
        return real_mark + (moment - call_mark) / rate - self._started

    def set_speed(self, speed: float) -> None:
        """Raises ValueError unless 0 < speed <= 1000."""
        self.speed = _checked(speed)
        self._turn()

    @contextmanager
    def awaiting_answer(self) -> Iterator[None]:
        """While the gateway is asked for something."""
        self._answers_awaited += 1
        self._turn()
        try:
            yield
        finally:
            self._answers_awaited -= 1
            self._turn()

    def hold(self, person: Hashable) -> None:
        """Somebody has noticed what they waited for, and is about to act."""
        self._about_to_act.add(person)
        self._turn()

    def go_on(self, person: Hashable) -> None:
        """They have acted, or only look on."""
        self._about_to_act.discard(person)
        self._turn()

    def _turn(self) -> None:
        """Let the rate be what it has to be now."""
        rate = self.speed
        if self._patient and self._answers_awaited:
            rate = min(rate, 1.0)
        if self._patient and self._about_to_act:
            rate = min(rate, STILL)
        call_mark, real_mark, before = self._marks[-1]
        if rate == before:
            return
        real = time.monotonic()
        self._marks.append((call_mark + (real - real_mark) * before, real, rate))
        for timer in self._timers:
            self._arm(timer)

    async def sleep(self, seconds: float) -> None:
        """Waits that many call seconds."""
        timer = _Timer(asyncio.get_running_loop().create_future(), self.now() + max(seconds, 0.0))
        self._timers.add(timer)
        self._arm(timer)
        try:
            await timer.future
        finally:
            self._timers.discard(timer)
            if timer.handle is not None:
                timer.handle.cancel()

    def _arm(self, timer: _Timer) -> None:
        if timer.handle is not None:
            timer.handle.cancel()
        delay = max(timer.due - self.now(), 0.0) / self._marks[-1][2]
        timer.handle = asyncio.get_running_loop().call_later(delay, _wake, timer.future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _checked(speed: float) -> float:
    if not 0 < speed <= 1000:
        raise ValueError("speed must be above 0 and at most 1000")
    return speed

"""The time of telephone calls, which may run faster than the clock on the wall."""

import asyncio
import time
from bisect import bisect_right


class _Timer:
    def __init__(self, future: asyncio.Future[None], due: float) -> None:
        self.future = future
        self.due = due
        self.handle: asyncio.TimerHandle | None = None


class Pace:
    """Call seconds: `speed` of them pass in one real second. A change of speed reaches whoever is sleeping."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = _checked(speed)
        self._real_mark = time.monotonic()
        self._call_mark = 0.0
        self._started = self._real_mark
        # Of all speeds until now: the call second from which it held, and the real one.
        self._marks = [(self._call_mark, self._real_mark, self._speed)]
        self._timers: set[_Timer] = set()

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> float:
        """Call seconds since the start."""
        return self._call_mark + (time.monotonic() - self._real_mark) * self._speed

    def real(self, moment: float) -> float:
        """Real seconds since the start at that moment, whatever the speed has been meanwhile."""
        place = bisect_right(self._marks, moment, key=lambda mark: mark[0]) - 1
        call_mark, real_mark, speed = self._marks[max(place, 0)]
        return real_mark + (moment - call_mark) / speed - self._started

    def set_speed(self, speed: float) -> None:
        """Raises ValueError unless 0 < speed <= 1000."""
        checked = _checked(speed)
        self._call_mark = self.now()
        self._real_mark = time.monotonic()
        self._speed = checked
        self._marks.append((self._call_mark, self._real_mark, checked))
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
        delay = max(timer.due - self.now(), 0.0) / self._speed
        timer.handle = asyncio.get_running_loop().call_later(delay, _wake, timer.future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _checked(speed: float) -> float:
    if not 0 < speed <= 1000:
        raise ValueError("speed must be above 0 and at most 1000")
    return speed

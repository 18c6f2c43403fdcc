"""The one place that reads the time of day. Everything else gets an aware UTC `now` passed in."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

SHIFT_KEPT_SECONDS = 0.25


class Clock(Protocol):
    """Tells the gateway's time, which may be a pretended one, and how far it is from real time."""

    def now(self) -> datetime:
        """The gateway's present instant, aware UTC."""

    def shift(self) -> timedelta:
        """Gateway time minus real time."""


def real_now() -> datetime:
    """The machine's own time, aware UTC."""
    return datetime.now(UTC)


class ShiftedClock:
    """Runs on from a fixed distance to real time; a distance of zero is the real clock."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._shift = shift

    @classmethod
    def starting_at(cls, instant: datetime | None) -> "ShiftedClock":
        """A clock that shows `instant` now and runs on; None gives the real clock."""
        return cls(timedelta(0) if instant is None else instant - real_now())

    def now(self) -> datetime:
        return real_now() + self._shift

    def shift(self) -> timedelta:
        return self._shift


class SharedClock:
    """A pretended time that all processes of a simulated network share.

    `read_shift` fetches the distance (or None, when nobody set one) from where all processes see it; it is
    kept for a quarter of a second so that no request pays for it twice.
    """

    def __init__(self, read_shift: Callable[[], timedelta | None], fallback: Clock) -> None:
        self._read_shift = read_shift
        self._fallback = fallback
        self._lock = threading.Lock()
        self._kept: timedelta | None = None
        self._kept_until = 0.0

    def now(self) -> datetime:
        return real_now() + self.shift()

    def shift(self) -> timedelta:
        with self._lock:
            if time.monotonic() >= self._kept_until:
                self._kept = self._read_shift()
                self._kept_until = time.monotonic() + SHIFT_KEPT_SECONDS
            return self._fallback.shift() if self._kept is None else self._kept

    def forget(self) -> None:
        """Read the distance afresh next time; for the process that has just changed it."""
        with self._lock:
            self._kept_until = 0.0

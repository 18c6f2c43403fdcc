"""Counts connections that were cut off, and tells of them in few log lines: an attack must not fill the disk."""

import threading
import time
from collections import Counter
from typing import Final

EVERY_S: Final = 10.0


class Refusals:
    """Reasons are short words for the log, such as "slow head"."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._last_address = ""
        self._told_at = float("-inf")

    def note(self, reason: str, address: object) -> None:
        """One more. `address`: the client's, as the socket gives it."""
        with self._lock:
            self._counts[reason] += 1
            self._last_address = str(address[0]) if isinstance(address, tuple) and address else "a local socket"

    def due(self, now: float | None = None) -> str | None:
        """The line to write now, if there is one; at most one in EVERY_S seconds. `now`: monotonic seconds."""
        now = time.monotonic() if now is None else now
        with self._lock:
            if not self._counts or now - self._told_at < EVERY_S:
                return None
            told = ", ".join(f"{count} for {reason}" for reason, count in sorted(self._counts.items()))
            self._counts.clear()
            self._told_at = now
            return f"connections cut off: {told}; the last one from {self._last_address}"

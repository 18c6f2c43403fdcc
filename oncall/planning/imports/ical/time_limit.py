"""A limit to the time that working something out may take, where its length can't be known beforehand.

Some rules of repetition never come to an end (every 30 February), and telling which is as hard as following them. A
timer of this process's CPU time interrupts: only in a main thread, which is why calendars are read in a child.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time
from types import FrameType
from typing import Final

from oncall.planning.imports.comparing import ImportRefusedError

TOO_LONG: Final = "This calendar takes too long to work out: export fewer months, or write simpler rules."


class TooLongError(BaseException):
    """The time is over. No `Exception`: the libraries that it interrupts catch those, and would go on for ever."""


class Patience:
    """So many seconds of CPU time for everything together."""

    def __init__(self, seconds: float) -> None:
        self._until = process_time() + seconds

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Interrupts the block by TooLongError. Raises ImportRefusedError when all the time is used up."""
        if process_time() > self._until:
            raise ImportRefusedError(TOO_LONG)
        before = signal.signal(signal.SIGVTALRM, _over)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)


def _over(_signal: int, _frame: FrameType | None) -> None:
    raise TooLongError

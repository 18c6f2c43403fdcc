"""What is answered to a text that could not be looked at, as when the database is away. Nothing is carried out then.

Without the database nobody knows the sender, nor how often they were answered: so each process answers some an hour,
and then none. The answer says nothing about the text.
"""

import threading
import time
from collections import deque
from typing import Final

WORDS: Final = "Sorry, that did not work on our side: nothing was done. Please send it again, or call this number."
# Of each web process, in any hour.
MOST_AN_HOUR: Final = 20
_HOUR_S: Final = 3600.0


class TextApologies:
    """The apologies of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: deque[float] = deque(maxlen=MOST_AN_HOUR)

    def words(self) -> str:
        """The apology, or nothing when there were too many lately."""
        with self._lock:
            now = time.monotonic()
            if len(self._given) == MOST_AN_HOUR and now - self._given[0] < _HOUR_S:
                return ""
            self._given.append(now)
            return WORDS

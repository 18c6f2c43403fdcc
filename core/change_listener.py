"""Hearing of changes that others commit, so that what a process has read may be kept until something changes.

A thread with its own connection listens for PostgreSQL's notices, which come with the commit of whatever sent them.
Once a second it also asks for what stands now, so that a notice that was lost (behind a pooler that passes none, say)
is made up for. While it can't, nobody may trust what is kept: asking the database is slower, but never wrong.
"""

import contextlib
import os
import threading
import time
from typing import Any, Final

import psycopg

from core.db import APPLICATION
from core.log import get_logger

CHANNEL: Final = "nightline_changes"

_ASK_EVERY: Final = 1.0
# Without an answer for this long (seconds), what was heard last says nothing about now.
_SURE_FOR: Final = 3.0
_TRY_AGAIN_AFTER: Final = 1.0
_CONNECTION: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "application_name": f"{APPLICATION} watch",
    "options": "-c timezone=UTC -c statement_timeout=2000",
}

logger = get_logger(__name__)


class Watch:
    """One a process. `look`: a query of one row that is another one after each change that counts."""

    def __init__(self, url: str, look: str) -> None:
        self._url, self._look = url, look
        self._lock = threading.Lock()
        self._owner = 0
        self._heard = 0
        self._sure_until = 0.0
        self._stop = threading.Event()

    def mark(self) -> int | None:
        """A number that is another one after every change; None while changes might be missed.

        Ask for it before reading what is to be kept: a change in between then shows. Begins to listen when first asked,
        in whichever process that is.
        """
        if self._owner != os.getpid():
            self._begin()
        return self._heard if time.monotonic() < self._sure_until else None

    def close(self) -> None:
        """Stop listening, within about a second. Nothing can be kept from now on."""
        self._stop.set()
        self._sure_until = 0.0

    def _begin(self) -> None:
        with self._lock:
            if self._owner != os.getpid() and not self._stop.is_set():
                self._owner = os.getpid()
                threading.Thread(target=self._listen_for_ever, name="watch", daemon=True).start()

    def _listen_for_ever(self) -> None:
        told = False
        while not self._stop.is_set():
            try:
                self._listen()
                told = False
            except psycopg.Error as error:
                if not told:
                    logger.warning("not listening for changes", cause=type(error).__name__)
                told = self._sure_until == 0.0
            self._sure_until = 0.0
            self._stop.wait(_TRY_AGAIN_AFTER)

    def _listen(self) -> None:
        with contextlib.closing(psycopg.connect(self._url, autocommit=True, **_CONNECTION)) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            stood: Any = object()  # whatever happened while nobody listened: something may have changed
            while not self._stop.is_set():
                asked = time.monotonic()
                stands = connection.execute(self._look).fetchone()
                if stands != stood:
                    self._heard, stood = self._heard + 1, stands
                self._sure_until = asked + _SURE_FOR
                for _ in connection.notifies(timeout=_ASK_EVERY):
                    self._heard += 1

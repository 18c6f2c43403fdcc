"""Whether the database is there: found out once for all threads of a process, so that no caller waits to find out.

A thread asks the database every second on a connection of its own, and at once when somebody could not connect. When it
does not answer, it counts as away until it has answered again; meanwhile nobody tries to connect. Threads that wait for
an answer of a database that hangs are woken with an error, as Twilio would not wait for them. A database that refuses
one connection more, or is slow under load, still answers the look: it is not away.
"""

import contextlib
import os
import select
import socket
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, ExceptionContext, event

from core.log import get_logger

LOOK_EVERY: Final = 1.0
# And not oftener than this, seconds, however many ask.
BREATH: Final = 0.01
# Longest time to connect, and to answer the simplest question, seconds: a busy machine needs its time, and Twilio
# waits for fifteen.
PATIENCE: Final = 5.0
# Whoever could not connect waits this long at most to hear from the look what that means, seconds.
VERDICT: Final = 1.0
# Whoever finds it away waits this long at most to hear whether it still is, seconds: somebody is on the phone.
MOMENT: Final = 0.25

logger = get_logger(__name__)


class AwayError(psycopg.OperationalError):
    """Nobody tries to connect: the database is known to be away."""


class Outlook:
    """One a process. Nothing is away before `start`, so that commands and workers find out by themselves."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._owner = 0
        self._away = False
        self._look_now = threading.Event()
        self._looks = 0
        self._looking = False
        self._looked = threading.Condition()
        self._lock = threading.Lock()
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._own: psycopg.Connection[Any] | None = None

    @property
    def away(self) -> bool:
        """Whether the database does not answer now, as far as is known."""
        return self._away

    def still_away(self) -> bool:
        """Whether it is away now. When it was a moment ago, look again first: another process may know better."""
        if self._away and self._owner == os.getpid():
            self._look_at_once(lambda: not self._away, MOMENT)
        return self._away

    def start(self) -> None:
        """Begin to look, in whichever process this is."""
        with self._lock:
            if self._owner != os.getpid():
                self._owner = os.getpid()
                threading.Thread(target=self._look_for_ever, name="outlook", daemon=True).start()

    def guard(self, engine: Engine) -> None:
        """Let this engine connect only while the database is there, and hear of it when it can't."""
        event.listen(engine, "do_connect", self._refuse_while_away)
        event.listen(engine, "connect", lambda connection, _record: self._connections.add(connection))
        event.listen(engine, "handle_error", self._heard_of_error)

    def _refuse_while_away(self, *_args: Any) -> None:
        if self._away:
            raise AwayError("the database is away; it is looked for every second")

    def _heard_of_error(self, context: ExceptionContext) -> None:
        """A connection that could not be made: look at once. One that has died tells nothing: the next may be made."""
        error = context.original_exception
        failed = context.connection is None and isinstance(error, psycopg.OperationalError)
        if failed and not self._away and self._owner == os.getpid():
            self._look_at_once(lambda: self._away, VERDICT)

    def _look_at_once(self, known: Callable[[], bool], seconds: float) -> None:
        """Let the thread look without delay; wait until it has, or what it is to find out is known already."""
        with self._looked:
            enough = self._looks + (2 if self._looking else 1)  # one under way may have begun before
            self._look_now.set()
            self._looked.wait_for(lambda: known() or self._looks >= enough, seconds)

    def _look_for_ever(self) -> None:
        while True:
            with self._looked:
                self._look_now.clear()
                self._looking = True
            problem = self._look()
            self._set(problem is not None, problem or "")
            with self._looked:
                self._looks, self._looking = self._looks + 1, False
                self._looked.notify_all()
            if self._look_now.wait(LOOK_EVERY):
                time.sleep(BREATH)

    def _look(self) -> str | None:
        """None when the database answers, else why not."""
        try:
            if self._own is None or not self._answers(self._own):
                self._drop()
                self._own = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=int(PATIENCE), application_name="nightline outlook"
                )
                if not self._answers(self._own):
                    self._drop()
                    return "it was connected, but does not answer"
        except (psycopg.Error, OSError) as error:
            self._drop()
            return str(error) or type(error).__name__
        return None

    def _answers(self, connection: psycopg.Connection[Any]) -> bool:
        """Whether it answers in time. A server that hangs is not waited for, as `execute` would."""
        wire = connection.pgconn
        try:
            wire.send_query(b"SELECT 1")
            until = time.monotonic() + PATIENCE
            while wire.is_busy():
                left = until - time.monotonic()
                if left <= 0 or not select.select([wire.socket], [], [], left)[0]:
                    self._set(True, "it hangs")
                    self._wake_waiting()
                    return False
                wire.consume_input()
            found = wire.get_result()
            while wire.get_result() is not None:
                pass
        except (psycopg.Error, OSError, ValueError):
            return False
        return found is not None and found.status == ExecStatus.TUPLES_OK

    def _drop(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                own.close()

    def _wake_waiting(self) -> None:
        """End all connections: whoever waits on one gets an error at once."""
        for connection in list(self._connections):
            with contextlib.suppress(psycopg.Error, OSError):
                ours = socket.socket(fileno=os.dup(connection.fileno()))
                with ours:
                    ours.shutdown(socket.SHUT_RDWR)

    def _set(self, away: bool, why: str) -> None:
        if away == self._away:
            return
        self._away = away
        if away:
            reason = (why.strip().splitlines() or ["no reason given"])[0]
            logger.error("the database is away: the hotline goes on from its snapshot", reason=reason)
        else:
            logger.warning("the database is back")

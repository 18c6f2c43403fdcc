"""The connections of a web process: what each may hold and how long it may take, and how it is ended."""

import contextlib
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gunicorn.workers.gthread import ThreadWorker

from core.serving.channel import Heir
from core.serving.connection import Connection, Stage
from core.serving.intake import Intake, Part
from core.serving.refusals import Refusals

if TYPE_CHECKING:
    from core.settings import Settings

# The slowest that a body, or the reading of an answer, may go on once its first seconds are over.
BYTES_PER_S: Final = 16_000
# For requests and answers of all connections together; small ones are never refused for it.
MEMORY_MAX_BYTES: Final = 64 * 1024 * 1024
SMALL_BYTES: Final = 16 * 1024

READ: Final = selectors.EVENT_READ
PIECE_BYTES: Final = 64 * 1024
_SWEEP_EVERY_S: Final = 0.25
_CLOSING_S: Final = 2.0
_CLOSING_MAX_BYTES: Final = 4 * 1024 * 1024
_REASONS: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


@dataclass(frozen=True)
class Limits:
    """Seconds. A body and an answer have one more for each BYTES_PER_S bytes of them that went through."""

    head_s: float = 10.0  # from accepting, or from the first byte of a further request, to the end of the head
    body_s: float = 10.0
    answer_s: float = 20.0  # for the part of an answer that the network did not take at once


def limits_from(settings: "Settings") -> Limits:
    """The limits that the environment gives."""
    return Limits(settings.request_head_seconds, settings.request_body_seconds, settings.answer_seconds)


class Clients(ThreadWorker):
    """Keeps the connections, and ends those that take too long or hold too much."""

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: set[Connection] = set()
        self._held_bytes = 0
        self._refusals = Refusals()
        self._next_sweep = 0.0

    def _ready(self, conn: Connection, _socket: Any = None) -> None:
        """The network has something for this connection, or takes something of it."""
        raise NotImplementedError

    def _send_then_go_on(self, conn: Connection) -> None:
        """Send what is left of an answer."""
        raise NotImplementedError

    def _given_up(self, conn: Connection) -> None:
        """Its answer is not taken."""
        raise NotImplementedError

    def _watch(self, conn: Connection, events: int) -> None:
        if events == conn.watched:
            return
        if not events:
            self.poller.unregister(conn.channel.raw)
        elif conn.watched:
            self.poller.modify(conn.channel.raw, events, conn.on_event)
        else:
            self.poller.register(conn.channel.raw, events, conn.on_event)
        conn.watched = events

    @contextlib.contextmanager
    def _at_own_risk(self, conn: Connection) -> Iterator[None]:
        """A fault in the block costs its connection, never the process."""
        try:
            yield
        except ConnectionError:
            self._close(conn)
        except Exception:
            self.log.exception("Error in the poller")
            self._close(conn)

    def _refuse(self, conn: Connection, status: int, reason: str) -> None:
        """Answer in the application's place, and end the connection."""
        self._refusals.note(reason, conn.client)
        words = _REASONS[status]
        head = f"HTTP/1.1 {status} {words}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        conn.keep, conn.intake = False, Intake()
        self._account(conn)  # at once: else the next one would be ended for what this one has given back
        self._watch(conn, 0)
        with self._at_own_risk(conn):
            conn.channel.sendall(f"{head}Content-Length: {len(words) + 1}\r\n\r\n{words}\n".encode())
            self._send_then_go_on(conn)

    def _end(self, conn: Connection) -> None:
        """Close our side, and wait a moment for the client's: closing at once could cut off the end of the answer."""
        try:
            conn.channel.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.stage, conn.since = Stage.CLOSING, time.monotonic()
        conn.deadline = conn.since + _CLOSING_S
        self._watch(conn, READ)

    def _drain(self, conn: Connection) -> None:
        data = conn.channel.receive(PIECE_BYTES)
        conn.drained_bytes += len(data or b"")
        if data == b"" or conn.drained_bytes > _CLOSING_MAX_BYTES:
            self._close(conn)

    def _close(self, conn: Connection) -> None:
        if conn.stage is Stage.GONE:
            return
        self._forget(conn)
        with contextlib.suppress(OSError):
            conn.channel.raw.close()

    def _hand_over(self, conn: Connection, heir: Heir) -> None:
        """Somebody else goes on with the socket: here the connection is as good as closed."""
        self._forget(conn)
        heir(conn.channel.raw)

    def _forget(self, conn: Connection) -> None:
        self._watch(conn, 0)
        conn.stage, conn.deadline = Stage.GONE, None
        self._open.discard(conn)
        self._held_bytes -= conn.held_bytes
        self.nr_conns -= 1

    def _account(self, conn: Connection) -> None:
        """Count what is kept in memory for a connection, and end the one with most when all together are too much."""
        held = conn.holding()
        if conn.stage is Stage.GONE or held == conn.held_bytes or (held <= SMALL_BYTES and not conn.held_bytes):
            return
        self._held_bytes += held - conn.held_bytes
        conn.held_bytes = held
        if self._held_bytes > MEMORY_MAX_BYTES and held > SMALL_BYTES:
            waiting = [each for each in self._open if each.stage is Stage.RECEIVING or each.channel.backlog]
            most = max(waiting, key=lambda each: each.held_bytes, default=conn)
            if most.stage is Stage.RECEIVING:
                self._refuse(most, 503, "want of memory")
            else:
                self._refusals.note("want of memory", most.client)
                self._given_up(most)

    def murder_keepalived(self, force: bool = False) -> None:
        """gunicorn calls this after each round: end what has waited too long; with `force` all that still waits."""
        now = time.monotonic()
        if not force and now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_EVERY_S
        for conn in [each for each in self._open if each.deadline is not None and (force or now >= each.deadline)]:
            with self._at_own_risk(conn):
                self._expired(conn)
        line = self._refusals.due(now)
        if line:
            self.log.warning(line)

    def murder_pending(self) -> None:
        """There are none: see `murder_keepalived`."""

    def _expired(self, conn: Connection) -> None:
        if conn.stage is Stage.RECEIVING and not conn.idle:
            self._refuse(conn, 408, "slow body" if conn.intake.part is Part.BODY else "slow head")
        elif conn.stage in {Stage.ANSWERING, Stage.SENDING}:
            self._refusals.note("slow reading", conn.client)
            self._given_up(conn)
        else:
            self._close(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """The process was told to stop: who is silent has until then."""
        for conn in self._open:
            if conn.idle and conn.deadline is not None:
                conn.deadline = min(conn.deadline, deadline)

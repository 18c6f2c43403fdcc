"""gunicorn's threaded worker, but no thread ever waits for a client.

gunicorn's own takes a thread as soon as a connection has something to read, and keeps it until the last byte of the
request has come and the last one of the answer is taken: as many slow clients as there are threads stop everything.
Here the poller, which runs all the time in the main thread, collects requests and sends what is left of answers;
threads get whole requests and put their answers down. What waits longer than `Limits` say is cut off.
"""

import contextlib
import errno
import logging
import resource
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from core.serving.channel import Channel
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
# Descriptors for everything but clients: database, files, the network that is called.
RESERVED_FILES: Final = 256
FEWEST_PLACES: Final = 64

_READ: Final = selectors.EVENT_READ
_WRITE: Final = selectors.EVENT_WRITE
_PIECE_BYTES: Final = 64 * 1024
_SWEEP_EVERY_S: Final = 0.25
_CLOSING_S: Final = 2.0
_CLOSING_MAX_BYTES: Final = 4 * 1024 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
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


class PatientWorker(ThreadWorker):
    """The web process's worker class; `gunicorn.conf.py` names it and sets `limits`."""

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker_connections = int(self.cfg.worker_connections)
        self._open: set[Connection] = set()
        self._held_bytes = 0
        self._refusals = Refusals()
        self._next_sweep = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Ends gunicorn for settings that would have threads read from clients again."""
        super().check_config(cfg, log)
        for wrong, words in (
            (cfg.is_ssl, "certfile and keyfile"),
            (cfg.http2_cleartext not in {None, "", "off"}, "http2_cleartext"),
            (cfg.protocol != "http", "protocol"),
            (cfg.proxy_protocol not in {None, False, "off"}, "proxy_protocol"),
        ):
            if wrong:
                sys.exit(f"nightline: gunicorn's {words} can't be used here; have a proxy do it (deploy/nginx.conf)")

    def init_process(self) -> None:
        files, wanted = _files(), self.worker_connections
        self.worker_connections = places(wanted, files)
        if self.worker_connections < wanted:
            self.log.warning(
                f"the limit of {files} open files leaves room for {self.worker_connections} clients at a time, not"
                f" {wanted}; raise it (LimitNOFILE=, ulimit -n)"
            )
        # gunicorn's own line for each malformed request goes the same way as ours.
        self.log.error_log.addFilter(self._counted_instead)
        super().init_process()

    def _counted_instead(self, record: logging.LogRecord) -> bool:
        malformed = record.getMessage().startswith("Invalid request from ip=")
        if malformed:
            self._refusals.note("bad request", (record.getMessage().split("=")[1].split(":")[0],))
        return not malformed

    # --- Accepting

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection; when there is no room left, in place of one that has waited long."""
        if self.nr_conns >= self.worker_connections - 1:
            self._drop_longest_idle()
        try:
            raw, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._drop_longest_idle()
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
        else:
            self._accepted(raw, client, listener.getsockname())

    def _accepted(self, raw: socket.socket, client: Any, server: Any) -> None:
        channel = Channel(raw, lambda: self.method_queue.defer(self._backlogged, conn))
        conn = Connection(self.cfg, channel, client, server)
        conn.on_event = partial(self._ready, conn)
        self._open.add(conn)
        self.nr_conns += 1
        conn.begin(time.monotonic() + self.limits.head_s)
        self._ready(conn)  # its first bytes are there already, more often than not

    def _drop_longest_idle(self) -> None:
        """Those between two requests first, then whoever has waited longest, with or without a first byte.

        Whoever has a whole request in hand never waits here, so this hits nobody who is quick. A newcomer is not worse
        off than one whose head never ends: it may need a moment for its first byte.
        """
        waiting = [conn for conn in self._open if conn.stage in {Stage.RECEIVING, Stage.CLOSING}]
        if waiting:
            victim = min(waiting, key=lambda conn: (not conn.is_between_requests, conn.since))
            self._refusals.note("want of room", victim.client)
            self._close(victim)

    # --- Events

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

    def _ready(self, conn: Connection, _socket: Any = None) -> None:
        """Something can be read or written, or could be a moment ago."""
        with self._at_own_risk(conn):
            if conn.stage is Stage.RECEIVING:
                self._receive(conn)
            elif conn.stage is Stage.CLOSING:
                self._drain(conn)
            elif conn.watched == _WRITE:
                self._send_rest(conn)
            elif conn.stage is not Stage.GONE:
                self._watch(conn, 0)  # a further request, or the client's end: after this answer

    def _receive(self, conn: Connection) -> None:
        data = conn.channel.receive(_PIECE_BYTES)
        if data is None:
            self._watch(conn, _READ)
        elif not data:
            self._close(conn)
        else:
            self._take(conn, data)

    def _take(self, conn: Connection, data: bytes) -> None:
        """More of a request has come."""
        now, before = time.monotonic(), conn.intake.part
        part = conn.intake.feed(data)
        if part is Part.HEAD:
            if before is Part.NOTHING and conn.parser is not None:  # a further request on a connection that was idle
                conn.since, conn.deadline = now, now + self.limits.head_s
            self._watch(conn, _READ)
        elif part is Part.BODY:
            if before is not Part.BODY:
                conn.since = now
                if conn.intake.asks_to_continue and not conn.intake.body_bytes:
                    conn.channel.sendall(_CONTINUE)
            conn.deadline = conn.since + self.limits.body_s + conn.intake.body_bytes / BYTES_PER_S
            self._watch(conn, _READ)
        elif part is Part.BAD:
            self._refuse(conn, 400, "bad request")
        elif part is Part.HEAD_TOO_LONG:
            self._refuse(conn, 431, "long head")
        else:
            self._have_answered(conn)
            return
        self._account(conn)

    def _have_answered(self, conn: Connection) -> None:
        """A thread may begin: it has all that it will get.

        The connection stays watched for reading, which costs nothing as long as the client waits for its answer.
        """
        conn.stage, conn.deadline = Stage.ANSWERING, None
        conn.truncated = conn.intake.part is Part.TOO_LONG
        self._account(conn)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.intake.data))
        self.enqueue_req(conn)

    # --- Answering

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """In a thread. What a client waits for before it sends a body was said by the poller."""
        req._expected_100_continue = False
        if conn.truncated:
            req.force_close()
        conn.channel.begin()
        try:
            return super().handle_request(req, conn)
        finally:
            conn.channel.end()

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """A thread has answered; its answer may still have to be sent."""
        keep = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        conn.keep = keep and not conn.truncated
        with self._at_own_risk(conn):
            if conn.channel.gone:
                self._close(conn)
            else:
                self._send_then_go_on(conn)

    def _send_then_go_on(self, conn: Connection) -> None:
        conn.stage = Stage.SENDING
        if conn.channel.backlog:
            self._backlogged(conn)
        else:
            self._answered(conn)

    def _backlogged(self, conn: Connection) -> None:
        """Part of an answer is left: the poller sends it. Comes from the thread by way of the queue, maybe late."""
        if conn.stage in {Stage.ANSWERING, Stage.SENDING} and conn.channel.backlog and conn.watched != _WRITE:
            conn.deadline = time.monotonic() + self.limits.answer_s
            self._watch(conn, _WRITE)
            self._account(conn)

    def _send_rest(self, conn: Connection) -> None:
        sent = conn.channel.flush()
        self._account(conn)
        if conn.channel.gone:
            self._given_up(conn)
        elif not conn.channel.backlog:
            conn.deadline = None
            self._watch(conn, 0)
            if conn.stage is Stage.SENDING:
                self._answered(conn)
        elif conn.deadline is not None:
            conn.deadline += sent / BYTES_PER_S

    def _given_up(self, conn: Connection) -> None:
        """Nobody reads this answer. A thread that still makes it finds out, and `finish_request` follows."""
        conn.channel.give_up()
        if conn.stage is Stage.ANSWERING:
            conn.deadline = None
            self._watch(conn, 0)
        else:
            self._close(conn)

    def _answered(self, conn: Connection) -> None:
        if not conn.keep:
            self._end(conn)
            return
        patience = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
        further = conn.parser.unreader.take_buffered()
        conn.begin(time.monotonic() + (self.limits.head_s if further else patience))
        if further:  # sent without waiting for the answer
            self._take(conn, further)
        else:
            self._account(conn)
            self._watch(conn, _READ)

    # --- Ending

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
        self._watch(conn, _READ)

    def _drain(self, conn: Connection) -> None:
        data = conn.channel.receive(_PIECE_BYTES)
        conn.drained_bytes += len(data or b"")
        if data == b"" or conn.drained_bytes > _CLOSING_MAX_BYTES:
            self._close(conn)

    def _close(self, conn: Connection) -> None:
        if conn.stage is Stage.GONE:
            return
        self._watch(conn, 0)
        conn.stage, conn.deadline = Stage.GONE, None
        with contextlib.suppress(OSError):
            conn.channel.raw.close()
        self._open.discard(conn)
        self._held_bytes -= conn.held_bytes
        self.nr_conns -= 1

    # --- Limits

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


def places(wanted: int, files: int) -> int:
    """For how many clients there is room when so many files may be open. Pure.

    Never less than a few: with none at all not even a health check would be answered.
    """
    return min(wanted, max(FEWEST_PLACES, files - RESERVED_FILES))


def _files() -> int:
    """How many files this process may open, after asking for as many as it could need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return 8192 if soft == resource.RLIM_INFINITY else soft

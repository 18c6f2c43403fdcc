"""gunicorn's threaded worker, but no thread ever waits for a client.

gunicorn's own takes a thread as soon as a connection has something to read, and keeps it until the last byte of the
request has come and the last one of the answer is taken: as many slow clients as there are threads stop everything.
Here the poller, which runs all the time in the main thread, collects requests and sends what is left of answers;
threads get whole requests and put their answers down. What waits longer than `Limits` say is cut off.
"""

import errno
import logging
import selectors
import socket
import sys
import time
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from core.serving.channel import Channel
from core.serving.clients import BYTES_PER_S, PIECE_BYTES, READ, Clients
from core.serving.connection import Connection, Stage
from core.serving.intake import Part
from core.serving.places import open_files, places

_WRITE: Final = selectors.EVENT_WRITE
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class PatientWorker(Clients):
    """The web process's worker class; `gunicorn.conf.py` names it and sets `limits`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker_connections = int(self.cfg.worker_connections)

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
        files, wanted = open_files(), self.worker_connections
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
        data = conn.channel.receive(PIECE_BYTES)
        if data is None:
            self._watch(conn, READ)
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
            self._watch(conn, READ)
        elif part is Part.BODY:
            if before is not Part.BODY:
                conn.since = now
                if conn.intake.asks_to_continue and not conn.intake.body_bytes:
                    conn.channel.sendall(_CONTINUE)
            conn.deadline = conn.since + self.limits.body_s + conn.intake.body_bytes / BYTES_PER_S
            self._watch(conn, READ)
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
        if conn.channel.heir is not None:
            self._hand_over(conn, conn.channel.heir)
            return
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
            self._watch(conn, READ)

    # --- Ending

    # --- Limits

"""A client's connection as gunicorn sees it while a thread answers: neither reading nor writing ever waits long."""

import errno
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Final, TypeAlias

# So much of an answer is kept for a client that reads slowly. Whoever streams more to one waits, up to the time limit.
BACKLOG_MAX_BYTES: Final = 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024


# Takes over a connection's socket, which is its own from then on.
Heir: TypeAlias = Callable[[socket.socket], None]


class Channel:
    """The non-blocking socket `raw`, with what could not be sent yet.

    gunicorn's parser gets no bytes from here, as all of the request lies in its buffer; a parser that wants more finds
    the end of the connection. What an answer sends goes out at once as far as the network takes it; the rest is kept,
    `on_backlog` is told once (from the thread that answers), and the poller calls `flush` until it is gone.
    """

    def __init__(self, raw: socket.socket, on_backlog: Callable[[], None]) -> None:
        raw.setblocking(False)
        self.raw = raw
        self.gone = False  # the client closed the connection, or was given up
        self.heir: Heir | None = None  # who gets the socket once the answer is sent
        self._on_backlog = on_backlog
        self._kept: deque[memoryview] = deque()
        self._kept_bytes = 0
        self._change = threading.Condition()
        self._head: bytes | None = None

    @property
    def backlog(self) -> int:
        """Bytes of the answer that are still to be sent."""
        return self._kept_bytes

    def receive(self, most: int) -> bytes | None:
        """What the client has sent, b"" at its end, None when there is nothing now. For the poller alone."""
        try:
            return self.raw.recv(most)
        except (BlockingIOError, InterruptedError):
            return None

    def flush(self) -> int:
        """Send what is kept, as far as it goes without waiting; how many bytes went. For the poller alone."""
        sent = 0
        with self._change:
            while self._kept and (now_sent := self._send(self._kept[0])):
                sent += now_sent
                rest = self._kept.popleft()[now_sent:]
                if rest:
                    self._kept.appendleft(rest)
            self._kept_bytes -= sent
            if sent or self.gone:
                self._change.notify_all()
        return sent

    def give_up(self) -> None:
        """The client took too long: whoever answers it finds the connection broken."""
        with self._change:
            self.gone = True
            self._kept.clear()
            self._kept_bytes = 0
            self._change.notify_all()

    def _send(self, data: memoryview) -> int:
        try:
            return self.raw.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.gone = True
            return 0

    # --- What gunicorn's parser and response call, from the thread that answers

    def begin(self) -> None:
        """An answer follows: its head, which gunicorn sends by itself, goes out together with what comes next."""
        self._head = b""

    def end(self) -> None:
        """The answer is over: it may have been a head alone."""
        head, self._head = self._head, None
        if head:
            self.sendall(head)

    def sendall(self, data: bytes) -> None:
        """Raises BrokenPipeError when the client is gone."""
        if self._head is not None:
            if not self._head:
                self._head = data
                return
            data, self._head = self._head + data, None
        with self._change:
            while self._kept_bytes > BACKLOG_MAX_BYTES and not self.gone:
                self._change.wait()  # the poller flushes, or gives the client up
            rest = memoryview(data)
            if not self._kept and not self.gone:
                rest = rest[self._send(rest) :]
            if self.gone:
                raise BrokenPipeError(errno.EPIPE, "the client is gone")
            if not rest:
                return
            first = not self._kept
            self._kept.append(rest)
            self._kept_bytes += len(rest)
        if first:
            self._on_backlog()

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """As `socket.sendfile`; a slow reader's share of the file is kept in memory like any answer."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            piece = file.read(_PIECE_BYTES if count is None else min(_PIECE_BYTES, count - sent))
            if not piece:
                break
            self.sendall(piece)
            sent += len(piece)
        return sent

    def recv(self, _most: int, _flags: int = 0) -> bytes:
        return b""

    def fileno(self) -> int:
        return self.raw.fileno()

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing here waits."""

    def setblocking(self, _flag: bool) -> None:
        """Nothing here waits."""

    def shutdown(self, _how: int) -> None:
        """The poller ends the connection, after what is kept was sent."""

    def close(self) -> None:
        """As `shutdown`."""

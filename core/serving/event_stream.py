"""Streams of server-sent events: answers that go on after the thread that began them is free again.

The view sends the head of the answer and hands its connection over (`hand_over`); from then on one thread writes to all
such connections (`Reader`), and none of the web process's own threads waits for any of them.
"""

import errno
import socket
from collections.abc import Mapping
from typing import Any, Final

from core.serving.channel import Channel, Heir

# Of a stream that never ends; HTTP wants a length or chunks, and gunicorn would end the chunks with the view's answer.
ENDLESS_BYTES: Final = 2**53 - 1
# A client that leaves so much unread has gone to sleep: it comes back by itself, and is told the newest state then.
UNREAD_MAX_BYTES: Final = 512 * 1024


def hand_over(environ: Mapping[str, Any], heir: Heir) -> bool:
    """`heir` gets the request's socket once the view's answer is sent; False where the server is another one."""
    channel = environ.get("gunicorn.socket")
    if not isinstance(channel, Channel):
        return False
    channel.heir = heir
    return True


def event(name: str, data: str, id_: str = "") -> bytes:
    """One event as it goes over the line. `data` is one line."""
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


class Reader:
    """One client of a stream. Nothing here waits; `gone` once the client has closed, or reads too slowly.

    The socket is closed by whoever watches it.
    """

    def __init__(self, raw: socket.socket) -> None:
        raw.setblocking(False)
        self.raw = raw
        self.gone = False
        self._unread = bytearray()

    @property
    def is_behind(self) -> bool:
        """Whether something is left that the network did not take: `flush` when it takes more."""
        return bool(self._unread)

    def put(self, data: bytes) -> None:
        """Send, now or as soon as the network takes it."""
        self._unread += data
        self.flush()
        if len(self._unread) > UNREAD_MAX_BYTES:
            self._give_up()

    def flush(self) -> None:
        """Send what is left, as far as it goes."""
        while self._unread and not self.gone:
            try:
                sent = self.raw.send(self._unread)
            except OSError as error:
                if error.errno not in {errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR}:
                    self._give_up()
                return
            del self._unread[:sent]

    def hear(self) -> None:
        """The client has sent something: of use is only that it has closed."""
        try:
            if not self.raw.recv(4096):
                self._give_up()
        except BlockingIOError:
            return
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        self.gone = True
        self._unread.clear()

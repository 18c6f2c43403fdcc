"""When the bytes that a client has sent are one whole request. Knows no sockets; gunicorn's parser decides.

It only looks for the end of a request, to say whether a thread could read all of it without waiting (RFC 9112). What
is ambiguous or malformed counts as whole: gunicorn refuses it in the next moment, by its own and stricter rules.
"""

import re
from enum import Enum, auto
from typing import Final

# Request line and fields together; as much as nginx takes by default (4 buffers of 8 KiB).
HEAD_MAX_BYTES: Final = 32 * 1024
# As Flask's MAX_CONTENT_LENGTH in app.py, whose answer to a larger one is 413.
BODY_MAX_BYTES: Final = 1_000_000
# Chunk sizes with their extensions, over the whole body: nobody needs more framing than body.
_FRAMED_MAX_BYTES: Final = 2 * BODY_MAX_BYTES
_CHUNK_LINE_MAX_BYTES: Final = 1024

_BARE_LF: Final = re.compile(rb"(?<!\r)\n")
# The fields that say how long a request is, in lower case.
_TELLING: Final = re.compile(rb"\r\n(content-length|transfer-encoding|expect):([^\r]*)")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_END: Final = b"\r\n\r\n"


class Part(Enum):
    """What of a request is there."""

    NOTHING = auto()
    HEAD = auto()  # the beginning of its head
    BODY = auto()  # the head, and the body in part
    WHOLE = auto()
    # Its body is longer than we take. The application gets the head, answers 413, and the connection ends.
    TOO_LONG = auto()
    # Refused without asking the application:
    BAD = auto()
    HEAD_TOO_LONG = auto()


class Intake:
    """Collects one request. `part` says how far it is; `data` is all that came, what followed the request included."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.part = Part.NOTHING
        # The client waits for "100 Continue" before it sends the body.
        self.asks_to_continue = False
        self._searched = 0  # everything before this has been looked at
        self._body_start = 0
        self._end = 0  # where the body ends, or the next chunk's size stands
        self._chunked = False
        self._in_trailers = False

    @property
    def body_bytes(self) -> int:
        """How much of the body is there, framing included."""
        return len(self.data) - self._body_start if self.part is Part.BODY else 0

    def feed(self, data: bytes) -> Part:
        """More bytes have come."""
        self.data += data
        if self.part is Part.NOTHING and self.data:
            self.part = Part.HEAD
        if self.part is Part.HEAD:
            self.part = self._head()
        if self.part is Part.BODY:
            self.part = self._chunks() if self._chunked else self._measured()
        return self.part

    def _head(self) -> Part:
        # RFC 9112, 2.2: one empty line before the request is forgiven.
        start = 2 if self.data.startswith(b"\r\n") else 0
        found = self.data.find(_END, max(start, self._searched - 3))
        looked_at = len(self.data) if found < 0 else found
        if self.data.startswith(b"\r\n", start) or _BARE_LF.search(self.data, self._searched, looked_at):
            return Part.BAD
        if looked_at > HEAD_MAX_BYTES:
            return Part.HEAD_TOO_LONG
        self._searched = looked_at
        if found < 0:
            return Part.HEAD
        self._body_start = found + len(_END)
        return self._fields(bytes(self.data[start:found]).lower())

    def _fields(self, head: bytes) -> Part:
        found = _TELLING.findall(head)
        lengths = [value.strip() for name, value in found if name == b"content-length"]
        codings = [value.strip() for name, value in found if name == b"transfer-encoding"]
        if codings:
            if lengths or len(codings) > 1 or codings[0].rpartition(b",")[2].strip() != b"chunked":
                return Part.WHOLE  # gunicorn answers 400 or 501
            self._chunked, self._end = True, self._body_start
        elif lengths:
            if len(lengths) > 1 or not lengths[0].isdigit():
                return Part.WHOLE  # gunicorn answers 400
            if len(lengths[0]) > 9 or int(lengths[0]) > BODY_MAX_BYTES:
                return Part.TOO_LONG
            self._end = self._body_start + int(lengths[0])
        else:
            return Part.WHOLE
        expected = [value.strip() for name, value in found if name == b"expect"]
        self.asks_to_continue = expected == [b"100-continue"] and b" http/1.1" in head.partition(b"\r\n")[0]
        return Part.BODY

    def _measured(self) -> Part:
        return Part.WHOLE if len(self.data) >= self._end else Part.BODY

    def _chunks(self) -> Part:
        """Steps from chunk to chunk as far as the bytes reach (RFC 9112, 7.1)."""
        while not self._in_trailers:
            if max(len(self.data), self._end) - self._body_start > _FRAMED_MAX_BYTES:
                return Part.TOO_LONG
            line_end = self.data.find(b"\r\n", self._end, self._end + _CHUNK_LINE_MAX_BYTES)
            if line_end < 0:
                return Part.BODY if len(self.data) < self._end + _CHUNK_LINE_MAX_BYTES else Part.BAD
            size = _HEX.match(self.data, self._end, line_end)
            if size is None:
                return Part.BAD
            length = int(size.group(), 16)
            self._in_trailers = length == 0
            self._end = line_end + 2 + (length + 2 if length else 0)
        if self.data.startswith(b"\r\n", self._end) or self.data.find(_END, self._end) >= 0:
            return Part.WHOLE
        return Part.BODY if len(self.data) - self._end <= HEAD_MAX_BYTES else Part.HEAD_TOO_LONG

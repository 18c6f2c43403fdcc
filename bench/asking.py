"""`python -m bench.asking`: asks one address as often as it is answered, over connections that stay open.

A process of its own, with nothing between it and the sockets: what it costs is taken from the gateway's processors.
"""

import argparse
import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Line:
    """One connection, with what has come of the answer so far."""

    socket: socket.socket
    question: bytes
    came: bytearray = field(default_factory=bytearray)
    asked: float = 0.0

    def ask(self) -> None:
        self.came.clear()
        self.asked = time.perf_counter()
        self.socket.sendall(self.question)

    def is_answered(self) -> bool:
        """Take what has come; whether that is the whole answer. Raises ConnectionError when it was closed."""
        part = self.socket.recv(1 << 17)
        if not part:
            raise ConnectionError("the gateway closed the connection")
        self.came += part
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.came[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return len(self.came) >= end + 4 + length


def ask(url: str, token: str, cookie: str, connections: int, seconds: float) -> dict[str, object]:
    """How many answers came, how many of them were not 200, how long each took (s), and how long it all took."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    sender = f"Authorization: Bearer {token}\r\nCookie: {cookie}\r\n"
    question = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{sender}\r\n".encode()
    waiting = selectors.DefaultSelector()
    for _ in range(connections):
        line = Line(socket.create_connection((parts.hostname or "", parts.port or 80)), question)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(line.socket, selectors.EVENT_READ, line)
        line.ask()
    took: list[float] = []
    failed = 0
    begun = time.perf_counter()
    while (now := time.perf_counter()) < begun + seconds:
        for key, _ in waiting.select(1.0):
            line = key.data
            if line.is_answered():
                took.append(time.perf_counter() - line.asked)
                failed += not line.came.startswith(b"HTTP/1.1 200")
                line.ask()
    for key in list(waiting.get_map().values()):
        key.data.socket.close()
    waiting.close()
    took.sort()
    return {
        "answers": len(took),
        "failed": failed,
        "seconds": now - begun,
        "median": took[len(took) // 2] if took else None,
        "p99": took[int(len(took) * 0.99)] if took else None,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--token", required=True)
    parser.add_argument("--cookie", default="")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    print(json.dumps(ask(options.url, options.token, options.cookie, options.connections, options.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

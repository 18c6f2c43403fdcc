"""gunicorn as a child process, and clients that speak HTTP byte by byte."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.ports import free_port
from bench.stack import BIN, ROOT, Process

START_S = 40.0
# So long may a busy machine take for what should be there at once.
PATIENCE_S = 90.0

_QUICK = str(Path(__file__).with_name("quick_conf.py"))


@dataclass
class Server:
    """A gunicorn that listens on `port` of this machine."""

    port: int
    process: Process

    def log(self) -> str:
        return self.process.log.read_text(errors="replace")


@contextmanager
def serving(folder: Path, *extra: str, config: str = _QUICK, **env: str) -> Iterator[Server]:
    """The probe under gunicorn, with short limits unless `config` says otherwise; ended with the block."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "-c", config, "-b", f"127.0.0.1:{port}", *extra]
    environment = {"PATH": str(BIN), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **env}
    process = Process([*command, "tests.core.serving.probe:create_app()"], environment, folder / "gunicorn.log")
    server = Server(port, process)
    try:
        eventually(lambda: _answers(port), "gunicorn does not answer", START_S)
        yield server
    finally:
        process.stop(20)


def _answers(port: int) -> bool:
    try:
        with Client(port) as client:
            return client.send("GET / HTTP/1.0\r\n\r\n").answer().status == 200
    except OSError:
        return False


def eventually(condition: Callable[[], bool], complaint: str, within: float = PATIENCE_S) -> None:
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, complaint
        time.sleep(0.05)


@dataclass
class Answer:
    """`status` 0: the connection ended without one."""

    status: int
    head: str
    body: bytes


class Client:
    """One connection."""

    def __init__(self, port: int, buffer_bytes: int | None = None) -> None:
        self.socket = socket.socket()
        if buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", port))
        self._ahead = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: str | bytes) -> "Client":
        self.socket.sendall(data.encode() if isinstance(data, str) else data)
        return self

    def post(self, path: str, body: str, *fields: str) -> "Client":
        head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *fields, f"Content-Length: {len(body)}", "", ""])
        return self.send(head + body)

    def answer(self) -> Answer:
        """The next answer, 1xx ones included."""
        while b"\r\n\r\n" not in self._ahead:
            if not self._read():
                return Answer(0, "", self._ahead)
        head, _, self._ahead = self._ahead.partition(b"\r\n\r\n")
        words = head.decode()
        status = int(words.split()[1])
        length = re.search(r"\r\ncontent-length: *(\d+)", words, re.IGNORECASE)
        wanted = 0 if status < 200 else int(length[1]) if length else None
        while wanted is None or len(self._ahead) < wanted:
            if not self._read():
                break
        body, self._ahead = (self._ahead, b"") if wanted is None else (self._ahead[:wanted], self._ahead[wanted:])
        return Answer(status, words, body)

    def closed(self) -> bool:
        """Whether nothing more comes: waits for the end of the connection."""
        return not self._ahead and not self._read()

    def _read(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self._ahead += data
        return bool(data)

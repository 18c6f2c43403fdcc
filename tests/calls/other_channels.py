"""A server that takes notices as apprise sends them to a `json://` address, and a directory whose people have some."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from core.clock import real_now
from tests.calls.people import DIRECTORY


@dataclass(frozen=True)
class Notice:
    """What came: to whom, when (seconds of the epoch), and in which words."""

    name: str
    at: float
    title: str
    message: str


@dataclass
class Services:
    """Channels of people by first name; `status` is what each answers, None makes it hang."""

    port: int = 0
    notices: list[Notice] = field(default_factory=list)
    status: dict[str, int | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def address(self, name: str) -> str:
        return f"json://user:s3cret-token@127.0.0.1:{self.port}/{name}"

    def of(self, name: str) -> list[Notice]:
        return [notice for notice in self.notices if notice.name == name]

    def directory(self, *names: str) -> str:
        """The tests' directory, in which these people have a channel."""
        text = DIRECTORY
        for name in names:
            mail = f"email: {name.lower()}@example.org"
            assert text.count(mail) == 1
            text = text.replace(mail, f'{mail}, channels: ["{self.address(name.lower())}"]')
        return text


@contextmanager
def services() -> Iterator[Services]:
    """The server for as long as the block lasts."""
    found = Services()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = self.path.strip("/")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append(name)
            status = found.status.get(name, 200)
            if status is None:
                found.over.wait(60)
                return
            if status == 200:
                found.notices.append(Notice(name, real_now().timestamp(), body["title"], body["message"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield found
    finally:
        found.over.set()
        server.shutdown()
        server.server_close()

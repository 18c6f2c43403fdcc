"""Where other channels end: an HTTP server and a mail server of this machine, which write down what reached them."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from bench.ports import free_port


@dataclass(frozen=True)
class Arrived:
    """Something that reached a person. `at`: monotonic seconds; `who`: the address's last part, or the mail's name."""

    channel: str
    who: str
    words: str
    at: float


@dataclass
class Collectors:
    """Both servers, for as long as the block lasts. `http_port` and `mail_url` are theirs."""

    arrived: list[Arrived] = field(default_factory=list)
    http_port: int = 0
    mail_url: str = ""
    _http: ThreadingHTTPServer | None = None
    _mail: Controller | None = None

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.arrived))
        self.http_port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        port = free_port()
        self._mail = Controller(_Mails(self.arrived), hostname="127.0.0.1", port=port)
        self._mail.start()
        self.mail_url = f"smtp://127.0.0.1:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
        if self._mail is not None:
            self._mail.stop()


class _Mails:
    def __init__(self, arrived: list[Arrived]) -> None:
        self._arrived = arrived

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        words = envelope.content.decode("utf-8", "replace")
        for recipient in envelope.rcpt_tos:
            self._arrived.append(Arrived("mail", recipient.partition("@")[0], words, time.monotonic()))
        return "250 taken"


def _handler(arrived: list[Arrived]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            words = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8", "replace")
            who = self.path.rstrip("/").rpartition("/")[2]
            arrived.append(Arrived("http", who, words, time.monotonic()))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: the list is the log."""

    return Handler

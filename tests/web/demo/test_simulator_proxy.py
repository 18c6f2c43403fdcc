"""The simulator's process behind our address, played here by a small server that records what reaches it."""

import http.client
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from core.db import Database
from core.settings import Settings
from tests.web.conftest import build

LONGER_THAN_ANYBODY_WAITS = 30  # seconds


class Neighbour(BaseHTTPRequestHandler):
    """Tells what it was asked; `/slow` sends one piece now and one once that was read, `/away` redirects."""

    protocol_version = "HTTP/1.1"
    first_was_read: ClassVar = threading.Event()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/slow"):
            self._slowly()
            return
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body.decode()}
        text = json.dumps(seen).encode()
        away = self.path.endswith("/away")
        self.send_response(302 if away else 200)
        if away:
            self.send_header("Location", "/simulator/")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Simulator", "yes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _slowly(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.first_was_read.wait(LONGER_THAN_ANYBODY_WAITS)
        self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = do_PATCH = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests are quiet."""


@pytest.fixture
def neighbour() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Neighbour)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(demo_settings: Settings, database: Database, now: datetime, neighbour: str) -> FlaskClient:
    demo_settings.simulator_url = neighbour
    return build(demo_settings, database, now).test_client()


@pytest.fixture
def alone(demo_settings: Settings, database: Database, now: datetime) -> FlaskClient:
    demo_settings.simulator_url = "http://127.0.0.1:9"
    return build(demo_settings, database, now).test_client()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_hands_on_every_method_with_path_query_and_body(client: FlaskClient, method: str) -> None:
    answer = client.open(
        "/simulator/api/phones/%2B390584000001/press?after=7&wait=20",
        method=method,
        data='{"digits": "1"}',
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.headers["X-Simulator"] == "yes"
    seen = answer.get_json()
    assert seen["method"] == method
    assert seen["path"].replace("%2B", "+") == "/simulator/api/phones/+390584000001/press?after=7&wait=20"
    assert seen["body"] == '{"digits": "1"}'
    assert seen["headers"]["Content-Type"] == "application/json"


def test_what_belongs_to_one_connection_stays_on_it(client: FlaskClient) -> None:
    headers = {
        "Connection": "close, X-Mine",
        "X-Mine": "1",
        "TE": "trailers",
        "Cookie": "session=secret",
        "X-Other": "2",
    }
    answer = client.get("/simulator/api/state", headers=headers)
    seen = answer.get_json()["headers"]
    assert seen["X-Other"] == "2"
    assert not {"X-Mine", "TE", "Te", "Cookie"} & set(seen)
    assert "Connection" not in answer.headers


def test_redirects_are_the_browsers_business(client: FlaskClient) -> None:
    answer = client.get("/simulator/away")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/simulator/"


def test_a_head_request_has_no_body(client: FlaskClient) -> None:
    answer = client.head("/simulator/")
    assert answer.status_code == 200
    assert answer.data == b""


@pytest.mark.parametrize(
    "path", ["/simulator/../2010-04-01/Accounts.json", "/simulator/%2e%2e/2010-04-01/Accounts.json"]
)
def test_only_its_pages_are_reached(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_another_sites_page_can_not_use_the_telephones(client: FlaskClient) -> None:
    address = "/simulator/api/reset"
    assert client.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(address, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_hands_pieces_on_as_they_come(
    demo_settings: Settings, database: Database, now: datetime, neighbour: str
) -> None:
    demo_settings.simulator_url = neighbour
    Neighbour.first_was_read.clear()
    server = make_server("127.0.0.1", 0, build(demo_settings, database, now), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        connection.request("GET", "/simulator/slow")
        answer = connection.getresponse()
        assert answer.read(5) == b"first", "the last piece is not even sent before"
        Neighbour.first_was_read.set()
        assert answer.read() == b"last"
    finally:
        Neighbour.first_was_read.set()
        server.shutdown()


def test_says_how_to_start_it_when_it_is_not_there(alone: FlaskClient) -> None:
    page = alone.get("/simulator/", headers={"Accept": "text/html"})
    assert page.status_code == 502
    assert "make run" in page.text
    answer = alone.get("/simulator/api/state")
    assert answer.status_code == 502
    assert "make run" in answer.get_json()["error"]

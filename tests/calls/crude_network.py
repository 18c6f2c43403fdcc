"""A telephone network as small as can be, written from the contract alone: REST by http.server, its own signer.

It knows no conference events, no report of the number's own calls, no labels and no details of a Dial; it answers
REST requests with an id and a word, and forgets whatever else it was told.
"""

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.calls.crude import Leg

ACCOUNT, TOKEN, HOTLINE = "AC" + "7" * 32, "outside-token", "+390584943232"
PATIENCE = 90.0
T = TypeVar("T")


class CrudeNetwork:
    """Calls placed, texts sent and calls moved wait here until the test looks at them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._placed: list[dict[str, str]] = []
        self._moves: dict[str, list[str]] = {}
        self.texts: list[dict[str, str]] = []
        self.ended: list[str] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.gateway_url = ""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # what persons do

    def dial(self, number: str) -> Leg:
        """Somebody calls the hotline."""
        leg = Leg(self.post, f"CA{number[1:]:0>32}", number, HOTLINE, account=ACCOUNT)
        leg.ask(f"{self.gateway_url}/ivr/voice")
        return leg

    def rings(self, number: str) -> dict[str, str]:
        """Waits until the gateway calls a number; the parameters of that request."""
        return self._await(lambda: self._take_placed(number), f"{number} is not called")

    def picks_up(self, number: str) -> Leg:
        """The person answers the call that rings."""
        placed = self.rings(number)
        leg = Leg(self.post, placed["sid"], HOTLINE, number, "outbound-api", ACCOUNT)
        leg.ask(placed["Url"])
        return leg

    def report(self, placed: dict[str, str], status: str) -> None:
        """Tells the gateway how far an outgoing call has come."""
        self.post(placed["StatusCallback"], {"CallSid": placed["sid"], "CallStatus": status, "To": placed["To"]})

    def follow_move(self, leg: Leg) -> None:
        """Waits until the gateway moves a call, and goes where it was told."""
        leg.ask(self._await(lambda: self._take_move(leg.sid), f"{leg.caller} is not moved"))

    def text_to(self, number: str, part: str) -> str:
        """Waits for a text that contains these words."""

        def find() -> str | None:
            return next((one["Body"] for one in self.texts if one["To"] == number and part in one["Body"]), None)

        return self._await(find, f"{number} got no text with {part!r}")

    # the wire

    def post(self, url: str, params: dict[str, str]) -> str:
        """A signed webhook; the body of the answer, which must be a document."""
        joined = url + "".join(name + value for name, value in sorted(params.items()))
        digest = hmac.new(TOKEN.encode(), joined.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
        connection.request("POST", url.split(parts.netloc, 1)[1], urlencode(params), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        assert answer.status == 200, f"{answer.status} from {url}: {body}"
        return body

    def _await(self, find: Callable[[], T | None], complaint: str) -> T:
        until = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := find()):
                if not self._changed.wait(until - time.monotonic()):
                    raise AssertionError(f"{complaint} within {PATIENCE} s")
        return found

    def _take_placed(self, number: str) -> dict[str, str] | None:
        found = next((call for call in self._placed if call["To"] == number), None)
        if found is not None:
            self._placed.remove(found)
        return found

    def _take_move(self, sid: str) -> str | None:
        waiting = self._moves.get(sid)
        return waiting.pop(0) if waiting else None

    def take_request(self, path: str, params: dict[str, str]) -> tuple[int, dict[str, str]]:
        """What the gateway asks for over REST."""
        what = path.removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}/")
        with self._changed:
            self._changed.notify_all()
            if what == "Calls.json":
                call = params | {"sid": f"CA{len(self._placed) + len(self.ended):02x}{time.monotonic_ns():030x}"}
                self._placed.append(call)
                return 201, {"sid": call["sid"], "status": "queued"}
            if what == "Messages.json":
                self.texts.append(params)
                return 201, {"sid": f"SM{len(self.texts):032x}", "status": "queued"}
            if what.startswith("Calls/"):
                sid = what.removeprefix("Calls/").removesuffix(".json")
                if "Url" in params:
                    self._moves.setdefault(sid, []).append(params["Url"])
                else:
                    self.ended.append(sid)
                return 200, {"sid": sid, "status": "in-progress"}
        return 404, {"message": f"no {what} here"}


class _Server(ThreadingHTTPServer):
    """Knows the network whose requests it takes."""

    def __init__(self, network: CrudeNetwork) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.network = network


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {expected}":
            self._answer(401, {"message": "no"})
            return
        params = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.server.network.take_request(self.path, params))

    def do_GET(self) -> None:
        self._answer(200, {"calls": [], "messages": []})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quiet."""

"""`python -m bench.board`: 200 watchers of the live board beside the hotline, with and without them in one run.

How soon watchers see a change, what a webhook takes meanwhile, and what the web process weighs. A watcher is a socket
that reads the stream, as a browser does.
"""

import argparse
import secrets
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import requests

from bench.figures import percentile
from bench.outage import Server
from bench.report import Figure, table
from bench.stack import AUTH_TOKEN, Gateway, running
from core.clock import real_now
from oncall.accounts.administering import Wanted, find_account, put_account
from oncall.accounts.passwords import Passwords
from oncall.accounts.sessions import open_session
from oncall.models.access.roles import Role
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose
from simulator.signer import signature

WATCHERS: Final = 200
CHANGES: Final = 12
CALLS: Final = 300
FORM: Final = "application/x-www-form-urlencoded; charset=UTF-8"
_SEEN_WITHIN_S: Final = 3.0


@dataclass
class Audience:
    """Sockets that watch, and when each of them was told the words that are waited for."""

    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    waited_for: bytes = b""
    told: dict[int, float] = field(default_factory=dict)
    is_over: bool = False

    def join(self, url: str, cookie: str) -> None:
        """One more."""
        parts = urlsplit(url)
        raw = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
        raw.sendall(f"GET /board/events HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
        raw.setblocking(False)
        self.selector.register(raw, selectors.EVENT_READ, bytearray())

    def listen(self) -> None:
        """Until it is over."""
        while not self.is_over:
            for key, _ in self.selector.select(0.2):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                key.data.extend(data)
                if self.waited_for and self.waited_for in key.data:
                    self.told.setdefault(key.fd, time.perf_counter())
                del key.data[:-8192]

    def wait_for(self, words: bytes) -> None:
        """From now on, who is told these words is noted."""
        self.told, self.waited_for = {}, words


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Web, worker, telephone network and a database of their own."""
    with tempfile.TemporaryDirectory(prefix="nightline-board-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgres")
        with running(server.database(), Path(folder)) as found:
            yield found
        server.stop()


def watcher_cookie(found: Gateway) -> str:
    """Of a technician who has signed in."""
    now, wanted = real_now(), Wanted("ada@example.org", "Ada", Role.TECHNICIAN, password=secrets.token_hex(9))
    with found.database.transaction() as session:
        put_account(session, wanted, Passwords(), now)
        account = find_account(session, wanted.email)
        assert account is not None
        return f"nightline={open_session(session, account.id, 'bench', now)}"


def webhooks(found: Gateway, number: int) -> list[float]:
    """Milliseconds that each of so many greetings took, one after the other."""
    took = []
    with requests.Session() as http:
        for _ in range(number):
            form = {"CallSid": f"CA{secrets.token_hex(16)}", "From": "+390212345678", "CallStatus": "ringing"}
            headers = {"Content-Type": FORM}
            headers["X-Twilio-Signature"] = signature(AUTH_TOKEN, f"{found.url}/ivr/voice", form.items())
            begun = time.perf_counter()
            answer = http.post(f"{found.url}/ivr/voice", data=form, headers=headers, timeout=30)
            took.append((time.perf_counter() - begun) * 1000)
            answer.raise_for_status()
    end_calls(found)
    return took


def end_calls(found: Gateway) -> None:
    """Nobody is on the line any more."""
    with found.database.transaction() as session:
        for call in session.query(PhoneCall).where(PhoneCall.state != CallState.ENDED):
            call.state, call.ended_at, call.waiting = CallState.ENDED, real_now(), False


def changes(found: Gateway, audience: Audience) -> list[float]:
    """Seconds until each watcher was told of each of some changes; infinity for who was not told in time."""
    seen: list[float] = []
    for place in range(CHANGES):
        audience.wait_for(f'Calls now <span class=\\"tag\\">{place + 1}<'.encode())
        at = real_now()
        call = PhoneCall(sid=f"CA{secrets.token_hex(16)}", number="+390212345678", turn=1, step="pin", created_at=at)
        call.direction, call.purpose = Direction.IN, Purpose.HOTLINE
        call.state, call.answered_at = CallState.ANSWERED, at
        with found.database.transaction() as session:
            session.add(call)
        begun = time.perf_counter()
        while len(audience.told) < WATCHERS and time.perf_counter() < begun + _SEEN_WITHIN_S:
            time.sleep(0.02)
        seen += [told - begun for told in audience.told.values()]
        seen += [float("inf")] * (WATCHERS - len(audience.told))
        time.sleep(0.037 * place)  # not in step with the board's own rounds
    return seen


def megabytes(found: Gateway) -> float:
    """What the heaviest web process holds."""
    parent = psutil.Process(found.processes["web"].child.pid)
    held: list[int] = [each.memory_info().rss for each in [parent, *parent.children(recursive=True)]]
    return max(held) / 1e6


def main() -> int:
    """Ends with 0 also on a miss, as the other benchmarks."""
    argparse.ArgumentParser(prog="python -m bench.board", description=__doc__).parse_args()
    with gateway() as found:
        cookie, audience = watcher_cookie(found), Audience()
        webhooks(found, CALLS // 3)  # warm
        alone = webhooks(found, CALLS)
        for _ in range(WATCHERS):
            audience.join(found.url, cookie)
        listener = threading.Thread(target=audience.listen, daemon=True)
        listener.start()
        beside = webhooks(found, CALLS)
        seen = changes(found, audience)
        weight = megabytes(found)
        audience.is_over = True
        listener.join(5)
    in_time = 100 * sum(each <= 1.0 for each in seen) / len(seen)
    figures = [
        Figure("greeting, median, nobody watches", percentile(alone, 0.5), "ms", samples=len(alone)),
        Figure("greeting, p99, nobody watches", percentile(alone, 0.99), "ms", samples=len(alone)),
        Figure(f"greeting, median, {WATCHERS} watch", percentile(beside, 0.5), "ms", samples=len(beside)),
        Figure(f"greeting, p99, {WATCHERS} watch", percentile(beside, 0.99), "ms", most=100, samples=len(beside)),
        Figure("change seen, p99", percentile(seen, 0.99) * 1000, "ms", most=1000, samples=len(seen)),
        Figure("changes seen within 1 s", in_time, "%", least=99, samples=len(seen)),
        Figure("web process", weight, "MB", most=250),
    ]
    print(table(figures, ["The live board"], []))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The board's event stream, as a real web process sends it: what changes is told, and no thread is held."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from sqlalchemy import delete

from oncall.models.access.accounts import AccountSession
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway
from tests.calls.test_web_page import PASSWORD, Browser, browser  # noqa: F401 - a fixture

# More than the web process has threads.
MANY = 40


class Stream:
    """One browser's event stream."""

    def __init__(self, url: str, http: requests.Session, last: str = "") -> None:
        headers = {"Last-Event-ID": last} if last else {}
        self._answer = http.get(f"{url}/board/events", headers=headers, stream=True, timeout=60)
        assert (self._answer.status_code, self._answer.headers["Content-Type"].partition(";")[0]) == (
            200,
            "text/event-stream",
        )
        self._lines = self._answer.iter_lines(chunk_size=1, decode_unicode=True)

    def events(self) -> Iterator[tuple[str, str, Any]]:
        """Id, name and content of each event, until the gateway ends the stream."""
        found: dict[str, str] = {}
        try:
            for line in self._lines:
                name, _, value = line.partition(": ")
                if line:
                    found[name] = value
                elif "data" in found:
                    yield found.get("id", ""), found["event"], json.loads(found["data"])
                    found = {}
        except requests.RequestException:
            return  # it was cut off: the length that was announced is that of a stream without an end

    def until(self, words: str) -> tuple[str, dict[str, str]]:
        """The first state that has these words in what it tells."""
        for id_, name, parts in self.events():
            if name == "board" and words in " ".join(" ".join(parts.values()).split()):
                return id_, parts
        raise AssertionError(f"the stream ended without {words!r}")

    def close(self) -> None:
        self._answer.close()


@pytest.fixture
def ada(gateway: Gateway, browser: Browser) -> requests.Session:  # noqa: F811 - the fixture
    way = f"{gateway.url}/sign-in?next=/account"
    browser.send(way, browser.open(way), email="ada@example.org", password=PASSWORD)
    return browser.http


def test_a_call_is_seen_as_it_goes_on_and_a_lost_stream_goes_on_from_its_id(
    gateway: Gateway, cast: Cast, ada: requests.Session
) -> None:
    stream = Stream(gateway.url, ada)
    number = report_problem(cast.acme)
    stream.until(f"{number}</a> <b>P1, Acme</b>")
    cast.ada.rings()
    stream.until("<b>Ada Rossi</b> is called")
    cast.ada.answer()
    cast.ada.expect("Press 1")
    cast.ada.press("1")
    last, _ = stream.until("talks with Ada Rossi")
    stream.close()
    again = Stream(gateway.url, ada, last)
    first = next(event for event in again.events())
    assert first[1] == "beat", "it has that state already"
    cast.acme.hang_up()
    cast.ada.hang_up()
    _, parts = again.until("Nobody is on the line.")
    assert "on_call" not in parts, "only what has changed is sent"


def test_watchers_hold_no_thread_and_a_session_that_ends_ends_its_stream(
    gateway: Gateway, cast: Cast, ada: requests.Session
) -> None:
    with ExitStack() as stack:
        streams = [Stream(gateway.url, ada) for _ in range(MANY)]
        for stream in streams:
            stack.callback(stream.close)
        number = report_problem(cast.acme)
        for stream in streams:
            stream.until(f"{number}</a>")
        with gateway.database.transaction() as session:
            session.execute(delete(AccountSession))
        for stream in streams:
            assert all(name in {"board", "beat"} for _, name, _ in stream.events()), "it ends"
    assert ada.get(f"{gateway.url}/board/events", headers={"Accept": "application/json"}, timeout=60).status_code == 401

"""The thread that serves the board's watchers: what it sends to whom, and that it goes on whatever happens."""

import json
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack

import pytest

from web.console.board.watchers import State, Watchers

WAIT_S = 30.0


class Stage:
    """A state that tests change."""

    def __init__(self) -> None:
        self.state = State("one", {"calls": "1", "gaps": "none"})
        self.is_away = False

    def read(self, names_customers: bool) -> State:
        if self.is_away:
            raise OSError("the database is away")
        return self.state

    def now_ms(self) -> int:
        return 0

    def still_watching(self, sessions: Collection[bytes]) -> Mapping[bytes, bool]:
        return dict.fromkeys(sessions, True)


class Eyes:
    """One watcher's end of the line."""

    def __init__(self, watchers: Watchers, has: str = "") -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(WAIT_S)
        self.raw, self._lines = ours, ours.makefile()
        watchers.add(theirs, b"session", True, has)

    def close(self) -> None:
        self._lines.close()
        self.raw.close()

    def next(self, name: str) -> dict[str, str]:
        """The content of the next event of this name."""
        found = ""
        for line in self._lines:
            if line.startswith("event: "):
                found = line[7:].strip()
            elif line.startswith("data: ") and found == name:
                content: dict[str, str] = json.loads(line[6:])
                return content
        raise AssertionError(f"the stream ended without {name}")


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def come(stage: Stage) -> Iterator[Callable[..., Eyes]]:
    """Somebody more who watches, until the test is over."""
    watchers = Watchers(stage)
    with ExitStack() as stack:

        def join(has: str = "") -> Eyes:
            eyes = Eyes(watchers, has)
            stack.callback(eyes.close)
            return eyes

        yield join


def test_the_whole_state_first_and_then_what_changes(stage: Stage, come: Callable[..., Eyes]) -> None:
    eyes = come()
    assert eyes.next("board") == {"calls": "1", "gaps": "none"}
    stage.state = State("two", {"calls": "2", "gaps": "none"})
    assert eyes.next("board") == {"calls": "2"}


def test_who_has_it_is_told_nothing_but_that_it_holds(stage: Stage, come: Callable[..., Eyes]) -> None:
    eyes = come(has="one")
    eyes.next("beat")
    stage.state = State("two", {"calls": "2", "gaps": "none"})
    assert eyes.next("board") == {"calls": "2"}


def test_who_has_something_older_gets_all_of_it(stage: Stage, come: Callable[..., Eyes]) -> None:
    first = come()
    first.next("board")
    assert come(has="of yesterday").next("board") == {"calls": "1", "gaps": "none"}


def test_it_goes_on_once_the_state_can_be_read_again(stage: Stage, come: Callable[..., Eyes]) -> None:
    eyes = come()
    eyes.next("beat")
    stage.is_away = True
    other = come()
    stage.state = State("two", {"calls": "2", "gaps": "some"})
    stage.is_away = False
    assert other.next("board") == {"calls": "2", "gaps": "some"}
    assert eyes.next("board") == {"calls": "2", "gaps": "some"}


def test_who_closes_harms_nobody(stage: Stage, come: Callable[..., Eyes]) -> None:
    for _ in range(3):
        come().raw.shutdown(socket.SHUT_RDWR)
    eyes = come()
    assert eyes.next("board")
    assert json.dumps(eyes.next("beat")) == '{"now": 0}'

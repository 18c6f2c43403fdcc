"""Everybody who watches the board: one thread of the web process reads the state, and writes it to all of them.

However many watch, the state is read once a round and kind of watcher; a watcher costs a socket and no thread. What is
sent is the state itself, or what has changed of it, named by its content: a connection that was lost goes on from
whatever it has, at any process, and nothing need be kept for it.
"""

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from core.log import get_logger
from core.serving.event_stream import Reader, event

logger = get_logger(__name__)

# A change is seen within a second: at the worst a round and the reading itself lie between.
LOOK_EVERY_S: Final = 0.4
# By this the browser knows that what it shows still holds; it says so when it has missed some.
BEAT_EVERY_S: Final = 1.0
CHECK_SESSIONS_EVERY_S: Final = 5.0
# Sockets are files; the hotline's own connections must never lack one. Who comes later asks every few seconds.
MOST_WATCHERS: Final = 400


@dataclass(frozen=True)
class State:
    """What the board shows. `id` names the content; `parts`: the HTML of each part, by its name."""

    id: str
    parts: Mapping[str, str]


class Source(Protocol):
    """Where the state comes from."""

    def read(self, names_customers: bool) -> State:
        """The state now, for those who may see who customers are, or may not. Raises what the database raises."""

    def now_ms(self) -> int:
        """The gateway's time, in milliseconds since 1970."""

    def still_watching(self, sessions: Collection[bytes]) -> Mapping[bytes, bool]:
        """Of these sessions those that may still watch, and whether they may see who customers are."""


@dataclass(eq=False)
class Watcher:
    """`has`: the id of the state that the browser shows. `session`: whose, see `SignedIn.session_id`."""

    reader: Reader
    session: bytes
    names_customers: bool
    has: str


class Watchers:
    """`add` is for any thread; all else happens in the one thread, which lives while there is somebody to serve."""

    def __init__(self, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._coming: SimpleQueue[Watcher] = SimpleQueue()
        self._here: set[Watcher] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._last: dict[bool, State] = {}
        self._selector = selectors.DefaultSelector()
        self._beat_at = self._check_at = 0.0
        self._is_lost = False

    @property
    def is_full(self) -> bool:
        """Whether no more watchers find room in this process."""
        return len(self._here) + self._coming.qsize() >= MOST_WATCHERS

    def add(self, raw: socket.socket, session: bytes, names_customers: bool, has: str) -> None:
        """Serve one more from now on."""
        self._coming.put(Watcher(Reader(raw), session, names_customers, has))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="board", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while self._goes_on():
            until = self._clock() + LOOK_EVERY_S
            try:
                self._take_in()
                self._try_round()
                self._listen(until)
            except Exception:  # of one socket; the thread goes on, and browsers come back by themselves
                logger.exception("the board's watchers are let go")
                self._let_all_go()

    def _try_round(self) -> None:
        """Without one there is no beat, by which browsers know that they are behind. Told once, not every round."""
        try:
            self._round()
        except Exception:
            if not self._is_lost:
                logger.exception("the board can't be read")
            self._is_lost = True
        else:
            self._is_lost = False

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._here and self._coming.empty():
                self._thread = None
                return False
            return True

    def _take_in(self) -> None:
        while True:
            try:
                watcher = self._coming.get_nowait()
            except Empty:
                return
            self._here.add(watcher)
            self._selector.register(watcher.reader.raw, selectors.EVENT_READ, watcher)

    def _round(self) -> None:
        """Read, and tell who has something else; then a beat, and whether everybody may still watch."""
        now = self._clock()
        for kind in {watcher.names_customers for watcher in self._here}:
            self._tell(kind, self._source.read(kind))
        if now >= self._beat_at:
            self._beat_at, beat = now + BEAT_EVERY_S, event("beat", json.dumps({"now": self._source.now_ms()}))
            for watcher in list(self._here):
                self._put(watcher, beat)
        if now >= self._check_at:
            self._check_at = now + CHECK_SESSIONS_EVERY_S
            self._check_sessions()

    def _tell(self, kind: bool, state: State) -> None:
        before = self._last.get(kind)
        self._last[kind] = state
        whole = event("board", json.dumps(state.parts), state.id)
        changed = whole
        if before is not None and before.id != state.id:
            parts = {name: html for name, html in state.parts.items() if before.parts.get(name) != html}
            changed = event("board", json.dumps(parts), state.id)
        for watcher in [each for each in self._here if each.names_customers is kind and each.has != state.id]:
            self._put(watcher, changed if before is not None and watcher.has == before.id else whole)
            watcher.has = state.id

    def _check_sessions(self) -> None:
        may = self._source.still_watching({watcher.session for watcher in self._here})
        for watcher in list(self._here):
            if may.get(watcher.session) is not watcher.names_customers:
                self._let_go(watcher)

    def _put(self, watcher: Watcher, data: bytes) -> None:
        watcher.reader.put(data)
        self._after(watcher)

    def _after(self, watcher: Watcher) -> None:
        """Watch for what is to come next: more room, or the client's end."""
        if watcher.reader.gone:
            self._let_go(watcher)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if watcher.reader.is_behind else 0)
        self._selector.modify(watcher.reader.raw, events, watcher)

    def _listen(self, until: float) -> None:
        """What clients do until the next round."""
        while self._here and (rest := until - self._clock()) > 0:
            for key, events in self._selector.select(min(rest, LOOK_EVERY_S)):
                if events & selectors.EVENT_READ:
                    key.data.reader.hear()
                if events & selectors.EVENT_WRITE:
                    key.data.reader.flush()
                self._after(key.data)

    def _let_all_go(self) -> None:
        for watcher in self._here:
            watcher.reader.raw.close()
        self._here.clear()
        self._selector.close()
        self._selector = selectors.DefaultSelector()

    def _let_go(self, watcher: Watcher) -> None:
        if watcher in self._here:
            self._here.discard(watcher)
            self._selector.unregister(watcher.reader.raw)
            watcher.reader.raw.close()

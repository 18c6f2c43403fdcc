"""A phone in the hand of a test: it reads like a phone call."""

import re
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from simulator.journal import Alert
from simulator.network import handset, lines
from simulator.network.calls import Phone
from simulator.network.exchange import Exchange
from simulator.network.phones import Entry, Text

PATIENCE = 90.0  # real seconds, for what comes at once on a machine that is not busy
AUDIBLE = frozenset({"said", "heard", "played"})
T = TypeVar("T")


class _Watch(Generic[T]):
    """Somebody who waits until a condition has a value, and keeps the first one."""

    def __init__(self, condition: Callable[[], T | None]) -> None:
        self._condition = condition
        self.person = threading.get_ident()
        self.seen: T | None = None

    def look(self) -> bool:
        self.seen = self.seen or self._condition()
        return bool(self.seen)


class NetworkPort(Protocol):
    """The network that a phone is in, as it sees it."""

    phones: "dict[str, DrivenPhone]"

    @property
    def exchange(self) -> Exchange: ...

    @property
    def warnings(self) -> list[Alert]: ...

    def do(self, action: Callable[[], T]) -> T:
        """Acts on the network's own thread."""

    def wait(self, condition: Callable[[], T], within: float = PATIENCE, what: str = "the condition") -> T:
        """Returns what the condition has become."""

    def notice(self, person: int) -> None:
        """What this thread waited for has come: it is about to act."""

    def notice_soon(self) -> None:
        """This thread has what it waited for already."""

    def look_on(self) -> None:
        """This thread waits, and does not act."""


class DrivenPhone:
    """What a person does with a phone. Waiting methods fail with the whole transcript."""

    def __init__(self, network: NetworkPort, phone: Phone) -> None:
        self.network, self.phone = network, phone
        self._turned = threading.Condition()
        self._heard = (0, 0)  # everything before this (entry, character) has been matched
        self._texts_seen = 0
        self._watches: list[_Watch[Any]] = []
        phone.watchers.append(self._notice)

    @property
    def number(self) -> str:
        return self.phone.number

    @property
    def state(self) -> str:
        """idle | dialing | ringing | talking"""
        return self.phone.state

    @property
    def call_sid(self) -> str:
        """Of the call on the line, else of the last one; empty when there was none."""
        call = self.phone.call or self.phone.last
        return call.sid if call is not None else ""

    @property
    def transcript(self) -> list[Entry]:
        return list(self.phone.transcript)

    # what the person does

    def dial(self, anonymous: str = "") -> str:
        """Calls the hotline, with `anonymous` in place of the number if given; returns the CallSid."""
        return self._do(lambda: lines.dial(self.network.exchange, self.phone, anonymous).sid)

    def answer(self, within: float = PATIENCE) -> None:
        """Picks up, waiting for the phone to ring if need be."""
        self.rings(within)
        self._do(lambda: handset.answer(self.network.exchange, self.phone))
        self._wait(lambda: self.state != "ringing", within, "the call was not connected")

    def decline(self, within: float = PATIENCE) -> None:
        self.rings(within)
        self._do(lambda: handset.decline(self.network.exchange, self.phone))
        self._wait(lambda: self.state != "ringing", within, "the phone went on ringing")

    def hang_up(self) -> None:
        self._do(lambda: handset.hang_up(self.network.exchange, self.phone))

    def press(self, digits: str) -> None:
        self._do(lambda: handset.press(self.network.exchange, self.phone, digits))

    def speak(self, text: str, wait: bool = False) -> None:
        """Says something; with `wait` the words are out when this returns."""
        pace = self.network.exchange.pace
        out = self._do(lambda: pace.now() + handset.speak(self.network.exchange, self.phone, text))
        if wait:
            self.network.wait(lambda: pace.now() >= out, what="the end of the words")

    def send_text(self, body: str) -> str:
        """Texts the hotline; returns the MessageSid."""
        return self._do(lambda: self.network.exchange.texting.receive(self.phone, body).sid)

    def faults(self, **faults: Any) -> None:
        """E.g. `faults(busy=True)`, `faults(voicemail=3)`; `False` or `None` switches one off."""
        self._do(lambda: self.phone.faults.change(faults))

    # what the person notices

    def rings(self, within: float = PATIENCE) -> None:
        self._wait(lambda: self.state == "ringing", within, "the phone does not ring")

    def silent(self, during: float) -> None:
        """Fails if the phone rings within that many real seconds, in which a patient network may stand still."""
        self.network.look_on()
        with self._turned:
            rang = self._turned.wait_for(lambda: self.state == "ringing", during)
        if rang:
            self._fail("the phone rings")

    def expect(self, pattern: str, within: float = PATIENCE, complete: bool = False) -> re.Match[str]:
        """Waits for words (a regular expression, any case, white space folded) after those matched last.

        They count from the moment the sentence begins; with `complete` it must have been said to its end.
        """
        expression = re.compile(pattern, re.IGNORECASE)
        return self._wait(
            lambda: self._match(expression, complete), within, f"{self.phone.name} did not hear {pattern!r}"
        )

    def hears_nothing(self, pattern: str, during: float) -> None:
        """Fails if words that match come up within that many real seconds; see `silent`."""
        self.network.look_on()
        expression = re.compile(pattern, re.IGNORECASE)
        with self._turned:
            match = self._turned.wait_for(lambda: self._match(expression, False), during)
        if match:
            self._fail(f"{self.phone.name} heard {pattern!r}")

    def hung_up(self, within: float = PATIENCE) -> str:
        """Waits until the line is free; returns the status of the call that ended."""
        self._wait(lambda: self.state == "idle", within, "the call goes on")
        return self.phone.last.status if self.phone.last is not None else ""

    def talking(self, within: float = PATIENCE) -> None:
        self._wait(lambda: self.state == "talking", within, "the call is not connected")

    def expect_text(self, pattern: str, within: float = PATIENCE) -> Text:
        """Waits for a text message that matches; messages before it count as read."""
        expression = re.compile(pattern, re.IGNORECASE)

        def find() -> Text | None:
            for text in list(self.phone.texts):
                if text.direction == "in" and text.id > self._texts_seen and expression.search(text.body):
                    self._texts_seen = text.id
                    return text
            return None

        return self._wait(find, within, f"{self.phone.name} got no text with {pattern!r}")

    def forget(self) -> None:
        """Starts afresh after the network was reset."""
        self._heard = (0, 0)
        self._texts_seen = 0

    def story(self) -> str:
        """The whole transcript and all texts, for a person to read."""
        lines_ = [f"{one.at:8.1f} s  {one.kind:8} {one.shown}" for one in self.transcript]
        lines_ += [f"{one.at:8.1f} s  text {one.direction:3} {one.body!r}" for one in list(self.phone.texts)]
        return "\n".join(lines_) or "(nothing)"

    def _match(self, expression: "re.Pattern[str]", complete: bool) -> "re.Match[str] | None":
        now = self.network.exchange.pace.now()
        seen, offset = self._heard
        parts: list[tuple[Entry, str]] = []
        for entry in self.transcript:
            if entry.kind in AUDIBLE and entry.id >= seen:
                if complete and (entry.until > now or entry.playing or entry.heard is not None):
                    continue
                parts.append((entry, " ".join(entry.text.split())))
        text = " ".join(words for _, words in parts)
        start = min(offset, len(parts[0][1])) if parts and parts[0][0].id == seen else 0
        match = expression.search(text, start)
        if match is not None:
            self._heard = _place(parts, match.end())
        return match

    def _wait(self, condition: Callable[[], T | None], within: float, complaint: str) -> T:
        self.network.look_on()
        until = time.monotonic() + within
        watch = _Watch(condition)
        with self._turned:
            self._watches.append(watch)
            try:
                while not watch.look():
                    left = until - time.monotonic()
                    if left <= 0:
                        self._fail(f"{complaint} within {within} s")
                    self._turned.wait(min(left, 0.25))
            finally:
                self._watches.remove(watch)
        self.network.notice_soon()
        assert watch.seen  # noqa: S101 - the loop has just ended
        return watch.seen

    def _fail(self, complaint: str) -> NoReturn:
        warnings = "\n".join(f"{one.level} {one.code} {one.text}" for one in self.network.warnings)
        raise AssertionError(
            f"{complaint}\n{self._heading()}\n{self.story()}\n{self._others()}"
            f"\n--- warnings of the network\n{warnings or '(none)'}"
        )

    def _heading(self) -> str:
        return f"--- {self.phone.name} ({self.number}, {self.state})"

    def _others(self) -> str:
        """The last lines of all other phones: why one did not ring is often heard on another."""
        others = [phone for phone in self.network.phones.values() if phone is not self and phone.transcript]
        return "\n".join("\n".join([phone._heading(), *phone.story().splitlines()[-6:]]) for phone in others)

    def _notice(self) -> None:
        """The network's thread itself looks for what is awaited: whoever waits may be slow to wake up."""
        with self._turned:
            for watch in self._watches:
                if watch.look():
                    self.network.notice(watch.person)
            self._turned.notify_all()

    def _do(self, action: Callable[[], T]) -> T:
        return self.network.do(action)


def _place(parts: list[tuple[Entry, str]], end: int) -> tuple[int, int]:
    """Which entry, and which character of it, stands at that place of the joined text."""
    for entry, words in parts:
        if end <= len(words):
            return entry.id, end
        end -= len(words) + 1
    return parts[-1][0].id + 1, 0

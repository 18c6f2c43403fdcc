"""One call leg, its state as Twilio's Call resource has it, and the phone at its end."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from simulator.identity import API_VERSION, Params, new_sid, rfc2822, utc_now
from simulator.network.phones import TRANSCRIPT_KEPT, Entry, Faults, Text

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
INBOUND, OUTBOUND_API, OUTBOUND_DIAL = "inbound", "outbound-api", "outbound-dial"


class Listener(Protocol):
    """Whoever waits for keys and words on a call: a Gather, a Record, a Dial with hangupOnStar."""

    def key(self, key: str) -> bool:
        """Takes a key; False when it means nothing here."""

    def speech(self, text: str, seconds: float) -> None: ...


class Room(Protocol):
    """Calls that hear each other: a bridge of two or a conference."""

    def audience(self, call: "Call") -> list["Call"]: ...


@dataclass(frozen=True)
class Target:
    """An address that Twilio was given."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset()


class Call:
    """`phone` is the telephone at the far end, None for a number that no phone here has. Times in call seconds."""

    def __init__(self, account: str, caller: str, called: str, direction: str, parent: "Call | None" = None) -> None:
        self.sid = new_sid("CA")
        self.account = account
        self.caller, self.called, self.direction, self.parent = caller, called, direction, parent
        self.status = "queued"
        self.phone: Phone | None = None
        self.callback: Target | None = None
        self.fallback: Target | None = None
        self.answered_by: str | None = None
        self.detection = ""  # MachineDetection: Enable | DetectMessageEnd
        self.detection_callback: Target | None = None  # AsyncAmdStatusCallback
        self.queue_ms = 0
        self.created = self.updated = utc_now()
        self.started: datetime | None = None
        self.ended: datetime | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.hung_up = False  # by the person holding the phone
        self.over = asyncio.Event()
        self.document: asyncio.Task[Any] | None = None
        self.redirecting = asyncio.Lock()
        self.limit: asyncio.Task[Any] | None = None
        self.listener: Listener | None = None
        self.recording = False
        self.room: Room | None = None
        self.speech: Entry | None = None
        self._sequence = 0

    @property
    def live(self) -> bool:
        return self.status == "in-progress"

    @property
    def numbers(self) -> tuple[str, str]:
        return (self.caller, self.called)

    def seconds(self, now: float) -> int:
        """Whole call seconds since the answer, up to the end; at least 1 for a call that was answered and has ended."""
        if self.answered_at is None:
            return 0
        if self.ended_at is None:
            return int(now - self.answered_at)
        return max(1, round(self.ended_at - self.answered_at))

    def set_status(self, status: str) -> None:
        self.status, self.updated = status, utc_now()

    def params(self, status: str = "") -> Params:
        """What every webhook about this call carries."""
        values = [
            ("AccountSid", self.account),
            ("ApiVersion", API_VERSION),
            ("CallSid", self.sid),
            ("CallStatus", status or self.status),
            ("Called", self.called),
            ("Caller", self.caller),
            ("Direction", self.direction),
            ("From", self.caller),
            ("To", self.called),
        ]
        if self.parent is not None:
            values.append(("ParentCallSid", self.parent.sid))
        if self.answered_by is not None:
            values.append(("AnsweredBy", self.answered_by))
        if self.direction == INBOUND:
            places = ("City", "State", "Zip", "Country")
            values += [(side + place, "") for side in ("Caller", "Called", "From", "To") for place in places]
        return tuple(values)

    def progress_params(self, event: str, now: float) -> Params:
        """What a status callback adds. Each use counts SequenceNumber up."""
        values = [
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(self._sequence)),
            ("Timestamp", rfc2822(utc_now()) or ""),
        ]
        self._sequence += 1
        if event == "completed":
            seconds = self.seconds(now)
            values += [("CallDuration", str(seconds)), ("Duration", str(-(-seconds // 60)))]
        return tuple(values)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Keys and words go to that listener meanwhile."""
        before, self.listener = self.listener, listener
        try:
            yield
        finally:
            self.listener = before


class Phone:
    """`call` is what occupies the line now, `last` the call before it."""

    def __init__(self, number: str, name: str = "", role: str = "customer", note: str = "") -> None:
        self.number, self.name, self.role, self.note = number, name or number, role, note
        self.faults = Faults()
        self.call: Call | None = None
        self.last: Call | None = None
        self.state = "idle"  # idle | dialing | ringing | talking
        self.since = 0.0
        self.transcript: deque[Entry] = deque(maxlen=TRANSCRIPT_KEPT)
        self.texts: deque[Text] = deque(maxlen=TRANSCRIPT_KEPT)
        self.choice: asyncio.Future[str] | None = None
        self.watchers: list[Callable[[], None]] = []

    def take(self, call: "Call", state: str, now: float) -> None:
        self.call, self.state, self.since = call, state, now

    def release(self, call: "Call", now: float) -> None:
        """Frees the line if that call holds it."""
        if self.call is call:
            self.call, self.last, self.state, self.since = None, call, "idle", now
            self.choice = None

    def write(self, entry: Entry) -> None:
        self.transcript.append(entry)

    def hears_now(self, now: float) -> Entry | None:
        """What is being said into this phone at this moment."""
        for entry in reversed(self.transcript):
            if entry.until > now:
                return entry
            if entry.until and now - entry.until > 60:
                break
        return None

    def clear(self) -> None:
        self.transcript.clear()
        self.texts.clear()
        self.faults = Faults()

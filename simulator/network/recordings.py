"""Recordings and the callback that says they are ready."""

from dataclasses import dataclass, field
from datetime import datetime

from simulator.identity import API_VERSION, Params, new_sid, rfc2822, utc_now
from simulator.network.calls import Call, Target
from simulator.network.courier import Hook
from simulator.network.exchange_port import ExchangePort
from simulator.network.registry import Registry
from simulator.speech import wav

READY_AFTER = 1.0  # call seconds between the end of a recording and its file
WRITTEN_AFTER = 4.0  # and from there to its words
# Twilio writes down what is at least and at most so long, in seconds.
SHORTEST_WRITTEN, LONGEST_WRITTEN = 2, 120


@dataclass(frozen=True)
class Reports:
    """Where it is told that a recording is ready, and what was said in it; None: nowhere."""

    ready: Target | None = None
    written: Target | None = None


@dataclass
class Recording:
    """`words` is what was spoken, `seconds` the length in call seconds."""

    call: str
    source: str = "RecordVerb"
    conference: str | None = None
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    seconds: float = 0.0
    words: str = ""
    started: datetime = field(default_factory=utc_now)
    updated: datetime = field(default_factory=utc_now)

    @property
    def duration(self) -> int:
        return max(1, round(self.seconds))

    def sound(self) -> bytes:
        return wav(self.duration, self.words)


class Recordings:
    def __init__(self, exchange: ExchangePort) -> None:
        self._exchange = exchange
        self.all: Registry[Recording] = Registry()

    def clear(self) -> None:
        self.all.clear()

    def url(self, recording: Recording) -> str:
        config = self._exchange.config
        return f"{config.base_url}/{API_VERSION}/Accounts/{config.account_sid}/Recordings/{recording.sid}"

    def begin(self, call: Call, source: str = "RecordVerb") -> Recording:
        return self.all.add(Recording(call.sid, source))

    def complete(self, call: Call, recording: Recording, words: str, seconds: float, reports: Reports) -> None:
        """The recording has ended; its file and the callback follow a moment later, its words after that."""
        recording.words, recording.seconds, recording.status = words, seconds, "processing"
        self._exchange.spawn(self._finish(call, recording, reports.ready, "completed"))
        if reports.written is not None:
            self._exchange.spawn(self._write_down(call, recording, reports.written))

    def discard(self, call: Call, recording: Recording, ready: Target | None) -> None:
        """Nothing was said: there is no file."""
        recording.status = "absent"
        self._exchange.spawn(self._finish(call, recording, ready, "absent"))

    def announce(self, call: Call, recording: Recording, ready: Target | None, status: str) -> None:
        if ready is None or status not in (ready.events or {"completed"}):
            return
        params = self._params(call, recording, status)
        self._exchange.courier.post(Hook(ready.url, params, ready.method, call.sid, call.numbers))

    async def _finish(self, call: Call, recording: Recording, ready: Target | None, status: str) -> None:
        self._exchange.courier.busy += 1
        try:
            await self._exchange.pace.sleep(READY_AFTER)
            recording.status, recording.updated = status, utc_now()
            self.announce(call, recording, ready, status)
        finally:
            self._exchange.courier.busy -= 1

    async def _write_down(self, call: Call, recording: Recording, target: Target) -> None:
        self._exchange.courier.busy += 1
        try:
            await self._exchange.pace.sleep(READY_AFTER + WRITTEN_AFTER)
            fits = SHORTEST_WRITTEN <= recording.duration <= LONGEST_WRITTEN
            params: Params = (
                ("AccountSid", call.account),
                ("CallSid", call.sid),
                ("RecordingSid", recording.sid),
                ("RecordingUrl", self.url(recording)),
                ("TranscriptionSid", new_sid("TR")),
                ("TranscriptionStatus", "completed" if fits else "failed"),
                ("TranscriptionText", recording.words if fits else ""),
                ("TranscriptionType", "fast"),
            )
            self._exchange.courier.post(Hook(target.url, params, target.method, call.sid, call.numbers))
        finally:
            self._exchange.courier.busy -= 1

    def _params(self, call: Call, recording: Recording, status: str) -> Params:
        return (
            ("AccountSid", call.account),
            ("CallSid", call.sid),
            ("RecordingSid", recording.sid),
            ("RecordingUrl", self.url(recording)),
            ("RecordingStatus", status),
            ("RecordingDuration", str(recording.duration if status == "completed" else 0)),
            ("RecordingChannels", "1"),
            ("RecordingStartTime", rfc2822(recording.started) or ""),
            ("RecordingSource", recording.source),
            ("RecordingTrack", "inbound"),
            ("ErrorCode", "0"),
        )

"""Record: keeps what is said into the phone, also when the call is taken away meanwhile."""

import asyncio
import itertools

from simulator.identity import Params
from simulator.network.calls import Target
from simulator.network.recordings import Recording, Reports
from simulator.pace import Pace
from simulator.player.core import Player, Step
from simulator.speech import part_said
from simulator.tasks import first
from simulator.twiml import Verb

BEEP = 0.5
LONGEST = 3600
_ids = itertools.count(1)


class Take:
    """What was said since the beep, and the key that ended it. Times are call seconds."""

    def __init__(self, pace: Pace, finish_keys: str, trimmed: bool) -> None:
        self.id = next(_ids)
        self._pace, self._finish, self._trimmed = pace, finish_keys, trimmed
        self._start = pace.now()
        self._speeches: list[tuple[float, float, str]] = []  # beginning, end, words
        self._touched = asyncio.Event()
        self.key_pressed = ""

    def key(self, key: str) -> bool:
        if key not in self._finish or self.key_pressed:
            return False
        self.key_pressed = key
        self._touched.set()
        return True

    def ends_with(self, key: str) -> bool:
        """Whether that key ends it."""
        return key in self._finish

    def speech(self, text: str, seconds: float) -> None:
        begin = max(self._pace.now(), self._last_word())
        self._speeches.append((begin, begin + seconds, text))
        self._touched.set()

    def speaking(self) -> float:
        """Call seconds for which what was said last still goes on."""
        return max(self._last_word() - self._pace.now(), 0.0)

    async def finish(self, silence: float, longest: float) -> None:
        """Returns at a finish key, after that much silence, or at the greatest length."""
        while not self.key_pressed:
            end = min(self._last_word() + silence, self._start + longest)
            left = end - self._pace.now()
            if left <= 0:
                return
            self._touched.clear()
            await first(self._touched.wait(), self._pace.sleep(left))

    def content(self) -> tuple[str, float]:
        """(words spoken so far, length in seconds)."""
        now = self._pace.now()
        parts = [
            part_said(words, (now - begin) / (end - begin) if end > begin else 1.0)
            for begin, end, words in self._speeches
        ]
        end = min(now, self._last_word()) if self._trimmed else now
        return " ".join(part for part in parts if part), max(end - self._start, 0.0)

    def _last_word(self) -> float:
        return self._speeches[-1][1] if self._speeches else self._start


async def record(player: Player, verb: Verb) -> Step:
    exchange, call = player.exchange, player.call
    silence, longest = verb.number("timeout", 5, 1), verb.number("maxLength", LONGEST, 1)
    reports = Reports(_ready_target(player, verb), _written_target(player, verb))
    if verb.flag("playBeep", True):
        await player.utter("played", "beep", BEEP)
    trimmed = verb.get("trim", "trim-silence") == "trim-silence"
    take = Take(exchange.pace, verb.get("finishOnKey", "1234567890*#"), trimmed)
    recording = exchange.recordings.begin(call)
    exchange.recordings.announce(call, recording, reports.ready, "in-progress")
    call.recording = True
    exchange.changed(call.phone)
    try:
        with call.heard_by(take):
            await take.finish(silence, longest)
    except asyncio.CancelledError:
        if _keep(player, take, recording, reports) and call.hung_up:
            player.farewell(player.action(verb, _result(player, recording, "hangup"), default=True))
        raise
    finally:
        call.recording = False
        exchange.changed(call.phone)
    if not _keep(player, take, recording, reports):
        return None
    return player.action(verb, _result(player, recording, take.key_pressed), default=True)


def _keep(player: Player, take: Take, recording: Recording, reports: Reports) -> bool:
    """Files what was said; False when nothing was."""
    words, seconds = take.content()
    if words:
        player.exchange.recordings.complete(player.call, recording, words, seconds, reports)
    else:
        player.exchange.recordings.discard(player.call, recording, reports.ready)
    return bool(words)


def _result(player: Player, recording: Recording, digits: str) -> Params:
    values: Params = (
        ("RecordingUrl", player.exchange.recordings.url(recording)),
        ("RecordingSid", recording.sid),
        ("RecordingDuration", str(recording.duration)),
    )
    return (*values, ("Digits", digits)) if digits else values


def _ready_target(player: Player, verb: Verb) -> Target | None:
    url = verb.get("recordingStatusCallback")
    if not url:
        return None
    events = frozenset(verb.get("recordingStatusCallbackEvent", "completed").split())
    return Target(player.request(url).url, verb.method("recordingStatusCallbackMethod"), events)


def _written_target(player: Player, verb: Verb) -> Target | None:
    """Where the words are sent. Twilio: the callback alone asks for a transcription, too."""
    url = verb.get("transcribeCallback")
    return Target(player.request(url).url, "POST", frozenset()) if url else None

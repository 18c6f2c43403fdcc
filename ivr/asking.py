"""One request of a call: what was typed, and the documents that ask the next question."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from core.settings import Settings
from ivr.collecting import Collected, sealed_part, typed
from ivr.offline.carried import Carried
from ivr.twilio import addresses
from ivr.twilio.twiml import Gather, VoiceResponse, say
from ivr.useless import Useless
from oncall.models.call_memo import CallMemo
from oncall.models.work.recordings import RecordingKind

# Whatever is recorded: its longest length, and the silence that ends it (product, hotline step 9).
LONGEST_RECORDING_S: Final = 60
SILENCE_ENDS_S: Final = 5


class Spoken(NamedTuple):
    """A recording. `seconds` is None where the provider does not say."""

    sid: str
    url: str
    seconds: int | None


def spoken_part(form: Mapping[str, str]) -> Spoken | None:
    """The recording that a request tells of. Twilio promises its address; its id is also the last part of that."""
    url = form.get("RecordingUrl", "")
    sid = form.get("RecordingSid") or url.rstrip("/").rpartition("/")[2].partition(".")[0]
    seconds = form.get("RecordingDuration", "")
    return Spoken(sid, url, int(seconds) if seconds.isdecimal() else None) if sid else None


def _ended_by(keys: int | None) -> dict[str, Any]:
    """The attributes of a Gather that say what ends the typing: so many keys of any kind, or (None) a hash.

    Twilio: without an empty finishOnKey a hash alone would count as silence.
    """
    return {"num_digits": keys, "finish_on_key": ""} if keys else {"finish_on_key": "#"}


class Asking(Protocol):
    """What every step works with. What has to be known later is kept in the call's row, or carried in the addresses.

    `useless`: what came so far in answer to this question, and answered nothing. `is_over`: whether this request only
    tells how something ended when the caller hung up (a recording, the office's ring), before or after the report that
    the call is over.
    """

    settings: Settings
    form: dict[str, str]
    args: dict[str, str]
    useless: Useless

    @property
    def memo(self) -> CallMemo | Carried: ...

    @property
    def is_over(self) -> bool: ...

    # Of the document now being made: where its answer goes, where a recording is reported, which question it asks.
    def url(self, step: str, **more: str | int) -> str: ...
    def recorded_url(self, kind: RecordingKind) -> str: ...
    def written_down(self, kind: RecordingKind) -> dict[str, Any]:
        """The attributes of a Record that ask for its words, where they are wanted and there is a place for them."""
        return {}

    def asks(self, step: str) -> None: ...

    @property
    def digits(self) -> str:
        """What was typed in answer to the last question; empty for silence."""
        return typed(self.form, self.args)

    @property
    def recording(self) -> Spoken | None:
        """What was recorded in answer to the last question; None for silence."""
        return None if "silent" in self.args else spoken_part(self.form)

    def ask(
        self,
        step: str,
        words: str,
        *,
        keys: int | None = 1,
        timeout: int = 5,
        before: str = "",
        music: bool = False,
        empty_too: bool = False,
    ) -> VoiceResponse:
        """Say `words` and wait for keys; silence comes back to `step` as an empty answer.

        `keys`: how many end the typing (a hash is one of them); None: a hash does. `timeout`: seconds of silence after
        the words or a key.
        `before`: said first, without taking keys. `music`: play the waiting music after the words. `empty_too`: hash
        alone is told apart from silence, where the network can.
        """
        response = VoiceResponse()
        if before:
            say(response, before)
        more = _ended_by(keys)
        if empty_too:
            more["action_on_empty_result"] = True
        gather = Gather(action=self.url(step), method="POST", timeout=timeout, input="dtmf", **more)
        if words:
            say(gather, words)
        if music:
            gather.play(addresses.music_url(self.settings))
        response.append(gather)
        return self._or_silence(step, response)

    def ask_on(self, step: str, so_far: Collected, words: str) -> VoiceResponse:
        """Keep what was typed so far, and wait for the rest of it."""
        self.memo.part = sealed_part(self.settings, so_far)
        return self.ask(step, words, keys=None, timeout=so_far.wait or 1, empty_too=True)

    def record(self, step: str, kind: RecordingKind, words: str) -> VoiceResponse:
        """Say `words` and record what is spoken after a tone, for `step`; it is reported under `kind` as well."""
        response = VoiceResponse()
        say(response, words)
        response.record(
            action=self.url(step),
            method="POST",
            max_length=LONGEST_RECORDING_S,
            timeout=SILENCE_ENDS_S,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self.recorded_url(kind),
            **self.written_down(kind),
        )
        return self._or_silence(step, response)

    def _or_silence(self, step: str, response: VoiceResponse) -> VoiceResponse:
        response.redirect(self.url(step, silent=1), method="POST")
        self.asks(step)
        return response

    def useless_answer(self) -> Useless:
        """Count a silence, or a key without a meaning, in answer to this question. Reset by `useful_answer`."""
        self.useless = self.useless.counting(self.digits)
        return self.useless

    def useful_answer(self) -> None:
        """The question was answered: the next one starts afresh."""
        self.useless = Useless()

"""One request of a conversation: what was typed, and the documents that ask the next question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.settings import Settings
from ivr.collecting import Collected, sealed_part, typed
from ivr.offline.carried import carried_by, sealed
from ivr.twilio import addresses
from ivr.twilio.twiml import Gather, VoiceResponse, say
from ivr.useless import Useless
from oncall.customers.pin_guard import Verdict
from oncall.delivery import telephony
from oncall.models.calls import PhoneCall
from oncall.models.tickets import RecordingKind
from oncall.runtime import Runtime, Work

# Whatever is recorded: its longest length, and the silence that ends it, seconds (product, hotline step 9).
LONGEST_RECORDING = 60
SILENCE_ENDS = 5

# Twilio's CallStatus of a call that is over.
FINAL = telephony.FINAL


@dataclass(frozen=True)
class Spoken:
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


def ended_by(keys: int | None) -> dict[str, Any]:
    """The attributes of a Gather that say what ends the typing: so many keys of any kind, or (None) a hash.

    Twilio: without an empty finishOnKey a hash alone would count as silence.
    """
    return {"num_digits": keys, "finish_on_key": ""} if keys else {"finish_on_key": "#"}


@dataclass
class Turn:
    """What a step works with. The call's row is locked; whatever the step changes is committed with its answer."""

    session: Session
    runtime: Runtime
    call: PhoneCall
    form: dict[str, str]
    args: dict[str, str]
    now: datetime
    pin_verdict: Verdict | None = None

    @property
    def work(self) -> Work:
        """What use cases are given of it."""
        return Work(self.session, self.runtime, self.now)

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    @property
    def digits(self) -> str:
        """What was typed in answer to the last question; empty for silence."""
        return typed(self.form, self.args)

    @property
    def recording(self) -> Spoken | None:
        """What was recorded in answer to the last question; None for silence."""
        return None if "silent" in self.args else spoken_part(self.form)

    def url(self, step: str, **more: str | int) -> str:
        """Where the answer to the document now being made goes."""
        # What is needed to go on should the database be away by then.
        more = {"s": sealed(self.settings, carried_by(self.call)), **more}
        return addresses.step_url(self.settings, self.call.id, step, self.call.turn + 1, **more)

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
        more: dict[str, Any] = ended_by(keys)
        if empty_too:
            more["action_on_empty_result"] = True
        gather = Gather(action=self.url(step), method="POST", timeout=timeout, input="dtmf", **more)
        if words:
            say(gather, words)
        if music:
            gather.play(addresses.music_url(self.settings))
        response.append(gather)
        response.redirect(self.url(step, silent=1), method="POST")
        self.call.step = step
        return response

    def ask_on(self, step: str, so_far: Collected, words: str) -> VoiceResponse:
        """Keep what was typed so far, and wait for the rest of it."""
        self.call.memo.part = sealed_part(self.settings, so_far)
        return self.ask(step, words, keys=None, timeout=so_far.wait or 1, empty_too=True)

    def record(self, step: str, kind: RecordingKind, words: str) -> VoiceResponse:
        """Say `words` and record what is spoken after a tone, for `step`; it is reported under `kind` as well."""
        response = VoiceResponse()
        say(response, words)
        response.record(
            action=self.url(step),
            method="POST",
            max_length=LONGEST_RECORDING,
            timeout=SILENCE_ENDS,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=addresses.recording_url(self.settings, self.call.id, kind),
        )
        response.redirect(self.url(step, silent=1), method="POST")
        self.call.step = step
        return response

    def useless_answer(self) -> Useless:
        """Count a silence, or a key without a meaning, in answer to this question. Reset by `useful_answer`."""
        found = self.useless.counting(self.digits)
        self.call.memo.silences_here, self.call.memo.wrong_keys_here = found.silences, found.wrong_keys
        return found

    @property
    def useless(self) -> Useless:
        """What came so far in answer to this question, and answered nothing."""
        return Useless(self.call.memo.silences_here, self.call.memo.wrong_keys_here)

    def useful_answer(self) -> None:
        """The question was answered: the next one starts afresh."""
        self.call.memo.silences_here = self.call.memo.wrong_keys_here = 0


Step = Callable[[Turn], VoiceResponse]

"""One request of a conversation: what was typed, and the documents that ask the next question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.settings import Settings
from ivr import addresses
from ivr.away.carried import carried_by, sealed
from ivr.twiml import Gather, VoiceResponse, say
from oncall import telephony
from oncall.calls import PhoneCall
from oncall.pin_guard import Verdict
from oncall.runtime import Runtime

# A caller who gives no usable answer to one question so often is sent away with an explanation.
MOST_USELESS_ANSWERS = 3
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


def typed(form: Mapping[str, str], args: Mapping[str, str]) -> str:
    """What was typed. Networks differ in whether the hash that ends it comes along."""
    return "" if "silent" in args else form.get("Digits", "").strip().removesuffix("#")


@dataclass
class Talk:
    """What a step works with. The call's row is locked; whatever the step changes is committed with its answer."""

    session: Session
    runtime: Runtime
    call: PhoneCall
    form: dict[str, str]
    args: dict[str, str]
    now: datetime
    pin_verdict: Verdict | None = None

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
    ) -> VoiceResponse:
        """Say `words` and wait for keys; silence comes back to `step` as an empty answer.

        `keys`: how many end the typing; None: a hash does. `timeout`: seconds of silence after the words or a key.
        `before`: said first, without taking keys. `music`: play the waiting music after the words.
        """
        response = VoiceResponse()
        if before:
            say(response, before)
        more = {"num_digits": keys} if keys else {"finish_on_key": "#"}
        gather = Gather(action=self.url(step), method="POST", timeout=timeout, input="dtmf", **more)
        if words:
            say(gather, words)
        if music:
            gather.play(addresses.music_url(self.settings))
        response.append(gather)
        response.redirect(self.url(step, silent=1), method="POST")
        self.call.step = step
        return response

    def record(self, step: str, kind: str, words: str) -> VoiceResponse:
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

    def useless_answer(self) -> bool:
        """Count an answer that fits no question; True when it was one too many. Reset by `useful_answer`."""
        count = int(self.call.memo.get("useless", 0)) + 1
        self.call.memo["useless"] = count
        return count >= MOST_USELESS_ANSWERS

    def useful_answer(self) -> None:
        """The question was answered: the next one starts afresh."""
        if "useless" in self.call.memo:  # even a pop that finds nothing would write the memo anew
            del self.call.memo["useless"]


Step = Callable[[Talk], VoiceResponse]

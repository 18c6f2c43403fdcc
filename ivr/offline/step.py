"""One request of a call without the database: what was typed, what is known, and the documents that ask on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.settings import Settings
from ivr.collecting import Collected, sealed_part, typed
from ivr.offline.carried import Carried, sealed
from ivr.turn import FINAL, LONGEST_RECORDING, SILENCE_ENDS, Spoken, ended_by, spoken_part
from ivr.twilio import addresses
from ivr.twilio.twiml import Gather, VoiceResponse, say
from ivr.useless import Useless
from oncall.customers.callers import CALLER_NAME
from oncall.outage.journal import Entry
from oncall.outage.snapshot import KeptContract, Snapshot


@dataclass
class Step:
    """What a step works with. Facts that it notes are on disk before its document goes out."""

    settings: Settings
    snapshot: Snapshot
    carried: Carried
    form: dict[str, str]
    args: dict[str, str]
    caller: str | None
    now: datetime
    back: bool = False  # the database is there again
    name: str | None = None  # of a caller without a telephone number
    facts: list[Entry] = field(default_factory=list)
    _sealed: dict[Carried, str] = field(default_factory=dict)

    @property
    def digits(self) -> str:
        """What was typed in answer to the last question; empty for silence."""
        return typed(self.form, self.args)

    @property
    def recording(self) -> Spoken | None:
        """What was recorded in answer to the last question; None for silence."""
        return None if "silent" in self.args else spoken_part(self.form)

    @property
    def is_over(self) -> bool:
        """Whether this request only tells how something ended when the caller hung up."""
        return self.form.get("CallStatus") in FINAL or self.form.get("Digits") == "hangup"

    @property
    def contract(self) -> KeptContract | None:
        return self.snapshot.contract(self.carried.contract)

    def note(self, kind: str, **more: Any) -> None:
        """A fact for the journal. Its key is that of this turn, so that the same request brings it once."""
        known = {
            "caller": self.caller,
            CALLER_NAME: self.name,
            "row": self.carried.call,
            "ticket": self.carried.ticket,
            "contract": self.carried.contract,
        }
        kept = {name: value for name, value in (known | more).items() if value is not None}
        key = f"{self.carried.sid}:{self.carried.turn}:{kind}:{self.carried.person or 0}"
        self.facts.append(Entry(key, self.now, kind, self.carried.sid, kept))

    def know(self, **changes: Any) -> None:
        """Take something along from here on."""
        self.carried = replace(self.carried, **changes)

    def useless_answer(self) -> Useless:
        """Count a silence, or a key without a meaning, in answer to this question, as `ivr.turn.Turn` does."""
        found = Useless(self.carried.silences, self.carried.useless).counting(self.digits)
        self.know(silences=found.silences, useless=found.wrong_keys)
        return found

    def useful_answer(self, **changes: Any) -> None:
        """The question was answered: the next one starts afresh. `changes`: what to take along."""
        self.know(**{"silences": 0, "useless": 0, **changes})

    def url(self, step: str, **more: str | int) -> str:
        """Where the answer to the document now being made goes."""
        on = replace(self.carried, turn=self.carried.turn + 1)
        if on not in self._sealed:  # all addresses of one question are known by the same letters
            self._sealed[on] = sealed(self.settings, on)
        return addresses.away_url(self.settings, step, self._sealed[on], **more)

    def ask(
        self,
        step: str,
        words: str,
        *,
        keys: int | None = 1,
        timeout: int = 5,
        then: Callable[[Gather], None] | None = None,
        empty_too: bool = False,
    ) -> VoiceResponse:
        """Say `words` and wait for keys, as `ivr.turn.Turn.ask` does. `then`: says more within the gathering."""
        response = VoiceResponse()
        more: dict[str, Any] = ended_by(keys)
        if empty_too:
            more["action_on_empty_result"] = True
        gather = Gather(action=self.url(step), method="POST", timeout=timeout, input="dtmf", **more)
        if words:
            say(gather, words)
        if then is not None:
            then(gather)
        response.append(gather)
        response.redirect(self.url(step, silent=1), method="POST")
        return response

    def ask_on(self, step: str, so_far: Collected, words: str) -> VoiceResponse:
        """Take along what was typed so far, and wait for the rest of it."""
        self.know(part=sealed_part(self.settings, so_far))
        return self.ask(step, words, keys=None, timeout=so_far.wait or 1, empty_too=True)

    def record(self, step: str, words: str) -> VoiceResponse:
        """Say `words` and record what is spoken after a tone; it is reported beside as well."""
        response = VoiceResponse()
        say(response, words)
        response.record(
            action=self.url(step),
            method="POST",
            max_length=LONGEST_RECORDING,
            timeout=SILENCE_ENDS,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self.url("recorded"),
        )
        response.redirect(self.url(step, silent=1), method="POST")
        return response


Run = Callable[[Step], VoiceResponse]

__all__ = ["Run", "Step"]

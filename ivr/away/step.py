"""One request of a call without the database: what was typed, what is known, and the documents that ask on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.settings import Settings
from ivr import addresses
from ivr.away.carried import Carried, sealed
from ivr.talk import FINAL, LONGEST_RECORDING, SILENCE_ENDS, Spoken, spoken_part, typed
from ivr.twiml import Gather, VoiceResponse, say
from oncall.away.journal import Entry
from oncall.away.snapshot import KeptContract, Snapshot


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
    ) -> VoiceResponse:
        """Say `words` and wait for keys, as `ivr.talk.Talk.ask` does. `then`: says more within the gathering."""
        response = VoiceResponse()
        more = {"num_digits": keys} if keys else {"finish_on_key": "#"}
        gather = Gather(action=self.url(step), method="POST", timeout=timeout, input="dtmf", **more)
        if words:
            say(gather, words)
        if then is not None:
            then(gather)
        response.append(gather)
        response.redirect(self.url(step, silent=1), method="POST")
        return response

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

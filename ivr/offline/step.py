"""One request of a call without the database: what is known, and what is put down."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.settings import Settings
from ivr.asking import Asking
from ivr.offline.carried import Carried, sealed
from ivr.twilio import addresses
from ivr.useless import Useless
from oncall.customers.callers import CALLER_NAME
from oncall.delivery.telephony import FINAL
from oncall.models.work.recordings import RecordingKind
from oncall.outage.journal import Entry
from oncall.outage.snapshot import KeptContract, Snapshot


@dataclass
class Step(Asking):
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
    _sealed: tuple[Carried, str] | None = None

    @property
    def is_over(self) -> bool:
        return self.form.get("CallStatus") in FINAL or self.form.get("Digits") == "hangup"

    @property
    def contract(self) -> KeptContract | None:
        return self.snapshot.contract(self.carried.contract)

    @property
    def memo(self) -> Carried:
        return self.carried

    @property
    def useless(self) -> Useless:
        return Useless(self.carried.silences, self.carried.useless)

    @useless.setter
    def useless(self, found: Useless) -> None:
        self.know(silences=found.silences, useless=found.wrong_keys)

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

    def url(self, step: str, **more: str | int) -> str:
        on = replace(self.carried, turn=self.carried.turn + 1)
        if self._sealed is None or self._sealed[0] != on:  # all addresses of one question have the same letters
            self._sealed = on, sealed(self.settings, on)
        return addresses.away_url(self.settings, step, self._sealed[1], **more)

    def recorded_url(self, kind: RecordingKind) -> str:
        return self.url("recorded")

    def asks(self, step: str) -> None:
        """Nothing is kept of it: the address says so."""

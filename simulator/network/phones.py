"""What stands on a phone, in its transcript and its texts, and the ways in which a number is not reached."""

import itertools
from dataclasses import dataclass, field, fields
from typing import Any

from simulator.network.delivery import DeliveryFaults

ROLES = ("customer", "technician", "team_leader", "support_manager", "office")
TRANSCRIPT_KEPT = 2000
VOICEMAIL = "Hello, this is the voicemail of the number you called. I am not here, press one or leave a message."
_ids = itertools.count(1)


@dataclass
class Entry:
    """A line of a phone's transcript. `at` and `until` are call seconds."""

    at: float
    call: str
    kind: str  # said | heard | spoke | pressed | played | note | warning
    text: str
    until: float = 0.0
    heard: str | None = None  # the part that was out when it was cut short
    playing: bool = False  # what follows has not begun: a recording after its beep, say
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def shown(self) -> str:
        return self.text if self.heard is None else self.heard


@dataclass
class Text:
    """A text message on a phone; `other` is the number at the far end."""

    at: float
    direction: str  # in | out
    other: str
    body: str
    status: str
    sid: str
    id: int = field(default_factory=lambda: next(_ids))


@dataclass
class Faults(DeliveryFaults):
    """What is wrong with a number. Times are call seconds."""

    busy: bool = False
    no_answer: bool = False  # rings, and nobody is there
    reject: str = ""  # declined after a moment: busy | no-answer
    failed: str = ""  # no coverage, never rings: failed | no-answer
    voicemail: float | None = None  # a machine answers after this time
    voicemail_text: str = VOICEMAIL
    auto_answer: float | None = None  # a person answers after this time
    opted_out: bool = False
    not_mobile: bool = False
    not_permitted: bool = False  # the account may not call or text this country
    undelivered: int = 0  # error code of every text
    refused: int = 0  # error code of every request to call or text it

    def change(self, values: dict[str, Any]) -> None:
        """Sets what is given. Raises ValueError for an unknown name or a wrong value."""
        known = {one.name: one for one in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no fault {name!r}; there are {', '.join(sorted(known))}")
            setattr(self, name, _fault_value(name, value))


_OUTCOMES = {"reject": ("busy", "busy", "no-answer"), "failed": ("failed", "failed", "no-answer")}
_MOMENTS = {"voicemail": 15.0, "auto_answer": 2.0}


def _fault_value(name: str, value: Any) -> Any:
    """`true` means the usual outcome or time, `false` and `null` switch the fault off."""
    if name in _OUTCOMES:
        usual, *choices = _OUTCOMES[name]
        value = usual if value is True else value or ""
        if value and value not in choices:
            raise ValueError(f"{name} is {' or '.join(choices)}")
        return value
    if name in _MOMENTS:
        return None if value is None or value is False else _seconds(name, _MOMENTS[name] if value is True else value)
    if name in {"slow", "late", "shuffled"}:
        return _seconds(name, value or 0)
    if name in {"undelivered", "refused"}:
        return (30003 if name == "undelivered" else 21211) if value is True else int(value or 0)
    return str(value) if name == "voicemail_text" else bool(value)


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} is a number of seconds")
    return float(value)

"""What a call keeps in mind between two requests, besides what its row has columns for.

Stored as one JSON object under the names of the fields; what is as usual is left out. What only another version knows
is kept as it is, also inside a field that both know, until that is set anew: old and new processes take turns in one
call during a deploy.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import Dialect, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import Mutable

from oncall.sla.promises import Priority


class AwayState(StrEnum):
    """How a call stands that went on without the database.

    People are rung; a technician and the caller talk, or have talked; or nobody is rung any more.
    """

    RINGING = "ringing"
    TALKING = "talking"
    TALKED = "talked"
    ALONE = "alone"


@dataclass(frozen=True)
class Away:
    """Since `at` the call stands so. `work`: key of the intervention, `person`: who talks, or has talked.

    `guessed`: the end of the conversation is only that of the call. `over`: the call is over, a last fact may be late.
    """

    state: AwayState
    at: datetime
    work: str | None = None
    person: int | None = None
    guessed: bool = False
    over: bool = False

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        at = datetime.fromisoformat(stored["at"])
        more = {name: stored[name] for name in ("work", "person", "guessed", "over") if name in stored}
        return cls(AwayState(stored["state"]), at, **more)


@dataclass(frozen=True)
class Arranged:
    """The callers of a `room` are being taken care of (handed over, told goodbye), since `at`."""

    room: int
    at: datetime

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["room"], datetime.fromisoformat(stored["at"]))


@dataclass(frozen=True)
class Moved:
    """The call was to be moved to another step when its turn became `turn`, at `at` (real seconds since 1970)."""

    turn: int
    at: float

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["turn"], stored["at"])


Counts = Mapping[str, int]
_UNSET: Final = object()


@dataclass
class CallMemo(Mutable):
    """The notes of one call. Give a field another value to change it: what a field holds is never changed in place."""

    # Any call: when it asked for its next document last (by the gateway's clock, seconds since 1970), when the provider
    # was last asked about it (real seconds since 1970), where it was moved to, errors of ours that it has met.
    last_request: float | None = None
    asked_at: float | None = None
    moved: Moved | None = None
    errors: int = 0
    # Useless answers to the question that was asked last: silences, and keys without a meaning.
    silences_here: int = 0
    wrong_keys_here: int = 0
    # What was typed so far, over pauses, sealed.
    part: str | None = None

    # A caller: the name of one without a telephone number; that we rang them ourselves, so that their number isn't
    # faked; that their number is rung back once this call is over; silences, changes of language and tries at the PIN.
    caller_name: str | None = None
    verified: bool = False
    ring_back: bool = False
    silences: int = 0
    languages: int = 0
    tries: int = 0
    # The problem: what they chose, the number of the ticket, and, called again, the higher priority that they report.
    priority: Priority | None = None
    ticket_number: int | None = None
    raised: Priority | None = None
    # Rounds of music; the room that they are on the way into, or came into later than the others.
    rounds: int = 0
    joins: int | None = None
    joined_later: int | None = None
    # Calling back: the numbers that were offered, by key; a typed number was read out; they asked to be called back.
    offered: tuple[str, ...] | None = None
    read_back: bool = False
    wants_call: bool = False
    # After a conversation: the technician whose line has ended, until somebody else is asked for; the newest call to
    # them that does not count any more; that there was one since the last conversation; the caller was silent, or
    # pressed only keys without a meaning, when asked what comes next.
    left_by: int | None = None
    rings_from: int | None = None
    rung: bool = False
    silent: bool = False
    only_wrong_keys: bool = False
    # Without the database: how it stands; the technician who had hung up when the caller asked for the next person.
    away: Away | None = None
    away_after: int | None = None

    # A technician: what was pressed and how often a page was read, by attempt; the last attempt of those accepted all
    # at once; how many pages there are has been said.
    wrong_keys_of: Counts = field(default_factory=dict)
    listened_to: Counts = field(default_factory=dict)
    readings: Counts = field(default_factory=dict)
    accepts: int | None = None
    counted: bool = False
    # They asked on the ticket's page to be rung for it.
    asked_for: bool = False
    # The call rings for a caller who is still there; how often that question was read, not counting wrong keys.
    rejoins: bool = False
    rejoin_readings: int = 1
    arranged: Arranged | None = None
    # The menu: they came in by it; the tickets that are read out, and which was the last; numbers to choose from.
    menu: bool = False
    items: tuple[int, ...] = ()
    index: int = 0
    registered: tuple[str, ...] = ()
    # A test call: a key was pressed by somebody who had heard what was asked; keys were pressed, only never 1.
    heard: bool = False
    only_other_keys: bool = False

    # What processes of the version before read of a call in flight: the row's columns have it as well (`PhoneCall`).
    # Can go, with `NOTED_TWICE`, in the release after this one.
    ticket: int | None = None
    known: int | None = None
    attempt: int | None = None
    technician_call: int | None = None

    # What another version has noted: fields of its own, and fields of ours in a form that says more than we can read.
    others: Mapping[str, Any] = field(default_factory=dict)

    def __setattr__(self, name: str, value: object) -> None:
        """A new value marks the call as changed; the same one does not, as that would write the memo anew."""
        others = vars(self).get("others", {})
        if name in others:
            super().__setattr__("others", {key: other for key, other in others.items() if key != name})
        if name in others or getattr(self, name, _UNSET) != value:
            super().__setattr__(name, value)
            if name in _DEFAULTS:
                self.changed()

    @staticmethod
    def key_of(name: str) -> str:
        """The key of a field in the JSON object. Raises ValueError for what is none."""
        if name not in _STORED:
            raise ValueError(f"a call's memo has no field {name}")
        return name

    @classmethod
    def coerce(cls, key: str, value: object) -> Self | None:
        """Mappings may be assigned as well."""
        return cls.read(value) if isinstance(value, Mapping) else value  # type: ignore[return-value]

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """What was stored, by whichever version. Past `__init__`, as it is done for each call that is loaded."""
        memo = cls.__new__(cls)
        values = vars(memo)
        values.update((name, {}) for name in _EMPTY)
        for name, value in stored.items():
            found = _read(name, value) if name in _STORED else None
            if found is not None:
                values[name] = found
            if value is not None and _plain(found) != value:
                values["others"][name] = value
        return memo

    def stored(self) -> dict[str, Any]:
        """The JSON object: only what is not as usual."""
        noted = {name: value for name, value in vars(self).items() if name in _STORED and value != _DEFAULTS[name]}
        return {**{name: _plain(value) for name, value in noted.items()}, **self.others}


def _read(name: str, value: Any) -> Any:
    """The value of a field; None where another version has it in a form that can't be read."""
    try:
        return _READERS[name](value) if name in _READERS else value
    except (TypeError, KeyError, ValueError):
        return None


def _listed(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("no list")
    return tuple(value)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        values = {each.name: (getattr(value, each.name), each.default) for each in fields(value)}
        return {name: _plain(found) for name, (found, usual) in values.items() if found != usual}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value


_DEFAULTS: Final[dict[str, Any]] = {
    each.name: {} if each.default is MISSING else each.default for each in fields(CallMemo)
}
_EMPTY: Final = tuple(each.name for each in fields(CallMemo) if each.default is MISSING)
_STORED: Final = frozenset(_DEFAULTS) - {"others"}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "priority": Priority,
    "raised": Priority,
    "moved": Moved.read,
    "arranged": Arranged.read,
    "away": Away.read,
    "offered": _listed,
    "items": _listed,
    "registered": _listed,
}


class MemoColumn(TypeDecorator[CallMemo]):
    """A JSONB column of memos."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: CallMemo | Mapping[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        return value.stored() if isinstance(value, CallMemo) else None if value is None else dict(value)

    def process_result_value(self, value: Mapping[str, Any] | None, dialect: Dialect) -> CallMemo | None:
        return None if value is None else CallMemo.read(value)

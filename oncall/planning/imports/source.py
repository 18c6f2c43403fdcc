"""Where imported shifts come from: which calendar, which event of it, which night. Plain data.

A night is named by its event's UID and its recurrence: the instant at which the series puts it, in ISO form, or
nothing for an event that does not repeat. It keeps that name when it is moved.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

# In place of a recurrence: whatever the series has.
ALL_NIGHTS: Final = "*"
# Behind a recurrence: and those after it.
AND_LATER: Final = "/"
# Between two instants: whatever begins from the first on, and before the second.
UNTIL: Final = "~"


@dataclass(frozen=True)
class Source:
    """What a file says of its calendar besides shifts.

    `mark` tells the calendar from others of the same name, if there is one. `partial`: the file is about single
    events. `whole`: UIDs of which it has all nights. `cancelled` and `unread`: nights as (UID, recurrence). From
    `first` to `last` (UTC) there are events in it.
    """

    name: str = ""
    mark: str = ""
    partial: bool = False
    whole: tuple[str, ...] = ()
    cancelled: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class Origin:
    """Which calendar an override came from, and which night of it.

    `chosen`: the event named nobody, and somebody chose the person for all that say the same (`Who.key`).
    """

    calendar: str
    uid: str
    recurrence: str = ""
    chosen: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any] | None) -> "Origin | None":
        return None if told is None else cls(**told)


class Nights:
    """Nights as a file names them: single ones, all of an event, those from one on, or those of a day."""

    def __init__(self, nights: Iterable[tuple[str, str]]) -> None:
        self._single = frozenset(night for night in nights if night[0])
        # A file may name thousands: what is looked for must not be held against each.
        self._from: dict[str, str] = {}
        within: dict[str, list[tuple[str, str]]] = {}
        for uid, at in self._single:
            start, until, end = at.partition(UNTIL)
            if until:
                within.setdefault(uid, []).append((start, end))
            elif at.endswith(AND_LATER):
                self._from[uid] = min(self._from.get(uid, at[:-1]), at[:-1])
        self._within = {uid: _Ranges(ranges) for uid, ranges in within.items()}

    def __contains__(self, night: tuple[str, str]) -> bool:
        uid, recurrence = night
        # ISO forms in UTC ascend as time does.
        later = uid in self._from and recurrence >= self._from[uid]
        later = later or (uid in self._within and recurrence in self._within[uid])
        return later or night in self._single or self.has_all_of(uid)

    def has_all_of(self, uid: str) -> bool:
        """Whether the event is named as a whole."""
        return (uid, ALL_NIGHTS) in self._single


class _Ranges:
    """From the one (included) to the other; they may overlap."""

    def __init__(self, ranges: Iterable[tuple[str, str]]) -> None:
        ordered = sorted(ranges)
        self._starts = [start for start, _ in ordered]
        self._last_ends = list(accumulate((end for _, end in ordered), max))

    def __contains__(self, at: str) -> bool:
        begun = bisect_right(self._starts, at)
        return begun > 0 and at < self._last_ends[begun - 1]


def source_from_json(told: dict[str, Any]) -> Source:
    """As `dataclasses.asdict` and JSON leave it. Raises KeyError and ValueError for anything else."""
    times = {name: told[name] and datetime.fromisoformat(told[name]) for name in ("first", "last")}
    lists = {name: tuple(tuple(each) for each in told[name]) for name in ("cancelled", "unread")}
    return Source(**(told | times | lists | {"whole": tuple(told["whole"])}))

"""Ways in which the REST API itself fails."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

STATUSES = {404: 20404, 429: 20429, 500: 20500, 502: 20502, 503: 20503}
KINDS = (*STATUSES, "hang", "reset", "drop", "slow")
Kind = int | str


@dataclass(frozen=True)
class Struck:
    """What befalls one request. `seconds`: real ones, for which a slow answer is held back."""

    kind: Kind
    seconds: float


@dataclass
class Fault:
    """What befalls matching requests, one of `kinds` by chance: a status, `hang` (no answer), `reset` (not processed,
    connection cut), `drop` (processed, but the connection is cut before the answer) or `slow` (processed, but answered
    `seconds` real seconds later)."""

    kinds: tuple[Kind, ...]
    path: str = ""
    method: str = ""
    left: int | None = None  # None: by probability, for ever
    probability: float = 1.0
    seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        return self.path in path and self.method in {"", method}


@dataclass
class ApiFaults:
    faults: deque[Fault] = field(default_factory=deque)
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - repeatable chance

    def add(
        self,
        kind: Kind | Sequence[Kind],
        times: int | None = 1,
        path: str = "",
        method: str = "",
        probability: float = 1.0,
        seconds: float = 0.0,
    ) -> None:
        """The next `times` matching requests fail; with `times` None every one with that probability.

        A list of kinds: one of them by chance, for each request anew. Raises ValueError for an unknown kind.
        """
        kinds = (kind,) if isinstance(kind, int | str) else tuple(kind)
        if not kinds or not set(kinds) <= set(KINDS):
            raise ValueError(f"kind is one of {', '.join(map(str, KINDS))}, or a list of them")
        if seconds < 0:
            raise ValueError("seconds is not below 0")
        self.faults.append(Fault(kinds, path, method.upper(), times, probability, seconds))

    def take(self, method: str, path: str) -> Struck | None:
        """What befalls this request."""
        for fault in self.faults:
            if fault.matches(method, path) and self.random.random() < fault.probability:
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left <= 0:
                        self.faults.remove(fault)
                return Struck(self.random.choice(fault.kinds), fault.seconds)
        return None

    def clear(self) -> None:
        self.faults.clear()

"""Ways in which the REST API itself fails."""

from collections import deque
from dataclasses import dataclass, field
from random import Random

STATUSES = {429: 20429, 500: 20500, 502: 20502, 503: 20503}
KINDS = (*STATUSES, "hang", "reset", "drop", "slow")
Kind = int | str


@dataclass
class Fault:
    """What befalls matching requests: a status, `hang` (no answer), `reset` (not processed, connection cut), `drop`
    (processed, but the connection is cut before the answer) or `slow` (processed, answered `seconds` later, real ones).
    """

    kind: Kind
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
        kind: Kind,
        times: int | None = 1,
        path: str = "",
        method: str = "",
        probability: float = 1.0,
        seconds: float = 0.0,
    ) -> None:
        """The next `times` matching requests fail; with `times` None every one with that probability.

        Raises ValueError for an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(map(str, KINDS))}")
        self.faults.append(Fault(kind, path, method.upper(), times, probability, seconds))

    def take(self, method: str, path: str) -> Fault | None:
        """What befalls this request."""
        for fault in self.faults:
            if fault.matches(method, path) and self.random.random() < fault.probability:
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left <= 0:
                        self.faults.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        self.faults.clear()

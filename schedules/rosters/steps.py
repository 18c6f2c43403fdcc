"""Values that change at instants, such as who overrides a layer or who is away: asked once, or all over a span."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

# Ascending instants (UTC), each with the value that holds from there to the next one.
Track: TypeAlias = Sequence[tuple[datetime, T]]

_INSTANT = itemgetter(0)


class Steps(Generic[T]):
    """A value for every instant: `before` until the first step, then each step's value until the next step."""

    def __init__(self, steps: Iterable[tuple[datetime, T]], before: T) -> None:
        self._before = before
        self._steps: list[tuple[datetime, T]] = []
        value = before
        for step in steps:
            if step[1] != value:
                self._steps.append(step)
                value = step[1]

    def at(self, at: datetime) -> tuple[T, datetime | None]:
        """The value at the instant, and the instant at which it changes (None: never)."""
        place = bisect_right(self._steps, at, key=_INSTANT)
        value = self._steps[place - 1][1] if place else self._before
        return value, self._steps[place][0] if place < len(self._steps) else None

    def between(self, start: datetime, end: datetime) -> Track[T]:
        """The value at `start`, then its changes until `end` (excluded)."""
        last = bisect_left(self._steps, end, key=_INSTANT)
        return [(start, self.at(start)[0]), *self._steps[bisect_right(self._steps, start, key=_INSTANT) : last]]

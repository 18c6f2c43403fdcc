"""Overrides: who is on call in a layer for a span, whatever its rotations and hours say."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import pairwise

from schedules.rotation import PersonId
from schedules.spans import Span, as_utc


@dataclass(frozen=True)
class Override:
    """`person` takes the place of the layer's people from `start` to `end` (UTC, half-open).

    A `person` of None is nobody, on purpose. Raises ValueError when it would not last.
    """

    layer: str
    start: datetime
    end: datetime
    person: PersonId | None
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_utc(self.start))
        object.__setattr__(self, "end", as_utc(self.end))
        if self.end <= self.start:
            raise ValueError(f"an override must end after it starts: {self.start} to {self.end}")

    @property
    def people(self) -> tuple[PersonId, ...]:
        return () if self.person is None else (self.person,)


class OverrideIndex:
    """One layer's overrides, ready to be asked about any instant.

    Where two overlap, the one listed later holds.
    """

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._pieces = _in_force(list(overrides))
        self._starts = [span.start for span, _ in self._pieces]

    def at(self, at: datetime) -> tuple[Override | None, datetime | None]:
        """The override in force at the instant, and the instant at which the answer changes (None: never)."""
        place = bisect_right(self._starts, at)
        if place:
            span, override = self._pieces[place - 1]
            if at < span.end:
                return override, span.end
        return None, self._starts[place] if place < len(self._starts) else None


def _in_force(overrides: list[Override]) -> list[tuple[Span, Override]]:
    """Disjoint ascending spans, each with the override that holds in it."""
    waiting = sorted(range(len(overrides)), key=lambda index: overrides[index].start, reverse=True)
    edges = sorted({edge for override in overrides for edge in (override.start, override.end)})
    active: list[int] = []  # a heap of negative list positions: the override listed last comes first
    pieces: list[tuple[Span, Override]] = []
    for start, end in pairwise(edges):
        while waiting and overrides[waiting[-1]].start <= start:
            heappush(active, -waiting.pop())
        while active and overrides[-active[0]].end <= start:
            heappop(active)
        if active:
            pieces.append((Span(start, end), overrides[-active[0]]))
    return pieces

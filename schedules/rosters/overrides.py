"""Overrides: who is on call in a layer for a span, whatever its rotations and hours say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import heappop, heappush

from schedules.rosters.rotation import PersonId
from schedules.rosters.steps import Steps, Track
from schedules.spans import as_utc, settle


class Kind(StrEnum):
    """What an override does to the layer's people."""

    REPLACE = "replace"  # its person takes their place
    ADD = "add"  # its person stands beside them, and alone where the layer has nobody or is off duty


@dataclass(frozen=True)
class Override:
    """`person` replaces or joins the layer's people from `start` to `end` (UTC, half-open).

    A `person` of None, which only a replacement can have, is nobody, on purpose. `by` says who made the override,
    `made_at` (UTC) when. Raises ValueError when it would not last, for an instant without a time zone, or when nobody
    would be added.
    """

    layer: str
    start: datetime
    end: datetime
    person: PersonId | None
    note: str = ""
    kind: Kind = Kind.REPLACE
    by: str = ""
    made_at: datetime | None = None

    def __post_init__(self) -> None:
        settle(self, "an override")
        object.__setattr__(self, "kind", Kind(self.kind))
        if self.made_at is not None:
            object.__setattr__(self, "made_at", as_utc(self.made_at))
        if self.person is None and self.kind is Kind.ADD:
            raise ValueError("an override that adds needs a person: nobody can only take the place of the others")

    @property
    def people(self) -> tuple[PersonId, ...]:
        return () if self.person is None else (self.person,)


class OverrideIndex:
    """One layer's overrides, ready to be asked about any instant.

    Where two overlap, the one listed later holds.
    """

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._steps: Steps[Override | None] = Steps(_in_force(list(overrides)), None)

    def at(self, at: datetime) -> tuple[Override | None, datetime | None]:
        """The override in force at the instant, and the instant at which the answer changes (None: never)."""
        return self._steps.at(at)

    def between(self, start: datetime, end: datetime) -> Track[Override | None]:
        """The override in force at `start`, then each change until `end` (excluded)."""
        return self._steps.between(start, end)


def _in_force(overrides: list[Override]) -> Iterator[tuple[datetime, Override | None]]:
    """At each edge of an override, the one that holds from there on."""
    waiting = sorted(range(len(overrides)), key=lambda index: overrides[index].start, reverse=True)
    active: list[int] = []  # a heap of negative list positions: the override listed last comes first
    for edge in sorted({edge for override in overrides for edge in (override.start, override.end)}):
        while waiting and overrides[waiting[-1]].start <= edge:
            heappush(active, -waiting.pop())
        while active and overrides[-active[0]].end <= edge:
            heappop(active)
        yield edge, overrides[-active[0]] if active else None

"""Half-open spans of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self, TypeVar


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime, which names no instant."""
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone: an instant must be aware")
    return at.astimezone(UTC)


class HasSpan(Protocol):
    """Anything that lasts from `start` (included) to `end` (excluded), aware UTC."""

    @property
    def start(self) -> datetime: ...

    @property
    def end(self) -> datetime: ...


def settle(lasting: HasSpan, what: str) -> None:
    """For a frozen dataclass that is being made: start and end in UTC. Raises ValueError when it would not last."""
    object.__setattr__(lasting, "start", as_utc(lasting.start))
    object.__setattr__(lasting, "end", as_utc(lasting.end))
    if lasting.end <= lasting.start:
        raise ValueError(f"{what} must end after it starts: {lasting.start} to {lasting.end}")


Spanned = TypeVar("Spanned", bound=HasSpan)
Timed = TypeVar("Timed", bound=HasSpan)


@dataclass(frozen=True, order=True)
class Span:
    """From `start` (included) to `end` (excluded), aware UTC. Raises ValueError when it would not last."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        settle(self, "a span")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def clip(self, start: datetime, end: datetime) -> Self | None:
        """The part inside `start`..`end`, or None when nothing is left."""
        first, last = max(self.start, start), min(self.end, end)
        return type(self)(first, last) if first < last else None


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same time in ascending, disjoint spans that do not touch."""
    current: Span | None = None
    for span in sorted(spans):
        if current is None:
            current = span
        elif span.start <= current.end:
            current = Span(current.start, max(current.end, span.end))
        else:
            yield current
            current = span
    if current is not None:
        yield current


def in_common(one: Iterable[Spanned], other: Iterable[Timed]) -> Iterator[tuple[Spanned, Timed, Span]]:
    """Each pair that overlaps, with the time that both have; both are ascending and disjoint.

    In one pass over each: what is looked at while others wait may be long.
    """
    mine, theirs = iter(one), iter(other)
    first, second = next(mine, None), next(theirs, None)
    while first is not None and second is not None:
        start, end = max(first.start, second.start), min(first.end, second.end)
        if start < end:
            yield first, second, Span(start, end)
        if first.end <= second.end:
            first = next(mine, None)
        else:
            second = next(theirs, None)

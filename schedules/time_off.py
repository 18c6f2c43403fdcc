"""Time off: spans in which a person is never rung, whatever puts them on call."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schedules.rotation import PersonId
from schedules.spans import Span, as_utc, merged
from schedules.steps import Steps, Track


@dataclass(frozen=True)
class TimeOff:
    """`person` is away from `start` to `end` (UTC, half-open). Raises ValueError when it would not last."""

    person: PersonId
    start: datetime
    end: datetime
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_utc(self.start))
        object.__setattr__(self, "end", as_utc(self.end))
        if self.end <= self.start:
            raise ValueError(f"time off must end after it starts: {self.start} to {self.end}")


class TimeOffIndex:
    """Everybody's time off, ready to be asked about any instant. A person's spans may overlap and touch."""

    def __init__(self, time_off: Iterable[TimeOff]) -> None:
        spans: dict[PersonId, list[Span]] = defaultdict(list)
        for each in time_off:
            spans[each.person].append(Span(each.start, each.end))
        own = {person: list(merged(each)) for person, each in spans.items()}
        self._own = {person: Steps(_on_and_off(each), before=False) for person, each in own.items()}
        self._away = Steps(_who_is_away(own), before=frozenset())

    def among(self, people: Iterable[PersonId], at: datetime) -> tuple[tuple[PersonId, ...], datetime | None]:
        """Which of these people are away at the instant, and when that changes for one of them (None: never)."""
        answers = {person: self._own[person].at(at) for person in people if person in self._own}
        away = tuple(person for person, (is_away, _) in answers.items() if is_away)
        return away, min((change for _, change in answers.values() if change is not None), default=None)

    def between(self, start: datetime, end: datetime) -> Track[frozenset[PersonId]]:
        """Everybody who is away at `start`, then at each change until `end` (excluded)."""
        return self._away.between(start, end)


def _on_and_off(spans: Iterable[Span]) -> Iterator[tuple[datetime, bool]]:
    for span in spans:
        yield span.start, True
        yield span.end, False


def _who_is_away(spans: Mapping[PersonId, Iterable[Span]]) -> Iterator[tuple[datetime, frozenset[PersonId]]]:
    """At each edge of anybody's time off, everybody who is away from there on."""
    changes: dict[datetime, set[PersonId]] = defaultdict(set)
    for person, each in spans.items():
        for edge, _ in _on_and_off(each):
            changes[edge].add(person)
    away: frozenset[PersonId] = frozenset()
    for edge in sorted(changes):
        away ^= changes[edge]  # a person's merged spans do not touch: each edge turns it over
        yield edge, away

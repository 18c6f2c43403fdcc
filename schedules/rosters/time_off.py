"""Time off and departures: when a person is never rung, whatever puts them on call."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schedules.rosters.rotation import PersonId
from schedules.rosters.steps import Steps, Track
from schedules.spans import Span, as_utc, merged, settle


@dataclass(frozen=True)
class TimeOff:
    """`person` is away from `start` to `end` (UTC, half-open). Raises ValueError when it would not last."""

    person: PersonId
    start: datetime
    end: datetime
    note: str = ""

    def __post_init__(self) -> None:
        settle(self, "time off")


@dataclass(frozen=True)
class Departure:
    """`person` has left for good at `at` (UTC): from then on nothing puts them on call any more."""

    person: PersonId
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", as_utc(self.at))


class TimeOffIndex:
    """Who is away when, ready to be asked about any instant. A person's times off may overlap and touch."""

    def __init__(self, time_off: Iterable[TimeOff], departures: Iterable[Departure] = ()) -> None:
        spans: dict[PersonId, list[Span]] = defaultdict(list)
        for each in time_off:
            spans[each.person].append(Span(each.start, each.end))
        left = {each.person: each.at for each in departures}
        edges = {
            person: list(_on_and_off(merged(spans.get(person, ())), left.get(person))) for person in {**spans, **left}
        }
        self._own = {person: Steps(each, before=False) for person, each in edges.items()}
        self._away = Steps(_who_is_away(edges), before=frozenset())

    def among(self, people: Iterable[PersonId], at: datetime) -> tuple[tuple[PersonId, ...], datetime | None]:
        """Which of these people are away at the instant, and when that changes for one of them (None: never)."""
        answers = {person: self._own[person].at(at) for person in people if person in self._own}
        away = tuple(person for person, (is_away, _) in answers.items() if is_away)
        return away, min((change for _, change in answers.values() if change is not None), default=None)

    def between(self, start: datetime, end: datetime) -> Track[frozenset[PersonId]]:
        """Everybody who is away at `start`, then at each change until `end` (excluded)."""
        return self._away.between(start, end)


def _on_and_off(spans: Iterable[Span], left: datetime | None) -> Iterator[tuple[datetime, bool]]:
    """The edges of disjoint ascending spans, up to the departure, which has no end."""
    for span in spans:
        if left is not None and left <= span.end:
            yield min(left, span.start), True
            return
        yield span.start, True
        yield span.end, False
    if left is not None:
        yield left, True


def _who_is_away(
    edges: Mapping[PersonId, Iterable[tuple[datetime, bool]]],
) -> Iterator[tuple[datetime, frozenset[PersonId]]]:
    """At each edge of anybody's time off, everybody who is away from there on."""
    changes: dict[datetime, set[PersonId]] = defaultdict(set)
    for person, each in edges.items():
        for edge, _ in each:
            changes[edge].add(person)
    away: frozenset[PersonId] = frozenset()
    for edge in sorted(changes):
        away ^= changes[edge]  # a person's merged spans do not touch: each edge turns it over
        yield edge, away

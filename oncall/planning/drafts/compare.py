"""A draft beside the live roster: where other people would be on call, whose hours change. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Final

from schedules.rosters.roster import DutySpan, PersonId, Roster, duty_spans
from schedules.spans import Span, merged

_NONE: Final = timedelta(0)


@dataclass(frozen=True)
class Difference:
    """From `start` to `end` (UTC) a layer has other people, or the same in another order."""

    start: datetime
    end: datetime
    before: tuple[PersonId, ...]
    after: tuple[PersonId, ...]


@dataclass(frozen=True)
class Handover:
    """So much time on call goes from some people to others; an empty side is nobody."""

    gone: tuple[PersonId, ...]
    come: tuple[PersonId, ...]
    length: timedelta


@dataclass(frozen=True)
class Hours:
    """A person's time on call in force, and in the draft."""

    person: PersonId
    before: timedelta
    after: timedelta


def differences(before: Sequence[DutySpan], after: Sequence[DutySpan]) -> list[Difference]:
    """Where one layer's spans of one and the same time differ in their people, each as long as it can be."""
    found: list[Difference] = []
    for start, end, one, other in _side_by_side(before, after):
        if one == other:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == start and (last.before, last.after) == (one, other):
            found[-1] = Difference(last.start, end, one, other)
        else:
            found.append(Difference(start, end, one, other))
    return found


def handovers(found: Iterable[Difference]) -> list[Handover]:
    """Who takes how much from whom, most first; a mere change of order hands nothing over."""
    lengths: dict[tuple[tuple[PersonId, ...], tuple[PersonId, ...]], timedelta] = defaultdict(timedelta)
    for each in found:
        gone = tuple(person for person in each.before if person not in each.after)
        come = tuple(person for person in each.after if person not in each.before)
        if gone or come:
            lengths[gone, come] += each.end - each.start
    listed = [Handover(*people, length) for people, length in lengths.items()]
    return sorted(listed, key=lambda each: (-each.length, str(each.gone), str(each.come)))


def hours(before: Roster, after: Roster, start: datetime, end: datetime) -> list[Hours]:
    """Everybody's time on call from `start` to `end` (UTC), where it is not the same.

    Whoever stands in two layers at once is on call once.
    """
    one, other = held(before, start, end), held(after, start, end)
    listed = (Hours(person, one.get(person, _NONE), other.get(person, _NONE)) for person in one.keys() | other.keys())
    return [each for each in listed if each.before != each.after]


def held(roster: Roster, start: datetime, end: datetime) -> dict[PersonId, timedelta]:
    """How long each person is on call in any layer from `start` to `end` (UTC)."""
    spans: dict[PersonId, list[Span]] = defaultdict(list)
    for layer in roster.layers:
        for duty in duty_spans(roster, layer.name, start, end):
            for person in duty.people:
                spans[person].append(Span(duty.start, duty.end))
    return {person: sum((span.length for span in merged(each)), _NONE) for person, each in spans.items()}


def _side_by_side(
    before: Sequence[DutySpan], after: Sequence[DutySpan]
) -> Iterator[tuple[datetime, datetime, tuple[PersonId, ...], tuple[PersonId, ...]]]:
    """The time that both lists cover, cut at the edges of both, with the people of each."""
    edges = sorted({edge for span in chain(before, after) for edge in (span.start, span.end)})
    one = other = 0
    for start, end in pairwise(edges):
        while one < len(before) and before[one].end <= start:
            one += 1
        while other < len(after) and after[other].end <= start:
            other += 1
        yield start, end, _people(before, one, start), _people(after, other, start)


def _people(spans: Sequence[DutySpan], place: int, at: datetime) -> tuple[PersonId, ...]:
    """Those of the span that holds then, if it does: a layer that only one side has is empty on the other."""
    return spans[place].people if place < len(spans) and spans[place].start <= at else ()

"""What somebody's absence opens: the time for which they are on call, and who is rung first in their place. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from oncall.rosters.bad_rosters import BadRoster, answered
from schedules.rosters.roster import PersonId, Roster, TimeOff, duty_spans, who_at
from schedules.spans import Span


@dataclass(frozen=True)
class InPlace:
    """Of a layer that somebody would have held. `people`: who is rung first, of layer `by`; none where nobody is."""

    roster: str
    time_zone: str
    layer: str
    span: Span
    people: tuple[PersonId, ...]
    by: str


def in_place_of(rosters: Iterable[Roster], person: PersonId, span: Span) -> list[InPlace]:
    """Without `person` from start to end (UTC), by time. A roster that can't be worked out says nothing."""
    found: list[InPlace] = []
    for roster in rosters:
        asked = answered(roster, lambda each: list(_of_roster(each, person, span)))
        found += [] if isinstance(asked, BadRoster) else asked
    return sorted(found, key=lambda each: (each.span.start, each.roster, each.layer))


def _of_roster(roster: Roster, person: PersonId, span: Span) -> Iterator[InPlace]:
    without = replace(roster, time_off=(*roster.time_off, TimeOff(person, span.start, span.end)))
    for layer in roster.layers:
        for duty in duty_spans(roster, layer.name, span.start, span.end):
            if person in duty.people:
                yield from _joined(_parts(without, layer.name, Span(duty.start, duty.end)))


def _parts(roster: Roster, layer: str, span: Span) -> Iterator[InPlace]:
    """A part for each time in which nothing changes in any layer."""
    duties = [duty for each in roster.layers for duty in duty_spans(roster, each.name, span.start, span.end)]
    for start, end in pairwise(sorted({edge for duty in duties for edge in (duty.start, duty.end)})):
        left = next((each for each in who_at(roster, start) if each.people), None)
        people, by = (left.people, left.layer) if left else ((), "")
        yield InPlace(roster.name, roster.time_zone, layer, Span(start, end), people, by)


def _joined(parts: Iterable[InPlace]) -> Iterator[InPlace]:
    """Parts that follow each other with the same people are one."""
    current: InPlace | None = None
    for part in parts:
        if current is not None and (current.people, current.by) == (part.people, part.by):
            current = replace(current, span=Span(current.span.start, part.span.end))
            continue
        if current is not None:
            yield current
        current = part
    if current is not None:
        yield current

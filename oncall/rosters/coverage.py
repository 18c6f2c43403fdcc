"""Hours that must be covered, and where nobody is on call."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from oncall.rosters.bad_rosters import BadRoster, answered
from schedules.rosters.roster import Roster, duty_spans
from schedules.spans import Span, merged
from schedules.staffed_hours import Plan, staffed_spans


def after_hours(zone: str, start: datetime, end: datetime) -> list[Span]:
    """The time from `start` to `end` (UTC) outside the staffed hours of Platinum on this zone's clock."""
    return without(Span(start, end), staffed_spans(Plan.PLATINUM, zone, start, end))


def gaps(rosters: Iterable[Roster], zone: str, start: datetime, end: datetime) -> list[Span]:
    """The after-hours time in which no layer of any of the rosters has anybody.

    A layer is asked only about what those before it leave open: the first ones mostly leave nothing.
    """
    left = after_hours(zone, start, end)
    for roster in rosters:
        for layer in roster.layers:
            if not left:
                return []
            left = list(_left(left, _covered(roster, layer.name, left[0].start, left[-1].end)))
    return left


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span, in ascending disjoint pieces."""
    return left_of([span], taken)


def left_of(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of ascending disjoint spans, in pieces of the same kind; in one pass, however many they are."""
    return list(_left(spans, list(merged(taken))))


def _left(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """What is left of ascending disjoint spans without others, in one pass over both."""
    place = 0
    for span in spans:
        at = span.start
        while place < len(taken) and taken[place].end <= at:
            place += 1
        for each in _from(taken, place):
            if each.start >= span.end:
                break
            if at < each.start:
                yield Span(at, each.start)
            at = each.end
        if at < span.end:
            yield Span(at, span.end)


def _from(spans: Sequence[Span], place: int) -> Iterator[Span]:
    """The spans from a place on. (`islice` would walk to it from the beginning.)"""
    return (spans[index] for index in range(place, len(spans)))


def _covered(roster: Roster, layer: str, start: datetime, end: datetime) -> list[Span]:
    """A roster that can't be worked out covers nothing."""
    found = answered(roster, lambda each: duty_spans(each, layer, start, end))
    return [] if isinstance(found, BadRoster) else [Span(duty.start, duty.end) for duty in found if duty.people]

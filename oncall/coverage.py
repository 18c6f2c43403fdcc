"""Hours that must be covered, and where nobody is on call."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from schedules.hours import Plan, staffed_spans
from schedules.roster import Roster, duty_spans
from schedules.spans import Span, merged


def after_hours(zone: str, start: datetime, end: datetime) -> list[Span]:
    """The time from `start` to `end` (UTC) outside the staffed hours of Platinum on this zone's clock."""
    return without(Span(start, end), staffed_spans(Plan.PLATINUM, zone, start, end))


def gaps(rosters: Iterable[Roster], zone: str, start: datetime, end: datetime) -> list[Span]:
    """The after-hours time in which no layer of any of the rosters has anybody."""
    covered = list(_covered(rosters, start, end))
    return [gap for span in after_hours(zone, start, end) for gap in without(span, covered)]


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span, in ascending disjoint pieces."""
    left: list[Span] = []
    at = span.start
    for each in merged(taken):
        if each.end <= at:
            continue
        if each.start >= span.end:
            break
        if at < each.start:
            left.append(Span(at, each.start))
        at = each.end
    if at < span.end:
        left.append(Span(at, span.end))
    return left


def _covered(rosters: Iterable[Roster], start: datetime, end: datetime) -> Iterator[Span]:
    for roster in rosters:
        for layer in roster.layers:
            for duty in duty_spans(roster, layer.name, start, end):
                if duty.people:
                    yield Span(duty.start, duty.end)

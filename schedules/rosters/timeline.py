"""A layer's answers over a span, all at once: what calendars, coverage and figures ask for.

Everything that can change an answer is laid out as a track of instants in order: the overrides, everybody's time off,
the layer's hours, each rotation's handoffs. One pass over all changes then tells the answers apart. The rules are
those of `schedules.rosters.roster.who_at`, which asks for a single instant and shares no code with this; tests hold
one against the other.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, count
from operator import itemgetter
from typing import Any, Final, TypeAlias

from schedules.rosters.duty import DutySpan, Why
from schedules.rosters.layers import DutyHours, Layer
from schedules.rosters.overrides import Kind, Override, OverrideIndex
from schedules.rosters.rotation import PersonId, Rotation, handoff, number_near
from schedules.rosters.steps import Track
from schedules.rosters.time_off import TimeOffIndex
from schedules.spans import as_utc
from schedules.wall_clock import to_utc, wall_time

People: TypeAlias = tuple[PersonId, ...]
Answer: TypeAlias = tuple[People, Why, Override | None, People]  # as the fields of a DutySpan

_DAY: Final = timedelta(days=1)
_INSTANT = itemgetter(0)


def layer_spans(
    layer: Layer, zone: str, overrides: OverrideIndex, time_off: TimeOffIndex, start: datetime, end: datetime
) -> list[DutySpan]:
    """The layer's answers from `start` to `end` (UTC): disjoint spans that cover all of it, as long as they can be."""
    start, end = as_utc(start), as_utc(end)
    if start >= end:
        return []
    tracks: list[Track[Any]] = [
        overrides.between(start, end),
        time_off.between(start, end),
        _on_duty(layer.hours, zone, start, end),
        *(_turns(rotation, zone, start, end) for rotation in layer.rotations),
    ]
    before: list[Any] = [None, frozenset(), not layer.hours, *([()] * len(layer.rotations))]
    return list(_spans(_moments(tracks, before, start, end), end))


def _spans(moments: Iterator[tuple[datetime, list[Any]]], end: datetime) -> Iterator[DutySpan]:
    """A span for each stretch of moments with one and the same answer."""
    since, values = next(moments)
    answer = _answer(*values)
    for at, values in moments:
        new = _answer(*values)
        if new != answer:
            yield DutySpan(since, at, *answer)
            since, answer = at, new
    yield DutySpan(since, end, *answer)


def _moments(
    tracks: Sequence[Track[Any]], values: list[Any], start: datetime, end: datetime
) -> Iterator[tuple[datetime, list[Any]]]:
    """`start` and each later instant before `end` at which a track changes, with the values of all from there on.

    `values`: what holds before the tracks begin. It is the same list again and again.
    """
    changes = [(at, place, value) for place, track in enumerate(tracks) for at, value in track]
    changes.sort(key=_INSTANT)
    moment = start
    for at, place, value in changes:
        if at >= end:
            break
        if at > moment:
            yield moment, values
            moment = at
        values[place] = value
    yield moment, values


def _answer(override: Override | None, away: frozenset[PersonId], on_duty: bool, *turns: People) -> Answer:
    people, why = _planned(override, on_duty, turns)
    if away.isdisjoint(people):
        return people, why, override, ()
    present = tuple(person for person in people if person not in away)
    return present, why, override, tuple(person for person in people if person in away)


def _planned(override: Override | None, on_duty: bool, turns: tuple[People, ...]) -> tuple[People, Why]:
    """Who would be on call if nobody ever had time off."""
    if override and override.kind is Kind.REPLACE:
        return override.people, Why.OVERRIDE
    people = _together(turns) if on_duty else ()
    if override:
        return _together((people, override.people)), Why.OVERRIDE
    if not on_duty:
        return (), Why.OFF_DUTY
    return people, Why.ROTATION if people else Why.NOBODY


def _together(turns: tuple[People, ...]) -> People:
    """Everybody in order, nobody twice."""
    return turns[0] if len(turns) == 1 else tuple(dict.fromkeys(chain.from_iterable(turns)))


def _turns(rotation: Rotation, zone: str, start: datetime, end: datetime) -> Track[People]:
    """The handoffs from the turn before `start` to `end`, each with the people who come on."""
    turns = [tuple(dict.fromkeys(people)) for people in rotation.turns]
    until = end if rotation.until is None else to_utc(rotation.until, zone)
    last = min(until, end)
    steps: list[tuple[datetime, People]] = []
    for number in count(max(0, number_near(rotation, zone, start) - 1)):
        at = handoff(rotation, zone, number)
        if at >= last:
            break
        steps.append((at, turns[number % len(turns)]))
    return [*steps, (until, ())]


def _on_duty(hours: Sequence[DutyHours], zone: str, start: datetime, end: datetime) -> Track[bool]:
    """Where the layer comes on duty by its hours, and where it goes off."""
    # A window begins two days before where a zone skips a day, and a day after where the clock goes back over midnight.
    first, last = wall_time(start, zone).date() - 2 * _DAY, wall_time(end, zone).date() + _DAY
    steps: list[tuple[datetime, bool]] = []
    for opening, closing in sorted(window for each in hours for window in _windows(each, zone, first, last)):
        if steps and opening <= steps[-1][0]:
            steps[-1] = (max(closing, steps[-1][0]), False)
        else:
            steps += (opening, True), (closing, False)
    return steps


def _windows(hours: DutyHours, zone: str, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """The times on duty that begin on a day from `first` to `last`, without those that a clock change swallows."""
    opens, closes = datetime.combine(first, hours.from_), datetime.combine(first, hours.to)
    if closes <= opens:
        closes += _DAY
    for _ in range((last - first).days + 1):
        if opens.weekday() in hours.days:
            opening, closing = to_utc(opens, zone), to_utc(closes, zone)
            if opening < closing:
                yield opening, closing
        opens, closes = opens + _DAY, closes + _DAY

"""Better choices for what is asked before a change is saved. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from oncall.planning.drafts.compare import held
from oncall.planning.questions.before_saving import Changed
from oncall.rosters.errors import Choice
from schedules.rosters.idle import idle_people
from schedules.rosters.layers import Layer
from schedules.rosters.roster import Count, PersonId, Roster, Rotation, duty_spans
from schedules.rosters.rotation import begun_later, handoff, number_near
from schedules.spans import Span
from schedules.wall_clock import to_utc

_OFFERED_AT_MOST: Final = 3
_AROUND: Final = timedelta(days=14)


def best_people(changed: Changed) -> list[Choice]:
    """Who could take the override instead: not away, and in no layer, all through it; whoever has least to do first."""
    whole = changed.subject.override
    if whole is None or whole.end <= changed.now:
        return []
    span = Span(max(whole.start, changed.now), whole.end)
    busy = _busy(changed.before, span) | _busy(changed.after, span)
    free = [person for person in changed.choosable if person not in busy]
    load = held(changed.before, span.start - _AROUND, span.end + _AROUND)
    turns = {
        person
        for layer in changed.after.layers
        for rotation in layer.rotations
        for turn in rotation.turns
        for person in turn
    }
    ordered = sorted(free, key=lambda each: (each not in turns, load.get(each, timedelta()), changed.name(each)))
    return [Choice(f"{changed.name(each)} instead", person_id=int(each)) for each in ordered[:_OFFERED_AT_MOST]]


def _busy(roster: Roster, span: Span) -> set[PersonId]:
    """Who is on call in any layer, or away, at some time of the span."""
    duties = (duty for layer in roster.layers for duty in duty_spans(roster, layer.name, span.start, span.end))
    found = {person for duty in duties for person in (*duty.people, *duty.absent)}
    return found | {each.person for each in roster.time_off if each.start < span.end and span.start < each.end}


def from_now(changed: Changed) -> Iterator[Choice]:
    """An override that has begun in the past may begin now instead."""
    whole = changed.subject.override
    now = changed.now.replace(second=0, microsecond=0)
    if whole is not None and whole.start < now < whole.end:
        yield Choice("Begin now: what is over stays as it was", start=now)


def counting(changed: Changed, layer: Layer) -> Iterator[Choice]:
    """Rotations in which everybody comes on duty, by counting only the days of the layer."""
    helped = {each.place for each in idle_people(layer, changed.zone, changed.now) if each.counted}
    if helped and layer.name == changed.subject.layer:
        rotations = tuple(
            replace(each, count=Count.ACTIVE) if place in helped else each for place, each in enumerate(layer.rotations)
        )
        yield Choice("Count only the days on duty", rotations=rotations)


def from_next_handoff(changed: Changed) -> Iterator[Choice]:
    """The layer's rotations as they were until the next handoff that is wished, and as they are wished from then on."""
    for before, after in changed.rotated:
        if after.name == changed.subject.layer and before.hours == after.hours and len(after.rotations) == 1:
            wished = _from_next(after.rotations[0], changed.zone, changed.now)
            if wished is not None:
                kept = [each for one in before.rotations if (each := _until(one, wished.start)) is not None]
                yield Choice("Begin at the next handoff: until then all stays as it was", rotations=(*kept, wished))


def _from_next(rotation: Rotation, zone: str, now: datetime) -> Rotation | None:
    """The same turns at the same times, but none that has begun; None when none is left, or none has begun.

    None as well when later handoffs would be others, as where a monthly one falls on a shorter month's last day.
    """
    if to_utc(rotation.start, zone) > now:
        return None
    until = None if rotation.until is None else to_utc(rotation.until, zone)
    for number in count(max(0, number_near(rotation, zone, now) - 1)):
        at = handoff(rotation, zone, number)
        if until is not None and at >= until:
            return None
        if at > now:
            return begun_later(rotation, zone, number)
    return None


def _until(rotation: Rotation, at: datetime) -> Rotation | None:
    """As far as `at` (wall clock); None when it would begin after that."""
    if rotation.start >= at:
        return None
    return replace(rotation, until=at if rotation.until is None else min(at, rotation.until))

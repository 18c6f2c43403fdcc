"""What a cover would meet: who is on call in the layer then, who could not take it, and the whole shift. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from schedules.rosters.duty import Why
from schedules.rosters.roster import PersonId, Roster, duty_spans
from schedules.spans import Span

# Longer shifts are told as far as this, on either side.
_AROUND: Final = timedelta(days=62)


@dataclass(frozen=True)
class Met:
    """From `start` to `end` these people are on call; `absent` would be, and are away; or the layer is off duty."""

    span: Span
    people: tuple[PersonId, ...]
    absent: tuple[PersonId, ...]
    on_duty: bool


@dataclass(frozen=True)
class Busy:
    """Somebody who has time off then (`away`; `wholly`: all the time), or is on call in other `layers`."""

    person: PersonId
    away: bool
    wholly: bool
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Covering:
    """What a cover would meet; `shift`: the whole one in which it begins."""

    met: tuple[Met, ...]
    busy: tuple[Busy, ...]
    shift: Span | None


def read_from(span: Span) -> Span:
    """The time of which the roster must be known."""
    return Span(span.start - _AROUND, span.end + _AROUND)


def covering(roster: Roster, layer: str, span: Span, besides: Span | None = None) -> Covering:
    """What a cover of `span` (UTC) in a layer would meet. `besides`: that of the override that is changed by it."""
    kept = tuple(each for each in roster.overrides if (each.layer, each.start, each.end) != _key(layer, besides))
    bare = replace(roster, overrides=kept)
    around = read_from(span)
    met = tuple(_met(bare, layer, span))
    shift = next((each.span for each in _met(bare, layer, around) if each.span.covers(span.start)), None)
    return Covering(met, tuple(_busy(bare, layer, span)), shift)


def _key(layer: str, besides: Span | None) -> tuple[object, ...]:
    return () if besides is None else (layer, besides.start, besides.end)


def _met(roster: Roster, layer: str, span: Span) -> Iterator[Met]:
    for duty in duty_spans(roster, layer, span.start, span.end):
        yield Met(Span(duty.start, duty.end), duty.people, duty.absent, duty.why is not Why.OFF_DUTY)


def _busy(roster: Roster, layer: str, span: Span) -> Iterator[Busy]:
    away: dict[PersonId, timedelta] = {}
    for off in roster.time_off:
        both = span.clip(off.start, off.end)
        if both:
            away[off.person] = away.get(off.person, timedelta()) + both.length
    layers: dict[PersonId, list[str]] = {}
    for other in (each.name for each in roster.layers if each.name != layer):
        duties = duty_spans(roster, other, span.start, span.end)
        for person in dict.fromkeys(person for duty in duties for person in duty.people):
            layers.setdefault(person, []).append(other)
    for person in dict.fromkeys((*away, *layers)):
        yield Busy(person, person in away, away.get(person) == span.length, tuple(layers.get(person, ())))

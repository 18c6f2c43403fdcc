"""How many people stand behind each other at a time: all layers of a roster side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from schedules.rosters.duty import DutySpan, Why
from schedules.rosters.roster import PersonId, Roster, duty_spans

# (start, end, people, whether the layer should have somebody then)
Stretch: TypeAlias = tuple[datetime, datetime, tuple[PersonId, ...], bool]


class Rungs(NamedTuple):
    """From `start` to `end` (UTC, half-open) these people stand in the layers, in ringing order.

    `expected`: how many layers should have somebody; one that is off duty by its hours should not.
    """

    start: datetime
    end: datetime
    layers: tuple[tuple[PersonId, ...], ...]
    expected: int

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Everybody once, in ringing order."""
        return tuple(dict.fromkeys(person for layer in self.layers for person in layer))

    @property
    def is_thin(self) -> bool:
        """One person, and nobody behind, though several layers should have somebody."""
        return self.expected > 1 and len(self.people) == 1

    @property
    def is_doubled(self) -> bool:
        """The only person stands in more than one layer."""
        return len(self.people) == 1 and sum(map(bool, self.layers)) > 1


def stretches(roster: Roster, start: datetime, end: datetime) -> list[list[Stretch]]:
    """Each layer's people from `start` to `end` (UTC)."""
    return [[_stretch(span) for span in duty_spans(roster, each.name, start, end)] for each in roster.layers]


def _stretch(span: DutySpan) -> Stretch:
    return span.start, span.end, span.people, span.why is not Why.OFF_DUTY


def side_by_side(
    layers: Sequence[Sequence[Stretch]], wanted: Callable[[Sequence[Stretch]], bool] = lambda _: True
) -> Iterator[Rungs]:
    """The layers' stretches, which cover one and the same time without holes, cut at the edges of all.

    `wanted`: leaves out what is of no interest, before it costs anything.
    """
    if not layers or not layers[0]:
        return
    places = [0] * len(layers)
    at, end = layers[0][0][0], layers[0][-1][1]
    while at < end:
        now = [layer[place] for layer, place in zip(layers, places, strict=True)]
        until = min(each[1] for each in now)
        if wanted(now):
            yield Rungs(at, until, tuple(each[2] for each in now), sum(each[3] for each in now))
        for number, each in enumerate(now):
            if each[1] == until:
                places[number] += 1
        at = until


def thin(layers: Sequence[Sequence[Stretch]]) -> list[Rungs]:
    """Where one person has nobody behind; those that touch, with the same person, are one."""
    return joined(each for each in side_by_side(layers, _may_be_thin) if each.is_thin) if len(layers) > 1 else []


def _may_be_thin(now: Sequence[Stretch]) -> bool:
    """Most times are not: two layers with somebody else each. A board asks of hundreds."""
    return not (now[0][2] and now[1][2] and now[0][2] != now[1][2]) or len(now[0][2]) + len(now[1][2]) > 2


def joined(found: Iterable[Rungs]) -> list[Rungs]:
    """Stretches that touch and have the same people, as one."""
    kept: list[Rungs] = []
    for each in found:
        last = kept[-1] if kept else None
        if last is not None and last.end == each.start and last.people == each.people:
            kept[-1] = last._replace(end=each.end)
        else:
            kept.append(each)
    return kept

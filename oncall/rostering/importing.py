"""Shifts from elsewhere, compared with what stands in a layer. Plain data and rules: no query, no calendar library."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from oncall.rostering.importing_people import People, PersonUnclearError
from schedules.spans import Span


class ImportRefusedError(Exception):
    """Nothing of the content can be used. Says in a sentence why, and what to do."""


@dataclass(frozen=True)
class Event:
    """One occurrence of a calendar's event (UTC). `line`: where the event stands in the file, from 1.

    `guests` and `organizer` are mail addresses in small letters.
    """

    line: int
    uid: str
    summary: str
    start: datetime
    end: datetime
    guests: tuple[str, ...] = ()
    organizer: str = ""


@dataclass(frozen=True)
class Trouble:
    """An event that is not imported: where it stands, why, and what to do."""

    line: int
    uid: str
    summary: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Reading:
    """What a calendar holds. `outside`: so many events have no occurrence in the time that is imported."""

    events: tuple[Event, ...]
    troubles: tuple[Trouble, ...] = ()
    outside: int = 0
    cancelled: int = 0


@dataclass(frozen=True, order=True)
class Shift:
    """Somebody's shift; `line` says where in the file it came from."""

    span: Span
    person_id: int
    line: int = field(compare=False, default=0)


@dataclass(frozen=True)
class Standing:
    """An override that stands in the layer. `covers`: it replaces the layer's people, and isn't added to them."""

    span: Span
    person_id: int | None
    covers: bool = True
    made_by: str = ""


@dataclass(frozen=True)
class Collision:
    """A shift that can't be put in, and what is in its way."""

    shift: Shift
    standing: Standing


@dataclass(frozen=True)
class Comparison:
    """What an import would do: shifts in the order of time, none of them twice."""

    added: tuple[Shift, ...]
    present: tuple[Shift, ...]
    collisions: tuple[Collision, ...]
    troubles: tuple[Trouble, ...]


def compared(reading: Reading, people: People, standing: Iterable[Standing]) -> Comparison:
    """Turn events into shifts, and tell new ones from those that are there and those that can't be."""
    troubles = list(reading.troubles)
    shifts, events = _shifts(reading.events, people, troubles)
    good = _without_overlaps(shifts, events, people, troubles)
    by_start = sorted(standing, key=lambda each: each.span)
    added, present, collisions = [], [], []
    first = 0
    for shift in good:
        # Neither shifts nor overrides overlap among themselves: what ends before this shift is past for all others.
        while first < len(by_start) and by_start[first].span.end <= shift.span.start:
            first += 1
        other = by_start[first] if first < len(by_start) and by_start[first].span.start < shift.span.end else None
        if other is None:
            added.append(shift)
        elif other.covers and (other.span, other.person_id) == (shift.span, shift.person_id):
            present.append(shift)
        else:
            collisions.append(Collision(shift, other))
    ordered = sorted(set(troubles), key=lambda each: (each.line, each.reason))
    return Comparison(tuple(added), tuple(present), tuple(collisions), tuple(ordered))


def _shifts(events: Iterable[Event], people: People, troubles: list[Trouble]) -> tuple[list[Shift], dict[int, Event]]:
    """Shifts in the order of time, and the event of each line; whose person is unclear is told once a line."""
    shifts: set[Shift] = set()
    by_line: dict[int, Event] = {}
    for (line, summary, guests, organizer), occurrences in groupby(
        events, lambda each: (each.line, each.summary, each.guests, each.organizer)
    ):
        same = list(occurrences)
        by_line[line] = same[0]
        try:
            person = people.find(summary, guests, organizer)
        except PersonUnclearError as error:
            troubles.append(Trouble(line, same[0].uid, summary, error.reason, error.remedy))
            continue
        shifts |= {Shift(Span(each.start, each.end), person.id, line) for each in same}
    return sorted(shifts), by_line


def _without_overlaps(
    shifts: Sequence[Shift], events: dict[int, Event], people: People, troubles: list[Trouble]
) -> list[Shift]:
    """A layer has one shift at a time: of two that overlap neither is taken, as nobody said which is right."""
    bad: dict[Shift, Shift] = {}
    for one, other in _overlapping(shifts):
        bad.setdefault(one, other)
        bad.setdefault(other, one)
    for shift, other in bad.items():
        event = events[shift.line]
        reason = f"It overlaps the event in line {other.line} ({people.names[other.person_id]})."
        remedy = "End one where the other starts, or import the two from two files into two layers."
        if shift.line == other.line:
            reason = "Its repetitions overlap: each lasts longer than the time to the next."
            remedy = "End each before the next begins."
        troubles.append(Trouble(shift.line, event.uid, event.summary, reason, remedy))
    return [shift for shift in shifts if shift not in bad]


def _overlapping(shifts: Sequence[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Each shift with the longest-lasting one before it, if that is not over; `shifts` ascend."""
    last: Shift | None = None
    for shift in shifts:
        if last is not None and shift.span.start < last.span.end:
            yield last, shift
        if last is None or shift.span.end > last.span.end:
            last = shift

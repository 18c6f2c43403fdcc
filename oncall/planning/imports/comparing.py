"""Shifts from elsewhere, compared with what stands in a layer. Plain data and rules: no query, no calendar library."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby

from oncall.planning.imports.people import People, PersonUnclearError, Who
from oncall.planning.imports.source import Origin, Source
from schedules.spans import Span


class ImportRefusedError(Exception):
    """Nothing of the content can be used. Says in a sentence why, and what to do."""


@dataclass(frozen=True)
class Event:
    """One occurrence of a calendar's event (UTC). `line`: where the event stands in the file, from 1.

    `guests` and `organizer` are mail addresses in small letters, `names` and `declined` as in `Who`; `recurrence` as
    in `imports.source`.
    """

    line: int
    uid: str
    summary: str
    start: datetime
    end: datetime
    guests: tuple[str, ...] = ()
    organizer: str = ""
    recurrence: str = ""
    names: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()

    @cached_property
    def who(self) -> Who:
        return Who(self.summary, self.guests, self.organizer, self.names, self.declined)

    @property
    def night(self) -> tuple[str, str]:
        """What it is called in every file of its calendar."""
        return self.uid, self.recurrence

    @cached_property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True)
class Trouble:
    """An event that is not imported: where it stands, why, and what to do. `who`: its person is unclear (`Who.key`)."""

    line: int
    uid: str
    summary: str
    reason: str
    remedy: str = ""
    who: str = ""


@dataclass(frozen=True)
class Reading:
    """What a calendar holds. `outside`: so many events have no occurrence in the time that is imported."""

    events: tuple[Event, ...]
    troubles: tuple[Trouble, ...] = ()
    outside: int = 0
    cancelled: int = 0
    source: Source = field(default_factory=Source)


@dataclass(frozen=True, order=True)
class Shift:
    """Somebody's shift; `line` says where in the file it came from, `night` what it is called there.

    `chosen`: the event names nobody, and somebody chose this person for all that say the same (`Who.key`).
    """

    span: Span
    person_id: int
    line: int = field(compare=False, default=0)
    night: tuple[str, str] = field(compare=False, default=("", ""))
    chosen: str = field(compare=False, default="")


@dataclass(frozen=True)
class Standing:
    """An override that stands in the layer. `covers`: it replaces the layer's people, and isn't added to them.

    `imported`: an import has made it; `origin`: out of which calendar, if that was noted; `name`: the person's.
    """

    span: Span
    person_id: int | None
    covers: bool = True
    made_by: str = ""
    id: int = 0
    imported: bool = False
    origin: Origin | None = None
    name: str = ""


@dataclass(frozen=True)
class Collision:
    """A shift that can't be put in, and what is in its way."""

    shift: Shift
    standing: Standing


@dataclass(frozen=True)
class Unclear:
    """Events whose person is not known, or was chosen: all that say the same. `spans`: when they are, in order."""

    who: str
    summary: str
    reason: str
    remedy: str
    lines: tuple[int, ...]
    spans: tuple[Span, ...]
    person_id: int | None = None
    declined: bool = False


@dataclass(frozen=True)
class Comparison:
    """What an import would do: shifts in the order of time, none of them twice."""

    added: tuple[Shift, ...]
    present: tuple[Shift, ...]
    collisions: tuple[Collision, ...]
    troubles: tuple[Trouble, ...]
    unclear: tuple[Unclear, ...] = ()


@dataclass
class Found:
    """Events as shifts. `unclear` by `Who.key`; `good`: the shifts that can be taken."""

    shifts: list[Shift] = field(default_factory=list)
    good: list[Shift] = field(default_factory=list)
    events: dict[int, Event] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    unclear: dict[str, Unclear] = field(default_factory=dict)


def compared(
    reading: Reading, people: People, standing: Iterable[Standing], chosen: Mapping[str, int] | None = None
) -> Comparison:
    """Turn events into shifts, and tell new ones from those that are there and those that can't be.

    `chosen`: people by `Who.key`, for events that name nobody.
    """
    return beside(found_in(reading, people, chosen or {}), standing)


def found_in(reading: Reading, people: People, chosen: Mapping[str, int]) -> Found:
    """The shifts that a calendar holds."""
    found = Found(troubles=list(reading.troubles))
    _shifts(reading.events, people, chosen, found)
    found.good = _without_overlaps(found, people)
    return found


def beside(found: Found, standing: Iterable[Standing]) -> Comparison:
    """Shifts beside what stands in the layer."""
    by_start = sorted(standing, key=lambda each: each.span)
    added, present, collisions = [], [], []
    first = 0
    for shift in found.good:
        # Neither shifts nor overrides overlap among themselves: what ends before this shift is past for all others.
        while first < len(by_start) and by_start[first].span.end <= shift.span.start:
            first += 1
        other = by_start[first] if first < len(by_start) and by_start[first].span.start < shift.span.end else None
        if other is None:
            added.append(shift)
        elif same(shift, other):
            present.append(shift)
        else:
            collisions.append(Collision(shift, other))
    ordered = sorted(set(found.troubles), key=lambda each: (each.line, each.reason))
    unclear = sorted(found.unclear.values(), key=lambda each: each.lines)
    return Comparison(tuple(added), tuple(present), tuple(collisions), tuple(ordered), tuple(unclear))


def same(shift: Shift, standing: Standing) -> bool:
    """Whether the shift stands already."""
    return standing.covers and (standing.span, standing.person_id) == (shift.span, shift.person_id)


def _shifts(events: Iterable[Event], people: People, chosen: Mapping[str, int], found: Found) -> None:
    """Shifts in the order of time, and the event of each line; whose person is unclear is told once a line."""
    shifts: dict[Shift, Shift] = {}
    unclear: dict[str, list[Event]] = {}
    for (line, who), occurrences in groupby(events, lambda each: (each.line, each.who)):
        same_who = list(occurrences)
        found.events[line] = same_who[0]
        key = ""
        try:
            person_id = people.whose(who).id
        except PersonUnclearError as error:
            key = who.key
            person = chosen.get(key) or None  # 0 is nobody, on purpose
            unclear.setdefault(key, []).extend(same_who)
            if key not in found.unclear:
                found.unclear[key] = Unclear(
                    key, who.summary, error.reason, error.remedy, (), (), person, error.declined
                )
            if person not in people.names:
                reason = (line, same_who[0].uid, who.summary, error.reason, error.remedy, key)
                found.troubles.append(Trouble(*reason))
                continue
            person_id = person
        for each in same_who:
            shift = Shift(each.span, person_id, line, each.night, key)
            shifts.setdefault(shift, shift)
    found.shifts = sorted(shifts)
    for key, alike in unclear.items():
        lines, spans = {each.line for each in alike}, {each.span for each in alike}
        found.unclear[key] = replace(found.unclear[key], lines=tuple(sorted(lines)), spans=tuple(sorted(spans)))


def _without_overlaps(found: Found, people: People) -> list[Shift]:
    """A layer has one shift at a time: of two that overlap neither is taken, as nobody said which is right."""
    bad: dict[Shift, Shift] = {}
    for one, other in _overlapping(found.shifts):
        bad.setdefault(one, other)
        bad.setdefault(other, one)
    for shift, other in bad.items():
        event = found.events[shift.line]
        reason = f"It overlaps the event in line {other.line} ({people.names[other.person_id]})."
        remedy = "End one where the other starts, or import the two from two files into two layers."
        if shift.line == other.line:
            reason = "Its repetitions overlap: each lasts longer than the time to the next."
            remedy = "End each before the next begins."
        found.troubles.append(Trouble(shift.line, event.uid, event.summary, reason, remedy))
    return [shift for shift in found.shifts if shift not in bad]


def _overlapping(shifts: Sequence[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Each shift with the longest-lasting one before it, if that is not over; `shifts` ascend."""
    last: Shift | None = None
    for shift in shifts:
        if last is not None and shift.span.start < last.span.end:
            yield last, shift
        if last is None or shift.span.end > last.span.end:
            last = shift

"""Which shifts of an earlier import the calendar does not have any more. Plain data and rules.

Only what an import has made is looked at, and only if it came from this calendar. A file tells that a night is gone by
saying so, by changing it, or by not having it any more where it has events before and after it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from oncall.planning.imports.comparing import Comparison, Event, Found, Reading, Standing, beside, found_in
from oncall.planning.imports.people import People
from oncall.planning.imports.source import Nights, Origin, Source
from schedules.spans import Span
from schedules.wall_clock import to_utc, wall_time

# What programs call calendars that nobody has named: such a name says nothing.
_GENERIC: Final = frozenset({
    "calendar", "my calendar", "kalender", "calendario", "il mio calendario", "calendrier", "agenda", "home", "work",
    "on call schedule", "on-call schedule", "oncall", "on call", "on-call", "schedule", "untitled",
})  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """What somebody has decided in the preview. `people` by `Who.key`.

    `keep`: shifts that are merely not in the file stay. `also`: those of which the file need not know go, too.
    """

    people: Mapping[str, int] = field(default_factory=dict)
    keep: bool = False
    also: bool = False


@dataclass(frozen=True)
class Removal:
    """A shift that is not in the calendar as it stands. `stated`: the file itself says so, for example by its new time,
    or by having all nights of its event; of a shift that has begun it says nothing by merely not having it.

    `now_of`: whose it is now; `now_at`: when it is now; `declined`, `cancelled`: why there is none.
    """

    standing: Standing
    stated: bool = True
    now_of: int | None = None
    now_at: Span | None = None
    declined: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an import would do. `doubtful`: removed only if somebody says so; `calendar`: what new shifts are put under,
    `calendars`: where earlier ones of it stand.

    `nameless`: shifts that an import made before it was noted where they came from, and that this calendar has.
    """

    comparison: Comparison
    removed: tuple[Removal, ...]
    doubtful: tuple[Removal, ...]
    calendar: str
    calendars: tuple[str, ...] = ()
    nameless: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class Frame:
    """When is now (UTC), which time is imported, and on whose clock."""

    now: datetime
    window: Span
    zone: str


def worked_out(
    reading: Reading, people: People, standing: Sequence[Standing], frame: Frame, choices: Choices
) -> Outcome:
    """What importing would do beside what stands in the layer."""
    before = {each.origin.chosen: each.person_id for each in standing if each.origin and each.origin.chosen}
    known = {who: person for who, person in before.items() if person is not None}
    found = found_in(reading, people, known | dict(choices.people))
    calendars, calendar = _calendars(reading, found, standing)
    search = _Search(reading, found, frame, calendars, standing)
    gone = [removal for each in standing if (removal := search.removal(each))]
    removed = [each for each in gone if search.is_sure(each) and (each.stated or not choices.keep)]
    doubtful = [each for each in gone if not search.is_sure(each) and each.standing.span.end > frame.now]
    leaving = {each.standing.id for each in (*removed, *(doubtful if choices.also else ()))}
    comparison = beside(found, [each for each in standing if each.id not in leaving or not each.id])
    present = {(each.span, each.person_id) for each in comparison.present}
    nameless = [
        each for each in standing if each.imported and not each.origin and (each.span, each.person_id) in present
    ]
    return Outcome(comparison, tuple(removed), tuple(doubtful), calendar, tuple(sorted(calendars)), tuple(nameless))


class _Events:
    """What the file has of each night. Made once: some calendars call all of their events alike."""

    def __init__(self, reading: Reading, found: Found) -> None:
        self._found = found
        self._owners = {(each.span, each.night): each.person_id for each in found.good}
        self._here: dict[tuple[tuple[str, str], Span], list[Event]] = {}
        self._settled: dict[tuple[str, str], Event] = {}
        self.count = Counter(event.night for event in reading.events)
        self.first: dict[str, datetime] = {}
        for event in reading.events:
            self._here.setdefault((event.night, event.span), []).append(event)
            self.first[event.uid] = min(self.first.get(event.uid, event.start), event.start)
            if event.night not in self._settled and (self._owner(event) is not None or self._declined(event)):
                self._settled[event.night] = event

    def here(self, night: tuple[str, str], span: Span) -> Sequence[Event]:
        """Those that are where the shift stands."""
        return self._here.get((night, span), ())

    def changed(self, standing: Standing, events: Iterable[Event]) -> Removal | None:
        """Of a shift whose event is where it stands."""
        for event in events:
            unclear = self._found.unclear.get(event.who.key)
            if unclear and unclear.person_id is None:
                # Until somebody chooses, it stays as it was imported; who declined is on call no longer.
                return Removal(standing, declined=True) if unclear.declined else None
            owner = self._owner(event)
            if owner is not None:
                return Removal(standing, now_of=owner)
        return None

    def is_settled(self, night: tuple[str, str]) -> bool:
        """Whether an event of the night is taken in, or its person declined."""
        return night in self._settled

    def moved(self, standing: Standing, night: tuple[str, str]) -> Removal | None:
        """Gone when it is taken in at its new time, or when its person declined there. Else it stays as imported."""
        event = self._settled.get(night)
        if event is None:
            return None
        if self._owner(event) is not None:
            return Removal(standing, now_at=event.span)
        return Removal(standing, declined=True)

    def _owner(self, event: Event) -> int | None:
        return self._owners.get((event.span, event.night))

    def _declined(self, event: Event) -> bool:
        unclear = self._found.unclear.get(event.who.key)
        return unclear is not None and unclear.person_id is None and unclear.declined


class _Search:
    """Looks for what stands among what the file has."""

    def __init__(
        self,
        reading: Reading,
        found: Found,
        frame: Frame,
        calendars: frozenset[str],
        standing: Iterable[Standing],
    ) -> None:
        self.source, self.frame, self.calendars = reading.source, frame, calendars
        self._shifts = {(each.span, each.person_id) for each in found.good}
        self._events = _Events(reading, found)
        self._cancelled, self._unread = Nights(self.source.cancelled), Nights(self.source.unread)
        self._shared = self._shared_uids(standing)
        self._whole = frozenset(uid for uid in self.source.whole if uid) - self._shared
        self._cover = _cover(reading.source, frame)

    def removal(self, standing: Standing) -> Removal | None:
        """Why it should go, or None."""
        origin, window = standing.origin, self.frame.window
        inside = standing.span.clip(window.start, window.end) is not None
        there = standing.covers and (standing.span, standing.person_id) in self._shifts
        if origin is None or there or not inside:
            return None
        if origin.calendar not in self.calendars:
            return Removal(standing, stated=False) if self._alike(origin.calendar) else None
        return self._of_this_calendar(standing, origin)

    def is_sure(self, removal: Removal) -> bool:
        """Whether the file would have it, if the calendar had it."""
        if removal.stated:
            return True
        origin, span, cover = removal.standing.origin, removal.standing.span, self._cover
        if origin is None or origin.calendar not in self.calendars or cover is None:
            return False
        if origin.uid in self._shared and self.source.partial:
            return False
        # Who is on call now stays: a file of what is to come need not tell of a shift that has begun.
        if self._has_begun(span) and not self._reaches_back(origin.uid, span):
            return False
        return origin.uid in self._whole or cover.start <= span.start < cover.end

    def _of_this_calendar(self, standing: Standing, origin: Origin) -> Removal | None:
        night, shared = (origin.uid, origin.recurrence), origin.uid in self._shared
        if origin.uid and self._events.count[night]:
            here = self._events.here(night, standing.span)
            if here:
                return self._events.changed(standing, here)
            # Of several events under one name nobody can say which of them it has become.
            if not shared or origin.recurrence:
                return self._events.moved(standing, night)
            if not self._events.is_settled(night):
                return None
        if night in self._cancelled:
            # One of those that are called alike is cancelled: this one, if the file does not have it where it should.
            one_of_many = shared and self._cancelled.has_all_of(origin.uid)
            return Removal(standing, stated=not one_of_many, cancelled=not one_of_many)
        if night in self._unread or (self.source.partial and origin.uid not in self._whole):
            return None
        return Removal(standing, stated=origin.uid in self._whole and not self._has_begun(standing.span))

    def _has_begun(self, span: Span) -> bool:
        return span.start <= self.frame.now

    def _reaches_back(self, uid: str, span: Span) -> bool:
        """Whether the file tells of the time of what has begun; a series by itself, whatever else there is."""
        if uid in self._whole:
            first = self._events.first.get(uid)
            return first is not None and first < span.end and first <= self.frame.now
        return self.source.first is not None and self.source.first <= span.start

    def _shared_uids(self, standing: Iterable[Standing]) -> frozenset[str]:
        """UIDs that several events have: of such a UID no file says that it has all nights."""
        once = Counter(
            each.origin.uid
            for each in standing
            if each.origin and not each.origin.recurrence and each.origin.calendar in self.calendars
        )
        alone = Counter({uid: number for (uid, at), number in self._events.count.items() if not at})
        counted = (Counter(self.source.whole), once, alone)
        return frozenset(uid for each in counted for uid, number in each.items() if number > 1 and uid)

    def _alike(self, calendar: str) -> bool:
        """Whether another calendar is called the same, by a name that many have."""
        name = self.source.name.strip().casefold()
        return bool(name) and not self.source.partial and calendar.startswith(f"{name}#")


def _calendars(reading: Reading, found: Found, standing: Iterable[Standing]) -> tuple[frozenset[str], str]:
    """The names under which shifts of this calendar stand in the layer, and the one for new shifts."""
    source = reading.source
    own = _own_name(source)
    origins = [(each, each.origin) for each in standing if each.origin]
    if own and any(origin.calendar == own for _, origin in origins):
        return frozenset({own}), own
    uids = {uid for uid in (*(each.uid for each in reading.events), *source.whole, *_uids(source)) if uid}
    shifts = {(each.span, each.person_id) for each in found.good}
    shared = {origin.calendar for _, origin in origins if origin.uid in uids}
    # Some calendars give their events new UIDs each time. One shift in common is chance, most of them are not.
    by_name: dict[str, list[bool]] = {}
    for each, origin in origins:
        by_name.setdefault(origin.calendar, []).append(each.covers and (each.span, each.person_id) in shifts)
    shared |= {name for name, same in by_name.items() if sum(same) > len(same) / 2 and (own or "#" in name)}
    if own:
        return frozenset({own, *shared}), own
    first = hashlib.sha256(repr(sorted(uids)).encode()).hexdigest()[:12]
    name = source.name.strip().casefold()
    return frozenset(shared), min(shared, default=f"{name}#{first}")


def _own_name(source: Source) -> str:
    name = source.name.strip().casefold()
    if source.mark:
        return f"{name}={source.mark}"
    return "" if not name or name in _GENERIC else name


def _uids(source: Source) -> Iterable[str]:
    return (uid for uid, _ in (*source.cancelled, *source.unread))


def _cover(source: Source, frame: Frame) -> Span | None:
    """The time of which the file tells all: from its first event to its last, and the rest of those months to come."""
    if source.first is None or source.last is None:
        return None
    first, last = _month(source.first, frame.zone), _month(source.last, frame.zone)
    start = min(source.first, max(first.start, frame.now))
    return Span(start, last.end)


def _month(at: datetime, zone: str) -> Span:
    day = wall_time(at, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (day + timedelta(days=32)).replace(day=1)
    return Span(to_utc(day, zone), to_utc(after, zone))


def origin_of(calendar: str, night: tuple[str, str], chosen: str) -> Origin:
    """What a new shift is to remember."""
    return Origin(calendar, night[0], night[1], chosen)

"""What a calendar feed has to say: one entry for each person's part of a layer's duty, as the engine sees it.

A shift that somebody else covers is not in its former holder's calendar. Entries carry instants in UTC, so that no
calendar has to know the roster's clock changes, and titles that an import into a layer understands.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed
from oncall.models.rosters import RosterLayer
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.on_call import reason
from oncall.rosters.reading import read_rosters
from schedules.rosters.roster import DutySpan, Roster, duty_spans
from schedules.spans import Span

# Of characters: an import reads no more of a title.
_LONGEST_TITLE: Final = 200
# Brackets within the last ones would hide where the name ends.
_NO_BRACKETS: Final = str.maketrans("()", "[]")


@dataclass(frozen=True)
class Entry:
    """One event: instants in UTC, or whole days. `roster`: the name of the one that it tells of, or empty."""

    uid: str
    roster: str
    start: date
    end: date
    summary: str
    description: str

    @cached_property
    def digest(self) -> bytes:
        """Of all that it says: a calendar has to be told when this is another."""
        said = (self.start.isoformat(), self.end.isoformat(), self.summary, self.description)
        return hashlib.sha256(repr(said).encode()).digest()[:16]

    @property
    def ends_at(self) -> datetime:
        """Its end in UTC."""
        return self.end if isinstance(self.end, datetime) else datetime.combine(self.end, time(), UTC)


def entries(
    session: Session, feed: CalendarFeed, people: Mapping[int, Person], window: Span, today: date
) -> list[Entry]:
    """The feed's entries that touch the window; what can't be told stands there as a whole day `today`.

    `people`: all by id, also who has left.
    """
    layer = None if feed.layer_id is None else session.get(RosterLayer, feed.layer_id)
    if feed.layer_id is not None and (layer is None or layer.roster_id != feed.roster_id):
        return [_gone_layer(feed, today)]
    roster = feed.roster.name if feed.roster else None
    read = read_rosters(session, window.start, window.end, name=roster, history=True)
    found: list[Entry] = []
    bad = list(read.bad)
    for each in read.rosters:
        wanted = _Wanted(feed.person_id, None if layer is None else layer.name, window)
        shifts = answered(each, lambda one, wanted=wanted: list(_shifts(one, wanted)))  # type: ignore[misc]
        if isinstance(shifts, BadRoster):
            bad.append(shifts)
            continue
        found += (_entry(each, shift, people) for shift in shifts)
    return found + [_fault(each, today) for each in bad]


@dataclass(frozen=True)
class _Wanted:
    """Whose shifts, of which layer (None: everybody's, of all), and when."""

    person_id: int | None
    layer: str | None
    window: Span


@dataclass(frozen=True)
class _Shift:
    """One person's part of a layer's duty; None: whoever should do it has left."""

    layer: str
    person_id: int | None
    duty: DutySpan


def _shifts(roster: Roster, wanted: _Wanted) -> Iterator[_Shift]:
    left = {each.person for each in roster.departures}
    for layer in roster.layers:
        if wanted.layer not in (None, layer.name):
            continue
        for duty in duty_spans(roster, layer.name, wanted.window.start, wanted.window.end):
            theirs = (each for each in duty.people if wanted.person_id in (None, each))
            yield from (_Shift(layer.name, int(each), duty) for each in theirs)
            if wanted.person_id is None and not duty.people and left.intersection(duty.absent):
                yield _Shift(layer.name, None, duty)


def _entry(roster: Roster, shift: _Shift, people: Mapping[int, Person]) -> Entry:
    duty, name = shift.duty, "nobody" if shift.person_id is None else people[shift.person_id].name
    others = [people[int(each)].name for each in duty.people if each != shift.person_id]
    away = [people[int(each)] for each in duty.absent]
    lines = [reason(duty, away, roster.time_zone), *([f"with {', '.join(others)}"] if others else [])]
    # The same shift keeps its name in the calendar, whatever else changes.
    uid = _uid(roster.name, shift.layer, shift.person_id, duty.start.isoformat())
    summary = _summary(name, f"{roster.name}, {shift.layer}")
    return Entry(uid, roster.name, duty.start, duty.end, summary, "\n".join(lines))


def _summary(name: str, about: str) -> str:
    """Short enough, and with one pair of brackets, so that it can be read back."""
    beginning = f"On call: {name}"
    room = max(_LONGEST_TITLE - len(beginning) - 3, 1)
    about = about.translate(_NO_BRACKETS)
    return f"{beginning} ({about if len(about) <= room else about[: room - 1] + '…'})"


def _fault(bad: BadRoster, today: date) -> Entry:
    """A whole day that says that shifts are missing: an empty calendar would say that nobody has any."""
    words = f"The roster {bad.name} can't be worked out: ask those in charge who is on call"
    return Entry(_uid(bad.name, "fault"), bad.name, today, today + timedelta(days=1), words, bad.reason)


def _gone_layer(feed: CalendarFeed, today: date) -> Entry:
    roster = feed.roster.name if feed.roster else ""
    words = f"This calendar's layer of the roster {roster} is not there any more: create another calendar link"
    uid = _uid(roster, feed.layer_id, "gone")
    return Entry(uid, roster, today, today + timedelta(days=1), words, "Nobody's shifts are shown here.")


def _uid(*own: object) -> str:
    """A name of its own for whatever has these parts; a slash in one of them parts nothing."""
    parts = (str(each).replace("%", "%25").replace("/", "%2F") for each in own)
    return f"{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:32]}@nightline"

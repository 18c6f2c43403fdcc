"""A calendar feed as an iCalendar document.

What it shows is what the engine says: a shift that somebody else covers is not in its former holder's calendar. Events
carry instants in UTC, so that no calendar has to know the roster's clock changes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.bad_rosters import BadRoster, answered
from oncall.people import Person
from oncall.roster_reading import read_rosters
from oncall.rostering.models import CalendarFeed
from oncall.who import reason
from schedules.roster import DutySpan, Roster, duty_spans

# Whole months: a shift without end is cut there, and keeps its beginning, and so its name, for a month at least.
MONTHS_BEHIND: Final = 2
MONTHS_AHEAD: Final = 7
# How often calendars should look again; how often they do is theirs to decide.
_REFRESH: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class _Shift:
    """One person's part of a layer's duty; None: whoever should do it has left."""

    layer: str
    person_id: int | None
    duty: DutySpan


def calendar(session: Session, feed: CalendarFeed, now: datetime) -> bytes:
    """The feed's shifts from two months ago to half a year ahead, and more."""
    start, end = _month(now, -MONTHS_BEHIND), _month(now, MONTHS_AHEAD)
    read = read_rosters(session, start, end, name=feed.roster.name if feed.roster else None, history=True)
    people = {person.id: person for person in session.scalars(select(Person))}
    name = f"On call: {feed.person.name if feed.person else feed.roster.name if feed.roster else ''}"
    whole = _calendar(name)
    bad = list(read.bad)
    for roster in read.rosters:
        shifts = answered(roster, lambda each: list(_shifts(each, feed.person_id, start, end)))
        if isinstance(shifts, BadRoster):
            bad.append(shifts)
            continue
        for shift in shifts:
            whole.add_component(_event(roster, shift, people, now))
    for each in bad:
        whole.add_component(_fault(each, now))
    return bytes(whole.to_ical())


def _month(now: datetime, ahead: int) -> datetime:
    """The beginning (UTC) of the month so many months from now."""
    year, month = divmod(now.year * 12 + now.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _shifts(roster: Roster, person_id: int | None, start: datetime, end: datetime) -> Iterator[_Shift]:
    left = {each.person for each in roster.departures}
    for layer in roster.layers:
        for duty in duty_spans(roster, layer.name, start, end):
            yield from (_Shift(layer.name, int(each), duty) for each in duty.people if person_id in (None, each))
            if person_id is None and not duty.people and left.intersection(duty.absent):
                yield _Shift(layer.name, None, duty)


def _calendar(name: str) -> Calendar:
    whole = Calendar()
    whole.add("prodid", "-//Nightline//On call//EN")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    whole.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", _REFRESH)
    return whole


def _event(roster: Roster, shift: _Shift, people: dict[int, Person], now: datetime) -> Event:
    duty, name = shift.duty, "nobody" if shift.person_id is None else people[shift.person_id].name
    others = [people[int(each)].name for each in duty.people if each != shift.person_id]
    away = [people[int(each)] for each in duty.absent]
    lines = [reason(duty, away, roster.time_zone), *([f"with {', '.join(others)}"] if others else [])]
    # The same shift keeps its name in the calendar, whatever else changes.
    event = _named(f"{roster.name}/{shift.layer}/{shift.person_id}/{duty.start.isoformat()}")
    event.add("dtstamp", now)
    event.add("dtstart", duty.start)
    event.add("dtend", duty.end)
    event.add("summary", f"On call: {name} ({roster.name}, {shift.layer})")
    event.add("description", "\n".join(lines))
    event.add("transp", "TRANSPARENT")
    return event


def _fault(bad: BadRoster, now: datetime) -> Event:
    """A whole day that says that shifts are missing: an empty calendar would say that nobody has any."""
    event = _named(f"{bad.name}/fault")
    event.add("dtstamp", now)
    event.add("dtstart", now.date())
    event.add("dtend", now.date() + timedelta(days=1))
    event.add("summary", f"The roster {bad.name} can't be worked out: ask those in charge who is on call")
    event.add("description", bad.reason)
    event.add("transp", "TRANSPARENT")
    return event


def _named(own: str) -> Event:
    event = Event()
    event.add("uid", f"{hashlib.sha256(own.encode()).hexdigest()[:32]}@nightline")
    return event

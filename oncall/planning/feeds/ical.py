"""A calendar feed as an iCalendar document: the same bytes for as long as nothing that it shows has changed."""

from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed
from oncall.planning.feeds.addresses import title
from oncall.planning.feeds.entries import Entry, entries
from oncall.planning.feeds.marks import Mark, keep, marks
from schedules.spans import Span

# Whole months: a shift without end is cut there, and keeps its beginning, and so its name, for a month at least.
MONTHS_BEHIND: Final = 2
MONTHS_AHEAD: Final = 7
# How often calendars should look again; how often they do is theirs to decide.
_REFRESH: Final = timedelta(minutes=30)
_REFRESH_WRITTEN: Final = "PT30M"


def calendar(session: Session, feed: CalendarFeed, now: datetime) -> bytes:
    """The feed's shifts from two months ago to half a year ahead, and more.

    What its events say now is written down, if that can be done at once, so that later changes can be told.
    """
    window = Span(_month(now, -MONTHS_BEHIND), _month(now, MONTHS_AHEAD))
    people = {person.id: person for person in session.scalars(select(Person))}
    found = entries(session, feed, people, window, now.date())
    known = marks(session, found, _month(now, 0))
    whole = _calendar(title(session, feed))
    for entry in found:
        whole.add_component(_event(entry, known.by_uid[entry.uid]))
    document = bytes(whole.to_ical())
    keep(session, known, window.start)
    return document


def _month(now: datetime, ahead: int) -> datetime:
    """The beginning (UTC) of the month so many months from now."""
    year, month = divmod(now.year * 12 + now.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _calendar(name: str) -> Calendar:
    whole = Calendar()
    whole.add("prodid", "-//Nightline//On call//EN")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    whole.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    # The same for Outlook. Of names with X- the library does not know the type: given a duration, it writes 0:30:00.
    whole.add("x-published-ttl", _REFRESH_WRITTEN)
    return whole


def _event(entry: Entry, mark: Mark) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", mark.changed_at)
    event.add("last-modified", mark.changed_at)
    event.add("sequence", mark.sequence)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("transp", "TRANSPARENT")
    return event

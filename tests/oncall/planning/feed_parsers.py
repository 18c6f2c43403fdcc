"""Two readers of calendars that know nothing of each other: what stands in a feed is what both of them find."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


@dataclass(frozen=True, order=True)
class Seen:
    """An event as a calendar sees it; instants in UTC, or days."""

    start: date
    end: date
    summary: str
    uid: str
    sequence: int
    stamp: datetime
    modified: datetime


def parsed(document: bytes) -> list[Seen]:
    """The events in the order of time. Raises AssertionError where the two readers differ."""
    one, other = sorted(_by_icalendar(document)), sorted(_by_ical(document))
    assert one == other
    assert len({each.uid for each in one}) == len(one)
    return one


def lines(document: bytes) -> list[str]:
    """As they stand there, unfolded."""
    return document.decode().replace("\r\n ", "").split("\r\n")


def _by_icalendar(document: bytes) -> list[Seen]:
    return [
        Seen(
            each.decoded("dtstart"),
            each.decoded("dtend"),
            str(each["summary"]),
            str(each["uid"]),
            each.decoded("sequence"),
            each.decoded("dtstamp"),
            each.decoded("last-modified"),
        )
        for each in Calendar.from_ical(document).walk("VEVENT")
    ]


def _by_ical(document: bytes) -> list[Seen]:
    found = []
    for each in IcsCalendarStream.calendar_from_ics(document.decode()).events:
        start, end, modified = each.dtstart, each.dtend, each.last_modified
        assert start is not None
        assert end is not None
        assert isinstance(modified, datetime)
        assert isinstance(each.dtstamp, datetime)
        times = (_utc(start), _utc(end))
        found.append(Seen(*times, each.summary or "", each.uid or "", each.sequence or 0, each.dtstamp, modified))
    return found


def _utc(at: date) -> date:
    return at.astimezone(UTC) if isinstance(at, datetime) else at

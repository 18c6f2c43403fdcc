"""One event's text as the calendar library reads it, and its times as instants."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from icalendar import Event

from oncall.planning.imports.ical.rules import EventError, check_times
from oncall.planning.imports.ical.text import Block
from schedules.wall_clock import to_utc, wall_time

_LONGEST_TITLE: Final = 200
_DAYS: Final = re.compile(r"\+?P(?:(\d+)W)?(?:(\d+)D)?")
_LAST_MOMENT: Final = time(23, 59, 59)
_NEEDED: Final = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "RECURRENCE-ID"})
# These are read from the lines themselves: one that is broken must not cost the event.
_READ_ELSEWHERE: Final = ("ATTENDEE", "ORGANIZER", "STATUS", "SEQUENCE")


def title(block: Block) -> str:
    """As it stands in the file, for events that can't be read."""
    text = next((line.partition(":")[2] for line in block.named("SUMMARY")), "")
    return text.replace("\\,", ",").replace("\\;", ";")[:_LONGEST_TITLE].strip()


def parsed(block: Block) -> Event:
    """Raises EventError, and whatever the library does."""
    needed = [line for line in block.lines if not line.upper().startswith(_READ_ELSEWHERE)]
    needed.insert(1, f"SEQUENCE:{block.sequence}")
    event = Event.from_ical("\r\n".join(needed) + "\r\n")
    if not isinstance(event, Event):
        raise EventError("It can't be read.", "Export it again.", block)
    for name, words in event.errors:
        if name in _NEEDED:
            raise EventError(f"Its {name} can't be read ({words}).", "Correct it in the calendar.", block)
    check_times(event, block)
    return event


def mend_until(event: Event, zone: str) -> None:
    """The end of a rule on the clock of its event: a day means all of it, an hour without a zone is local.

    The library wants UTC for an event with a zone, and a local hour for one without.
    """
    start, rule = dt(event, "DTSTART"), event.get("RRULE")
    until = (rule.get("UNTIL") or [None])[0] if rule else None
    if until is None or not isinstance(start, datetime):
        return
    last = until if isinstance(until, datetime) else datetime.combine(until, _LAST_MOMENT)
    if start.tzinfo is None:
        mended = last if last.tzinfo is None else wall_time(last.astimezone(UTC), zone)
    else:
        local = last.replace(tzinfo=start.tzinfo) if last.tzinfo is None else last
        mended = local.astimezone(UTC)
    rule["UNTIL"] = [mended]


def exact_seconds(block: Block, event: Event) -> int:
    """Of a DURATION the hours, minutes and seconds: they are real ones, while its days end by the clock."""
    days = _DAYS.match("".join(block.values("DURATION")).upper())
    if days is None:
        return 0
    weeks, single = (int(number or 0) for number in days.groups())
    return int((dt(event, "DURATION") - timedelta(weeks=weeks, days=single)).total_seconds())


def instant(at: date, zone: str) -> datetime:
    """A whole day begins at midnight; without a zone it is the roster's clock."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time())
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def dt(event: Event, name: str) -> Any:
    """The date or time of a property."""
    return getattr(event[name], "dt", None)

"""Reads an iCal file into the occurrences of its events, in UTC.

Runs in a process of its own (`importing_child`): the calendar libraries and whatever a file makes them do are gone from
memory afterwards, and a file that takes too long can be stopped. Hence nothing here asks the database.

Local times are read as `schedules.wall_clock` says; those without a zone and whole days are the roster's. A repeated
event keeps its wall-clock beginning and end across clock changes, as all calendars show it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Event

from oncall.rostering import importing
from oncall.rostering.importing import ImportRefusedError, Reading, Trouble
from oncall.rostering.importing_patience import TOO_LONG, Patience, TooLongError
from oncall.rostering.importing_rules import EventError, check, check_times, check_years
from oncall.rostering.importing_text import Block, split
from schedules.spans import Span
from schedules.wall_clock import to_utc

MOST_SHIFTS: Final = 2000
# Of CPU time: for one event's repetitions, and for all of them.
_FOR_ONE: Final = 0.3
_FOR_ALL: Final = 3.0
_MOST_ENDLESS: Final = 2
_LONGEST: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)
_LONGEST_TITLE: Final = 200
_DAYS: Final = re.compile(r"\+?P(?:(\d+)W)?(?:(\d+)D)?")
_DATE: Final = re.compile(r"\d{8}")


def read(content: bytes, zone: str, window: Span) -> Reading:
    """The occurrences that touch the window, on a roster's clock `zone`.

    Raises ImportRefusedError when there is nothing to be had from the file.
    """
    parts = split(content)
    if not parts.events:
        raise ImportRefusedError("There is no event in this file: choose another calendar, or other months.")
    found = _Found(zone, window, Patience(_FOR_ALL))
    for block in parts.zones:
        _know_zone(block, found.patience)
    for group in _groups(parts.events):
        found.take(group)
    return Reading(tuple(found.events), tuple(found.troubles), found.outside, found.cancelled)


class _Found:
    """Collects what the events give."""

    def __init__(self, zone: str, window: Span, patience: Patience) -> None:
        self.zone, self.window, self.patience = zone, window, patience
        self.events: list[importing.Event] = []
        self.troubles: list[Trouble] = []
        self.outside = 0
        self.cancelled = 0
        self.endless = 0

    def take(self, group: Sequence[Block]) -> None:
        """The occurrences of an event, with its exceptions, or why there are none."""
        first = group[0]
        try:
            for block in group:
                check_years(block)
            if len(group) == 1 and self._surely_outside(first):
                self.outside += 1
                return
            with self.patience.at_most(_FOR_ONE):
                found = list(self._occurrences(group))
        except EventError as error:
            self._trouble(error.block or first, error.reason, error.remedy)
        except TooLongError:
            self.endless += 1
            if self.endless > _MOST_ENDLESS:
                raise ImportRefusedError(TOO_LONG) from None
            self._trouble(
                first, "Its repetitions take too long to work out.", "Write a simpler rule, or single events."
            )
        except ImportRefusedError:
            raise
        except Exception:  # noqa: BLE001 - the libraries fail in many ways, each on this event alone
            what = "Its rule of repetition (RRULE)" if first.values("RRULE") else "It"
            self._trouble(first, f"{what} can't be understood.", "Make it anew in the calendar, and export it again.")
        else:
            self._keep(found)

    def _keep(self, found: list[importing.Event | None]) -> None:
        events = [event for event in found if event is not None]
        self.cancelled += len(found) - len(events)
        self.outside += not found
        self.events += events
        if len(self.events) > MOST_SHIFTS:
            raise ImportRefusedError(
                f"These are more than {MOST_SHIFTS:,} shifts: export fewer months, or one calendar at a time."
            )

    def _occurrences(self, group: Sequence[Block]) -> Iterator[importing.Event | None]:
        """None stands for a cancelled one."""
        calendar = Calendar()
        for block in group:
            check(block)
            event = _parsed(block)
            event["X-NIGHTLINE-LINE"] = str(block.line)
            event["X-NIGHTLINE-EXACT"] = str(_exact_seconds(block, event))
            calendar.add_component(event)
        wide = self.window.start - _DAY, self.window.end + _DAY
        for event in recurring_ical_events.of(calendar).between(*wide):
            span = self._span(event, group[0])
            if span.clip(self.window.start, self.window.end) is None:
                continue
            yield None if str(event.get("STATUS", "")).upper() == "CANCELLED" else _plain(event, span)

    def _span(self, event: Event, block: Block) -> Span:
        exact = timedelta(seconds=int(str(event["X-NIGHTLINE-EXACT"])))
        start = _instant(_dt(event, "DTSTART"), self.zone)
        end = _instant(_dt(event, "DTEND") - exact, self.zone) + exact
        if end <= start:
            raise EventError("It does not end after it begins.", "Correct its end.", block)
        if end - start > _LONGEST:
            raise EventError("It lasts longer than 400 days.", "Correct its end, or use a rotation.", block)
        return Span(start, end)

    def _surely_outside(self, block: Block) -> bool:
        """Whether its date alone says so; many calendars keep years of history, and reading takes its time."""
        if any(block.values(name) for name in ("RRULE", "RDATE", "EXRULE")):
            return False
        days = [_DATE.match(value) for name in ("DTSTART", "DTEND") for value in block.values(name)]
        try:
            read = [datetime.strptime(day.group(), "%Y%m%d").replace(tzinfo=UTC) for day in days if day]
        except ValueError:
            return False
        if len(read) < 2 or len(read) < len(days):
            return False
        return max(read) < self.window.start - 2 * _DAY or min(read) > self.window.end + 2 * _DAY

    def _trouble(self, block: Block, reason: str, remedy: str) -> None:
        self.troubles.append(Trouble(block.line, block.uid[:_LONGEST_TITLE], _title(block), reason, remedy))


def _know_zone(block: Block, patience: Patience) -> None:
    """Make a zone known that the file itself describes; an event in one that can't be read will say so."""
    try:
        with patience.at_most(_FOR_ONE):
            Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{block.text}END:VCALENDAR\r\n")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, TooLongError):
        return


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Events with the exceptions from their repetitions, which have the same UID."""
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(block.uid or f"line {block.line}", []).append(block)
    for group in groups.values():
        exceptions = [block for block in group if block.values("RECURRENCE-ID")]
        masters = [block for block in group if not block.values("RECURRENCE-ID")]
        newest = max((_sequence(block) for block in masters), default=0)
        masters = [block for block in masters if _sequence(block) == newest]
        yield masters[:1] + exceptions
        yield from ([block] for block in masters[1:])


def _sequence(block: Block) -> int:
    number = "".join(block.values("SEQUENCE")[:1])
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _parsed(block: Block) -> Event:
    event = Event.from_ical(block.text)
    if not isinstance(event, Event):
        raise EventError("It can't be read.", "Export it again.", block)
    if event.errors:
        name, words = event.errors[0]
        raise EventError(f"Its {name} can't be read ({words}).", "Correct it in the calendar.", block)
    check_times(event, block)
    return event


def _exact_seconds(block: Block, event: Event) -> int:
    """Of a DURATION the hours, minutes and seconds: they are real ones, while its days end by the clock."""
    days = _DAYS.match("".join(block.values("DURATION")).upper())
    if days is None:
        return 0
    weeks, single = (int(number or 0) for number in days.groups())
    return int((_dt(event, "DURATION") - timedelta(weeks=weeks, days=single)).total_seconds())


def _instant(at: date, zone: str) -> datetime:
    """A whole day begins at midnight; without a zone it is the roster's clock."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time())
    return to_utc(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _plain(event: Event, span: Span) -> importing.Event:
    guests = tuple(mail for each in _all(event, "ATTENDEE") if (mail := _mail(each)))
    organizer = next((_mail(each) for each in _all(event, "ORGANIZER")), "")
    title = next((str(each) for each in _all(event, "SUMMARY")), "")
    line, uid = int(str(event["X-NIGHTLINE-LINE"])), str(event.get("UID", ""))
    return importing.Event(line, uid, title[:_LONGEST_TITLE], span.start, span.end, guests, organizer)


def _dt(event: Event, name: str) -> Any:
    return getattr(event[name], "dt", None)


def _all(event: Event, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _mail(value: Any) -> str:
    address = str(value).strip().casefold()
    return address.removeprefix("mailto:") if address.startswith("mailto:") else ""


def _title(block: Block) -> str:
    """As it stands in the file, for the event can't be read."""
    title = next((line.partition(":")[2] for line in block.lines if line.upper().startswith("SUMMARY")), "")
    return title.replace("\\,", ",").replace("\\;", ";")[:_LONGEST_TITLE].strip()

"""One event of an iCal file with its repetitions and the exceptions from them.

What can't be read, or is cancelled, is left out alone: each such exception still takes its night out of the series, and
the rest is imported.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Event

from oncall.planning.imports.ical.guests import Guests, guests_of
from oncall.planning.imports.ical.parsing import dt, exact_seconds, instant, mend_until, parsed, title
from oncall.planning.imports.ical.rules import EventError, check, check_times, check_years
from oncall.planning.imports.ical.text import Block
from oncall.planning.imports.ical.zones import day_named, tidied
from oncall.planning.imports.source import ALL_NIGHTS, AND_LATER, UNTIL
from schedules.spans import Span
from schedules.wall_clock import to_utc

# Of CPU time, for the repetitions of one event.
ONE_EVENT_S: Final = 0.3
_LONGEST: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)
_THE_REST: Final = " The rest of its series is imported."
# Outlook and others write it before the titles of meetings that were called off.
_CALLED_OFF: Final = re.compile(r"\s*(?:cancell?ed|annullat[oa]|abgesagt|annulée?|cancelad[oa])\s*:", re.IGNORECASE)
_EXPORT_AGAIN: Final = "Make it anew in the calendar, and export it again."


@dataclass(frozen=True)
class Group:
    """The event, if the file has it, and the exceptions from its repetitions. `older`: what the event has replaced."""

    uid: str
    master: Block | None
    exceptions: tuple[Block, ...]
    older: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Night:
    """One occurrence (UTC). `recurrence`: as in `imports.source`."""

    line: int
    title: str
    start: datetime
    end: datetime
    recurrence: str
    guests: Guests


class Series:
    """Collects what is cancelled, unread and wrong while `nights` works the repetitions out."""

    def __init__(self, group: Group, zone: str, window: Span, own_zones: Collection[str]) -> None:
        self.uid, self.group, self.zone, self.window = group.uid, group, zone, window
        self.troubles: list[tuple[Block, str, str]] = []
        self.cancelled: list[tuple[str, str]] = []
        self.unread: list[tuple[str, str]] = []
        self.cancelled_inside = 0
        self.reach: list[tuple[datetime, datetime]] = []
        self._own_zones = own_zones
        self._blocks: dict[int, Block] = {}
        self._guests: dict[int, Guests] = {}
        self._recurrences: dict[int, tuple[datetime | None, str]] = {}
        self._events: list[Event] = []
        self._master_read = self._master_cancelled = False
        self._repeats = bool(group.exceptions) or group.master is None
        if group.master:
            self._take_master(group.master)
        for block in self._newest(group.exceptions):
            self._take_exception(block)

    @property
    def repeats(self) -> bool:
        """Whether there is a rule of repetition."""
        return bool(self.group.master and self.group.master.values("RRULE"))

    @property
    def is_whole(self) -> bool:
        """Whether all nights of this event are known."""
        return (self._master_read or self._master_cancelled) and (self.uid, ALL_NIGHTS) not in self.unread

    def fail(self, reason: str, remedy: str) -> None:
        """It can't be worked out."""
        block = self.group.master if self._master_read and self.group.master else next(iter(self._blocks.values()))
        self._tell(block, reason + (self._others() if self._master_read else ""), remedy)
        self.unread.append((self.uid, ALL_NIGHTS))

    def give_up_master(self) -> None:
        """Work with the exceptions alone from here on."""
        self._master_read = False
        self._events = [event for event in self._events if "RECURRENCE-ID" in event] if self._events else []

    def nights(self) -> Iterator[Night]:
        """The occurrences that touch the window. Raises whatever the libraries do."""
        if not self._events:
            return
        calendar = Calendar()
        for event in self._events:
            calendar.add_component(event)
        wide = self.window.start - _DAY, self.window.end + _DAY
        for event in recurring_ical_events.of(calendar).between(*wide):
            if "X-NIGHTLINE-VOID" in event:
                continue
            block = self._blocks[int(str(event["X-NIGHTLINE-LINE"]))]
            try:
                span = self._span(event)
            except EventError as error:
                rest = _THE_REST if block is not self.group.master else ""
                self._tell_once(block, error.reason + rest, error.remedy)
                self.unread.append((self.uid, self._recurrence(event, block)))
                continue
            if span.clip(self.window.start, self.window.end) is not None:
                yield self._night(event, block, span)

    def _take_master(self, block: Block) -> None:
        if self._is_cancelled(block):
            self._master_cancelled = True
            self.cancelled.append((self.uid, ALL_NIGHTS))
            for each in (block, *self.group.exceptions):
                self._count_cancelled(each, "DTSTART")
            return
        event = self._read(block, self._others())
        if event is None:
            self.unread.append((self.uid, ALL_NIGHTS))
            return
        self._master_read = True
        self._repeats |= any(name in event for name in ("RRULE", "RDATE"))
        start = instant(dt(event, "DTSTART"), self.zone)
        rule = event.get("RRULE", {})
        endless = "RRULE" in event and "UNTIL" not in rule and "COUNT" not in rule
        self.reach.append((start, max(start, self.window.end) if endless else start))

    def _newest(self, exceptions: Sequence[Block]) -> list[Block]:
        """Of several about one night the one that was revised last; of a cancelled series none is left."""
        if self._master_cancelled:
            return []
        newest: dict[str, Block] = {}
        for block in exceptions:
            moment, _ = self._recurrence_of(block)
            night = _name(moment, block) if moment else f"line {block.line}"
            before = newest.get(night)
            rank = (block.sequence, self._is_cancelled(block))
            if before is None or rank >= (before.sequence, self._is_cancelled(before)):
                newest[night] = block
        return list(newest.values())

    def _take_exception(self, block: Block) -> None:
        moment, line = self._recurrence_of(block)
        if self._is_cancelled(block):
            if moment is None:
                self._tell(block, "Which night it cancels can't be read.", _EXPORT_AGAIN)
                return
            self.cancelled.append((self.uid, self._day_or_night(moment, block)))
            self._count_cancelled(block, "RECURRENCE-ID")
            self._void(block, line)
            return
        if moment is None:
            self.unread.append((self.uid, ALL_NIGHTS))
            self._tell(block, "Which night of its series it changes can't be read: the series is imported without that "
                       "change.", _EXPORT_AGAIN)  # fmt: skip
            return
        if self._read(block, _THE_REST if self.group.master else "") is None:
            self.unread.append((self.uid, _name(moment, block)))
            self._void(block, line)

    def _day_or_night(self, moment: datetime, block: Block) -> str:
        """A day without the event that has the hours is all nights that begin on it."""
        day = "" if self.group.master or _is_ranged(block) else day_named(block, self._own_zones, self.zone)
        if not day:
            return _name(moment, block)
        start = datetime.strptime(day, "%Y%m%d")  # noqa: DTZ007 - a wall-clock time
        return UNTIL.join(to_utc(each, self.zone).isoformat() for each in (start, start + _DAY))

    def _read(self, block: Block, rest: str) -> Event | None:
        """The event, ready to be repeated; or None, and why is told, with what becomes of the rest."""
        try:
            check_years(block)
            check(block)
            clean = tidied(block, self._own_zones, self.group.master or block, self.zone)
            event = parsed(clean.block)
            mend_until(event, self.zone)
        except EventError as error:
            self._tell(block, error.reason + rest, error.remedy)
            return None
        except Exception:  # noqa: BLE001 - the library fails in many ways, each on this event alone
            self._tell(block, f"It can't be read.{rest}", _EXPORT_AGAIN)
            return None
        for name, value in clean.unread:
            words = "an extra night" if name == "RDATE" else "a night that is left out"
            self._tell(block, f"“{value[:20]}” in its {name} ({words}) can't be read, and is not heeded.",
                       "Correct it in the calendar.")  # fmt: skip
        event["X-NIGHTLINE-LINE"] = str(block.line)
        event["X-NIGHTLINE-EXACT"] = str(exact_seconds(block, event))
        self._blocks[block.line] = block
        self._events.append(event)
        return event

    def _void(self, block: Block, recurrence: str) -> None:
        """Takes a night out of the series."""
        start = re.sub(r";\s*RANGE=[^;:]*", "", recurrence, flags=re.IGNORECASE)
        start = "DTSTART" + start[len("RECURRENCE-ID") :]
        lines = (recurrence, start, f"UID:{self.uid or 'none'}", f"SEQUENCE:{block.sequence}")
        event = Event.from_ical("\r\n".join(("BEGIN:VEVENT", *lines, "X-NIGHTLINE-VOID:1", "END:VEVENT", "")))
        if isinstance(event, Event):
            self._events.append(event)

    def _recurrence_of(self, block: Block) -> tuple[datetime | None, str]:
        """The night that an exception is about (UTC), if it can be read; and the line that says so."""
        if block.line not in self._recurrences:
            self._recurrences[block.line] = self._read_recurrence(block)
        return self._recurrences[block.line]

    def _read_recurrence(self, block: Block) -> tuple[datetime | None, str]:
        clean = tidied(block, self._own_zones, self.group.master or block, self.zone)
        line = "".join(clean.block.named("RECURRENCE-ID")[:1])
        try:
            event = Event.from_ical(f"BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n")
            check_years(block, ("RECURRENCE-ID",))
            if not isinstance(event, Event) or event.errors:
                return None, line
            check_times(event, block, ("RECURRENCE-ID",))
            return instant(dt(event, "RECURRENCE-ID"), self.zone), line
        except (EventError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return None, line

    def _count_cancelled(self, block: Block, name: str) -> None:
        """One that is cancelled counts if it would be imported otherwise."""
        text = next(iter(block.values(name)), "")[:8]
        if not re.fullmatch(r"\d{8}", text):
            self.cancelled_inside += 1
            return
        try:
            day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return
        self.reach.append((day, day))
        self.cancelled_inside += self.window.start - _DAY <= day < self.window.end

    def _is_cancelled(self, block: Block) -> bool:
        stated = any(value.upper() == "CANCELLED" for value in block.values("STATUS"))
        return block.method == "CANCEL" or stated or bool(_CALLED_OFF.match(title(block)))

    def _night(self, event: Event, block: Block, span: Span) -> Night:
        master = self.group.master
        told = block if master is None or block.named("SUMMARY") or block.named("ATTENDEE") else master
        text = str(event["SUMMARY"]) if "SUMMARY" in event else title(told)
        if block.line not in self._guests:
            organizers = block.named("ORGANIZER") or told.named("ORGANIZER")
            self._guests[block.line] = guests_of(told.named("ATTENDEE"), organizers)
        guests = self._guests[block.line]
        return Night(block.line, text, span.start, span.end, self._recurrence(event, block), guests)

    def _recurrence(self, event: Event, block: Block) -> str:
        if not self._repeats:
            return ""
        # A change of all that follow gives all of them the name of its first night.
        at = dt(event, "DTSTART" if _is_ranged(block) else "RECURRENCE-ID")
        return instant(at, self.zone).isoformat()

    def _span(self, event: Event) -> Span:
        exact = timedelta(seconds=int(str(event["X-NIGHTLINE-EXACT"])))
        start = instant(dt(event, "DTSTART"), self.zone)
        end = instant(dt(event, "DTEND") - exact, self.zone) + exact
        if end <= start:
            raise EventError("It does not end after it begins.", "Correct its end.")
        if end - start > _LONGEST:
            raise EventError("It lasts longer than 400 days.", "Correct its end, or use a rotation.")
        return Span(start, end)

    def _others(self) -> str:
        return (
            " Of its series only the nights that were changed one by one are imported." if self.group.exceptions else ""
        )

    def _tell(self, block: Block, reason: str, remedy: str) -> None:
        self.troubles.append((block, reason, remedy))

    def _tell_once(self, block: Block, reason: str, remedy: str) -> None:
        if (block, reason, remedy) not in self.troubles:
            self._tell(block, reason, remedy)


def _is_ranged(block: Block) -> bool:
    """Whether an exception is about all later nights, too."""
    return any("RANGE=" in line.partition(":")[0].upper() for line in block.named("RECURRENCE-ID"))


def _name(moment: datetime, block: Block) -> str:
    return moment.isoformat() + (AND_LATER if _is_ranged(block) else "")

"""Reads an iCal file into the occurrences of its events, in UTC.

Runs in a process of its own (`ical.child`): the calendar libraries and whatever a file makes them do are gone from
memory afterwards, and a file that takes too long can be stopped. Hence nothing here asks the database.

Local times are read as `schedules.wall_clock` says; those without a zone and whole days are the roster's. A repeated
event keeps its wall-clock beginning and end across clock changes, as all calendars show it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar

from oncall.planning.imports.comparing import Event, ImportRefusedError, Reading, Trouble
from oncall.planning.imports.ical.parsing import title
from oncall.planning.imports.ical.series import ONE_EVENT_S, Group, Night, Series
from oncall.planning.imports.ical.text import Block, Parts, split
from oncall.planning.imports.ical.time_limit import TOO_LONG, Patience, TooLongError
from oncall.planning.imports.ical.zones import own_zones, zone_text
from oncall.planning.imports.source import Source
from schedules.spans import Span

MOST_SHIFTS: Final = 2000
_TOO_MANY: Final = f"These are more than {MOST_SHIFTS:,} shifts: export fewer months, or one calendar at a time."
# Of CPU time, for all events together.
_FOR_ALL: Final = 3.0
_MOST_ENDLESS: Final = 2
_DAY: Final = timedelta(days=1)
_LONGEST_TITLE: Final = 200
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
# Files about single events, not about the whole calendar (RFC 5546).
_PARTIAL: Final = frozenset({"CANCEL", "REQUEST", "REPLY", "ADD"})
_PROPOSALS: Final = frozenset({"COUNTER", "DECLINECOUNTER", "REFRESH"})


def read(content: bytes, zone: str, window: Span) -> Reading:
    """The occurrences that touch the window, on a roster's clock `zone`.

    Raises ImportRefusedError when there is nothing to be had from the file.
    """
    parts = split(content)
    *names, relation, uid, address = parts.of_calendar("X-WR-CALNAME", "NAME", "X-WR-RELCALID", "UID", "SOURCE")
    name = next((each for each in names if each), "")
    if not parts.events and not name:
        raise ImportRefusedError("There is no event in this file: choose another calendar, or other months.")
    if parts.methods <= _PROPOSALS:
        raise ImportRefusedError("This file proposes a change of an event, and is no calendar: export the calendar.")
    found = _Found(zone, window, parts)
    for block in parts.zones:
        _know_zone(block, found.patience)
    for block in parts.events:
        if block.method in _PROPOSALS:
            found.tell(block, "It is proposed, and not in the calendar.", "Accept it there, and export it again.")
    groups = list(_groups(_answered([each for each in parts.events if each.method not in _PROPOSALS])))
    found.refuse_too_many(groups)
    for group in groups:
        found.take(group)
    source = Source(
        name=name,
        mark=relation or uid or address,
        partial=parts.methods <= _PARTIAL | _PROPOSALS,
        whole=tuple(found.whole),
        cancelled=tuple(found.cancelled_nights),
        unread=tuple(found.unread),
        first=found.first,
        last=found.last,
    )
    return Reading(tuple(found.events), tuple(found.troubles), found.outside, found.cancelled, source)


class _Found:
    """Collects what the events give."""

    def __init__(self, zone: str, window: Span, parts: Parts) -> None:
        self.zone, self.window = zone, window
        self.patience = Patience(_FOR_ALL)
        self.own_zones = own_zones(parts.zones)
        self.events: list[Event] = []
        self.troubles: list[Trouble] = []
        self.outside = self.cancelled = self.endless = 0
        self.whole: list[str] = []
        self.cancelled_nights: list[tuple[str, str]] = []
        self.unread: list[tuple[str, str]] = []
        self._days: dict[int, tuple[datetime, datetime] | None] = {}
        self.first: datetime | None = None
        self.last: datetime | None = None

    def refuse_too_many(self, groups: Sequence[Group]) -> None:
        """Before any time is spent on them. Raises ImportRefusedError."""
        if sum(not (each.master and self._outside(each.master)) for each in groups) > MOST_SHIFTS:
            raise ImportRefusedError(_TOO_MANY)

    def take(self, group: Group) -> None:
        """The occurrences of an event, with its exceptions, and why some or all are missing."""
        for block in group.older:
            if group.master and not self._outside(block):
                words = f"It is an older version (SEQUENCE {block.sequence}) of the event in line {group.master.line}"
                remedy = "If it is a shift of its own, give it a UID of its own."
                self.tell(block, f"{words} (SEQUENCE {group.master.sequence}), which counts.", remedy)
        if group.master and not group.exceptions and (days := self._outside(group.master)):
            self._covers(*days)
            self.outside += 1
            self.whole.append(group.uid)
            return
        series = Series(group, self.zone, self.window, self.own_zones)
        self._read(series)
        self.whole += [group.uid] if series.is_whole else []
        self.cancelled_nights += series.cancelled
        self.cancelled += series.cancelled_inside
        self.unread += series.unread
        for block, reason, remedy in series.troubles:
            self.tell(block, reason, remedy)

    def tell(self, block: Block, reason: str, remedy: str) -> None:
        """Why an event, or a part of it, is not imported."""
        self.troubles.append(Trouble(block.line, block.uid[:_LONGEST_TITLE], title(block), reason, remedy))

    def _read(self, series: Series) -> None:
        """With all that can be read of it; when that fails, its exceptions alone."""
        nights = self._nights(series)
        if nights is None:
            series.give_up_master()
            nights = self._nights(series) or []
        self.outside += not nights and not series.troubles and not series.cancelled_inside
        for start, end in (*series.reach, *((night.start, night.end) for night in nights)):
            self._covers(start, end)
        for night in nights:
            guests = night.guests
            self.events.append(
                Event(
                    night.line, series.uid, night.title[:_LONGEST_TITLE], night.start, night.end, guests.mails,
                    guests.organizer, night.recurrence, guests.names, guests.declined,
                )
            )  # fmt: skip
        if len(self.events) > MOST_SHIFTS:
            raise ImportRefusedError(_TOO_MANY)

    def _nights(self, series: Series) -> list[Night] | None:
        """None when its repetitions can't be worked out: why is told."""
        try:
            with self.patience.at_most(ONE_EVENT_S):
                return list(series.nights())
        except TooLongError:
            self.endless += 1
            if self.endless > _MOST_ENDLESS:
                raise ImportRefusedError(TOO_LONG) from None
            series.fail("Its repetitions take too long to work out.", "Write a simpler rule, or single events.")
        except ImportRefusedError:
            raise
        except Exception:  # noqa: BLE001 - the libraries fail in many ways, each on this event alone
            what = "Its rule of repetition (RRULE)" if series.repeats else "It"
            series.fail(f"{what} can't be understood.", "Make it anew in the calendar, and export it again.")
        return None

    def _covers(self, start: datetime, end: datetime) -> None:
        self.first = min(self.first or start, start)
        self.last = max(self.last or end, end)

    def _outside(self, block: Block) -> tuple[datetime, datetime] | None:
        """Its days, if they alone say that it is outside; many calendars keep years of history."""
        if block.line not in self._days:
            self._days[block.line] = self._days_outside(block)
        return self._days[block.line]

    def _days_outside(self, block: Block) -> tuple[datetime, datetime] | None:
        if any(block.values(name) for name in ("RRULE", "RDATE", "EXRULE")):
            return None
        days = [_DATE.match(value) for name in ("DTSTART", "DTEND") for value in block.values(name)]
        try:
            read = [datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC) for day in days if day]
        except ValueError:
            return None
        if len(read) < 2 or len(read) < len(days):
            return None
        first, last = min(read), max(read)
        away = last < self.window.start - 2 * _DAY or first > self.window.end + 2 * _DAY
        return (first, last) if away else None


def _know_zone(block: Block, patience: Patience) -> None:
    """Make a zone known that the file itself describes; an event in one that can't be read will say so."""
    try:
        with patience.at_most(ONE_EVENT_S):
            Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{zone_text(block)}END:VCALENDAR\r\n")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, TooLongError):
        return


def _answered(blocks: Sequence[Block]) -> list[Block]:
    """Answers of guests (METHOD:REPLY) beside the event that they are about are lines of its own."""
    answers: dict[tuple[str, ...], list[str]] = {}
    replies = [block for block in blocks if block.method == "REPLY"]
    asked = {_about(block) for block in blocks if block.method != "REPLY"} if replies else set()
    for block in replies:
        if _about(block) in asked:
            answers.setdefault(_about(block), []).extend(block.named("ATTENDEE"))
    if not answers:
        return list(blocks)
    kept = (block for block in blocks if block.method != "REPLY" or _about(block) not in asked)
    return [
        replace(block, lines=(*block.lines[:-1], *answers.get(_about(block), ()), block.lines[-1])) for block in kept
    ]


def _about(block: Block) -> tuple[str, ...]:
    return (block.uid, *block.values("RECURRENCE-ID"))


def _groups(blocks: Sequence[Block]) -> Iterator[Group]:
    """Events with the exceptions from their repetitions, which have the same UID."""
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(block.uid or f"line {block.line}", []).append(block)
    for group in groups.values():
        exceptions = [block for block in group if block.values("RECURRENCE-ID")]
        masters = [block for block in group if not block.values("RECURRENCE-ID")]
        newest = max((block.sequence for block in masters), default=0)
        older = tuple(block for block in masters if block.sequence < newest)
        masters = [block for block in masters if block.sequence == newest]
        # Who cancels an event and leaves its number as it was means it all the same.
        masters = [block for block in masters if block.method == "CANCEL"][:1] or masters
        yield Group(group[0].uid, masters[0] if masters else None, tuple(exceptions), older)
        yield from (Group(block.uid, block, ()) for block in masters[1:])

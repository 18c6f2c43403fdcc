"""What is wrong with a calendar's event before its repetitions are worked out: told in words, and at no cost."""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final

from icalendar import Event

from core.years import FIRST_YEAR, LAST_YEAR, YEARS
from oncall.planning.imports.ical.text import Block
from schedules.wall_clock import UnknownZoneError, zone_info

_TOO_OFTEN: Final = {"SECONDLY": "second", "MINUTELY": "minute"}
_FREQUENCIES: Final = frozenset({"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_MOST_TIMES_A_DAY: Final = 24
_MOST_VALUES: Final = 400
# Single dates of one event: more than a year of them is no shift's plan.
_MOST_DATES: Final = 2000
_TIMES: Final = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")
# A date's year: what stands before its month and day. Figures behind a T are a time.
_YEAR: Final = re.compile(r"(?<![\dT])(\d+)\d{4}(?=[TZ,/]|$)")
_DATED: Final = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE")
_SIMPLER: Final = "Write a rule that repeats it by hours, days, weeks or months."


class EventError(Exception):
    """This event, or this exception from a series, can't be imported. `reason` and `remedy` are sentences."""

    def __init__(self, reason: str, remedy: str, block: Block | None = None) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.block = reason, remedy, block


def check(block: Block) -> None:
    """What the text alone says. Raises EventError."""
    for name in ("DTSTART", "DTEND", "DURATION", "RRULE"):
        if len(block.values(name)) > 1:
            raise EventError(f"It has {name} more than once.", "Make it two events.", block)
    if not block.values("DTSTART"):
        raise EventError("It has no beginning (DTSTART).", "Give it a day or a time.", block)
    if block.values("EXRULE"):
        raise EventError("It has a rule of exceptions (EXRULE).", "Name the days that are left out (EXDATE).", block)
    for name in ("RDATE", "EXDATE"):
        if sum(value.count(",") + 1 for value in block.values(name)) > _MOST_DATES:
            words = f"It names more than {_MOST_DATES:,} single dates ({name})."
            raise EventError(words, "Write a rule that repeats it, or several events.", block)
    for rule in block.values("RRULE"):
        _check_rule(rule, block)


def check_years(block: Block, names: Collection[str] = _DATED) -> None:
    """Raises EventError for an event of years in which nobody plans. (A rule may end then: it is followed so far.)"""
    for name in names:
        for value in block.values(name):
            for year in _YEAR.findall(value.upper()):
                if len(year) > len(str(LAST_YEAR)) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
                    words = f"Its {name} is in the year {year[:12]}, which is out of reach."
                    raise EventError(words, f"Choose a year from {YEARS}, or leave the event out.", block)


def check_times(event: Event, block: Block, only: Collection[str] = ()) -> None:
    """What the parsed event says; `only`: look at the zones of these alone. Raises EventError."""
    for name in only or _TIMES:
        for value in _each(event, name):
            _check_zone(value, block)
    if only:
        return
    start, end, length = (getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(start, date) or not (end is None or isinstance(end, date)):
        raise EventError("Its beginning or end can't be read.", "Give it a day or a time.", block)
    if end is not None and _kind(start) != _kind(end):
        words = "Its beginning and its end are not of one kind: both need a zone, or none, or be whole days."
        raise EventError(words, "Correct them in the calendar.", block)
    if (end is not None and end < start) or (isinstance(length, timedelta) and length < timedelta()):
        raise EventError("It ends before it begins.", "Correct its end.", block)
    lasts = end > start if end is not None else length != timedelta() if length is not None else _kind(start) == "day"
    if not lasts:
        raise EventError("It lasts no time: it has no end after its beginning.", "Give it an end.", block)


def _check_rule(rule: str, block: Block) -> None:
    parts = {
        key.upper(): value.upper().split(",") for key, _, value in (each.partition("=") for each in rule.split(";"))
    }
    often = parts.get("FREQ", [""])[0]
    if often in _TOO_OFTEN:
        raise EventError(f"It repeats every {_TOO_OFTEN[often]}, which no shift does.", _SIMPLER, block)
    if often not in _FREQUENCIES:
        raise EventError(f"Its rule (RRULE) has no frequency that is known: “{often[:20]}”.", _SIMPLER, block)
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(1, len(parts.get(name, [])))
    if times > _MOST_TIMES_A_DAY or len(list(chain(*parts.values()))) > _MOST_VALUES:
        raise EventError("Its rule (RRULE) repeats it too often a day.", _SIMPLER, block)


def _check_zone(value: Any, block: Block) -> None:
    """The library reads a time of a zone that it doesn't know as if it had none: never silently an hour off."""
    zone = getattr(value, "params", {}).get("TZID")
    at = getattr(value, "dt", None)
    if zone is None or not isinstance(at, datetime) or at.tzinfo is not None:
        return
    try:
        zone_info(str(zone)[:80])
    except UnknownZoneError as error:
        reason, _, hint = str(error).rpartition(": ")
        remedy = f"{hint[0].upper()}{hint[1:]}" if hint.endswith("?") else "Choose a known zone in the calendar."
        raise EventError(f"Its times are in an {reason}.", remedy, block) from None
    raise EventError(f"Its time zone {zone} can't be used.", "Choose another zone in the calendar.", block)


def _kind(at: date) -> str:
    if not isinstance(at, datetime):
        return "day"
    return "local" if at.tzinfo is None else "zone"


def _each(event: Event, name: str) -> list[Any]:
    """The values with a `dt`; RDATE and EXDATE hold lists of them."""
    value = event.get(name, [])
    values = value if isinstance(value, list) else [value]
    return list(chain.from_iterable(_with_params(each) for each in values))


def _with_params(value: Any) -> list[Any]:
    dates = getattr(value, "dts", None)
    return [value] if dates is None else list(dates)

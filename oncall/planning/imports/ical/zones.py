"""The lines of an event's times as the calendar library reads them right: zones by the names that it knows.

Calendars call UTC by many names, and other zones by Windows' names or with a path before them. A day that is named
where the event has hours (`EXDATE:20260608`, or midnight, which some programs make of that) is that day's occurrence.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from oncall.planning.imports.ical.text import Block
from schedules.wall_clock import UnknownZoneError, to_utc, wall_time, zone_info

_TIMES: Final = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
_OF_A_DAY: Final = frozenset({"EXDATE", "RECURRENCE-ID"})
_ZONE: Final = re.compile(r';\s*TZID\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)
_DAY: Final = re.compile(r"\d{8}")
_MOMENT: Final = re.compile(r"\d{8}(?:T\d{4}(?:\d\d)?Z?)?(?:/\S+)?", re.IGNORECASE)
_OFFSETS: Final = re.compile(r"^TZOFFSETTO[^:]*:\s*([+-]?\d+)", re.IGNORECASE | re.MULTILINE)
_SUB_DAILY: Final = re.compile(r"FREQ\s*=\s*HOURLY|BYHOUR", re.IGNORECASE)
_MIDNIGHT: Final = "T000000"
_BEFORE: Final = re.compile(r"^(?:tzone://microsoft/|/+|\((?:utc|gmt)(?:[+\-±−]00:?00)?\)\s*)", re.IGNORECASE)
# Of these words all names of UTC are made; the languages are those of Windows.
_UTC: Final = frozenset({
    "utc", "z", "zulu", "gmt", "uct", "ut", "universal", "greenwich", "coordinated", "mean", "time", "zone", "etc",
    "koordinierte", "weltzeit", "tempo", "coordinato", "universale", "temps", "universel", "coordonné", "hora",
    "tiempo", "coordinada", "coordinado",
})  # fmt: skip
_UTC_ITSELF: Final = frozenset({
    "utc", "z", "zulu", "gmt", "uct", "ut", "universal", "greenwich", "weltzeit", "universale", "universel",
})  # fmt: skip
_NO_OFFSET: Final = re.compile(r"\s*[+\-±−]\s*0{1,2}(?::?00)?\s*")
_NO_HOURS: Final = frozenset({"0", "00", "000", "0000"})
_WINDOWS: Final = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
_LONGEST: Final = 80
# Before the name of a zone that is called as UTC is, and is another: the library knows that name better than the file.
_OWN: Final = "own-"


@dataclass(frozen=True)
class Tidied:
    """The event, and the values of EXDATE and RDATE that can't be read and were left out: (property, value)."""

    block: Block
    unread: tuple[tuple[str, str], ...] = ()


def own_zones(blocks: Collection[Block]) -> frozenset[str]:
    """Names of the zones that the file describes itself, other than as UTC; in small letters."""
    found = set()
    for block in blocks:
        shifted = any(int(offset) for offset in _OFFSETS.findall("\n".join(block.lines)))
        found |= {name.strip('"').casefold() for name in block.values_whole("TZID") if shifted}
    return frozenset(found)


def zone_text(block: Block) -> str:
    """A zone that the file describes, as text for the library."""
    lines = (
        re.sub(r":\s*", f":{_OWN}", line, count=1)
        if line.upper().startswith("TZID") and known_zone(line.partition(":")[2].strip().strip('"')) == "UTC"
        else line
        for line in block.lines
    )
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True)
class _Start:
    """The beginning of an event that has hours, such as ";TZID=Europe/Rome" and "T180000".

    `zone`: what that says (the roster's for none), "" when only the file knows; `extra`: its single extra nights;
    `often`: it comes several times a day, so that an hour means that hour.
    """

    parameter: str
    clock: str
    zone: str
    extra: frozenset[str]
    often: bool


def tidied(block: Block, own: Collection[str], master: Block | None, roster_zone: str) -> Tidied:
    """`master`: the event whose repetition this one is an exception from, or itself."""
    lines: list[str] = []
    unread: list[tuple[str, str]] = []
    start = _start(master, own, roster_zone)
    for line in block.lines:
        name = re.split("[;:]", line, maxsplit=1)[0].strip().upper()
        if name not in _TIMES:
            lines.append(line)
            continue
        head, colon, value = line.rpartition(":")
        head, value = _in_known_zone(head, value.strip(), own)
        if name in {"EXDATE", "RDATE"}:
            bad = [each for each in value.split(",") if each and not _MOMENT.fullmatch(each.strip())]
            unread += [(name, each) for each in bad]
            value = ",".join(each for each in value.split(",") if each not in bad)
            if not value:
                continue
        if name in _OF_A_DAY and start:
            lines.extend(_at_hours(name, head, value, start, roster_zone))
        else:
            lines.append(head + colon + value)
    return Tidied(Block(block.line, tuple(lines), block.method), tuple(unread))


def day_named(block: Block, own: Collection[str], roster_zone: str) -> str:
    """The day (20260604) that a RECURRENCE-ID names, by itself or as midnight; "" when it names an hour."""
    line = next(iter(block.named("RECURRENCE-ID")), "")
    head, _, value = line.rpartition(":")
    head, value = _in_known_zone(head, value.strip(), own)
    return _day(head, value, roster_zone)


def _at_hours(name: str, head: str, value: str, start: _Start, roster_zone: str) -> Iterator[str]:
    """Days of an event that has hours are its beginnings on those days."""
    days: list[str] = []
    others: list[str] = []
    for each in value.split(","):
        is_hour = each.strip() in start.extra or (start.often and not _DAY.fullmatch(each.strip()))
        day = "" if is_hour else _day(head, each.strip(), roster_zone, start)
        days += [day] if day else []
        others += [] if day else [each]
    if days:
        head_of_days = name + "".join(re.findall(r";\s*RANGE=[^;:]*", head, re.IGNORECASE)) + start.parameter
        yield f"{head_of_days}:{','.join(day + start.clock for day in days)}"
    if others:
        yield f"{head}:{','.join(others)}"


def _day(head: str, value: str, roster_zone: str, start: _Start | None = None) -> str:
    """The day that a value stands for: one without hours, or midnight as written, of the event, or of the roster.

    "" for the hour of the event itself, and any other.
    """
    if _DAY.fullmatch(value):
        return value
    if not _MOMENT.fullmatch(value) or "/" in value:
        return ""
    named = _ZONE.search(head)
    zone = "UTC" if value[-1] in "Zz" else _name(named) if named else roster_zone
    clock, event_zone = (_seconds(start.clock), start.zone) if start else ("", "")
    try:
        at = to_utc(datetime.strptime(value[:8] + _seconds(value[8:]), "%Y%m%dT%H%M%S"), known_zone(zone) or zone)  # noqa: DTZ007 - a wall-clock time
        local = {each: wall_time(at, each) for each in (event_zone, roster_zone) if each}
    except (UnknownZoneError, ValueError, OverflowError):
        local = {}
    at_event = local.get(event_zone)
    own = f"{at_event:T%H%M%S}" if at_event else _seconds(value[8:])
    if clock and own == clock:
        return ""
    if _seconds(value[8:]) == _MIDNIGHT:
        return value[:8]
    return next((f"{each:%Y%m%d}" for each in local.values() if f"{each:T%H%M%S}" == _MIDNIGHT), "")


def _seconds(clock: str) -> str:
    """T1800 and T180000Z as T180000."""
    return clock.upper().rstrip("Z").ljust(7, "0")


def _name(zone: re.Match[str]) -> str:
    return zone.group(1).strip().strip('"').strip()


def _start(block: Block | None, own: Collection[str], roster_zone: str) -> _Start | None:
    """None of whole days."""
    line = next(iter(block.named("DTSTART")), "") if block else ""
    head, _, value = line.rpartition(":")
    head, value = _in_known_zone(head, value.strip(), own)
    if block is None or not _MOMENT.fullmatch(value) or _DAY.fullmatch(value):
        return None
    named = _ZONE.search(head)
    zone = "UTC" if value[-1] in "Zz" else known_zone(_name(named)) if named else roster_zone
    extra = frozenset(each.strip() for listed in block.values("RDATE") for each in listed.split(","))
    often = any(_SUB_DAILY.search(rule) for rule in block.values("RRULE"))
    return _Start(named.group() if named else "", value[8:], zone, extra, often)


def _in_known_zone(head: str, value: str, own: Collection[str]) -> tuple[str, str]:
    """Name and parameters of a line, and its value, in a zone that the library knows, if there is one."""
    found = _ZONE.search(head)
    if found is None:
        return head, value
    zone = _name(found)
    without = head[: found.start()] + head[found.end() :]
    if value.upper().endswith("Z"):
        return without, value
    known = known_zone(zone)
    if zone.casefold() in own:
        return (f"{without};TZID={_OWN}{zone}" if known == "UTC" else head), value
    if known == "UTC":
        moments = (each + "Z" if "T" in each.upper() and "/" not in each else each for each in value.split(","))
        return without, ",".join(moments)
    return (f"{without};TZID={known}" if known else head), value


@lru_cache(maxsize=256)
def known_zone(name: str) -> str:
    """The IANA name of a zone as calendars call it, "UTC" for all of UTC's names; "" when it is none."""
    name = name[:_LONGEST]
    bare = _BEFORE.sub("", _BEFORE.sub("", name)).strip().casefold()
    if _is_utc(bare) or _is_utc(name.strip("/").rpartition("/")[2].casefold()):
        return "UTC"
    if bare in _WINDOWS:
        return _WINDOWS[bare]
    parts = name.strip("/").split("/")
    for kept in range(min(3, len(parts)), 0, -1):
        try:
            found = zone_info("/".join(parts[-kept:]))
        except UnknownZoneError:
            continue
        # A last part alone may be a name by chance: "/example.org/Eire".
        return str(found) if kept == len(parts) or kept > 1 else ""
    return ""


def _is_utc(name: str) -> bool:
    """Whether it is nothing but words for UTC, such as "utc±00:00", and hours that are none."""
    words = set(re.findall(r"[^\W\d_]+|\d+", name))
    said = words - _NO_HOURS
    return (bool(said & _UTC_ITSELF) and said <= _UTC) or bool(_NO_OFFSET.fullmatch(name))

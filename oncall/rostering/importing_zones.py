"""The lines of an event's times as the calendar library reads them right: zones by the names that it knows.

Calendars call UTC by many names, and other zones by Windows' names or with a path before them. A day that is named
where the event has hours (`EXDATE:20260608`) is that day's occurrence.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from oncall.rostering.importing_text import Block
from schedules.wall_clock import UnknownZoneError, zone_info

_TIMES: Final = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
_OF_A_DAY: Final = frozenset({"EXDATE", "RECURRENCE-ID"})
_ZONE: Final = re.compile(r';\s*TZID\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)
_DAY: Final = re.compile(r"\d{8}")
_MOMENT: Final = re.compile(r"\d{8}(?:T\d{4}(?:\d\d)?Z?)?(?:/\S+)?", re.IGNORECASE)
_OFFSETS: Final = re.compile(r"^TZOFFSETTO[^:]*:\s*([+-]?\d+)", re.IGNORECASE | re.MULTILINE)
_BEFORE: Final = re.compile(r"^(?:tzone://microsoft/|/+|etc/|\((?:utc|gmt)(?:[+-]00:?00)?\)\s*)", re.IGNORECASE)
_UTC: Final = frozenset({
    "utc", "z", "zulu", "gmt", "uct", "universal", "universal time", "greenwich", "greenwich mean time", "utc/gmt",
    "coordinated universal time", "universal coordinated time", "universal time coordinated", "gmt0", "utc0",
})  # fmt: skip
_NO_OFFSET: Final = re.compile(r"(?:utc|gmt)?\s*[+-]\s*0{1,2}(?::?00)?")
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


def tidied(block: Block, own: Collection[str], master: Block | None) -> Tidied:
    """`master`: the event whose repetition this one is an exception from, or itself."""
    lines: list[str] = []
    unread: list[tuple[str, str]] = []
    start = _start(master, own)
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
        lines.extend(_at_hours(name, head, value, start) if name in _OF_A_DAY and start else [head + colon + value])
    return Tidied(Block(block.line, tuple(lines)), tuple(unread))


def _at_hours(name: str, head: str, value: str, start: tuple[str, str]) -> Iterator[str]:
    """Days of an event that has hours are its beginnings on those days."""
    zone, clock = start
    values = value.split(",")
    days = [each.strip() for each in values if _DAY.fullmatch(each.strip())]
    if days:
        head_of_days = name + "".join(re.findall(r";\s*RANGE=[^;:]*", head, re.IGNORECASE)) + zone
        yield f"{head_of_days}:{','.join(day + clock for day in days)}"
    others = [each for each in values if each.strip() not in days]
    if others:
        yield f"{head}:{','.join(others)}"


def _start(block: Block | None, own: Collection[str]) -> tuple[str, str] | None:
    """Zone and hour of the event's beginning, such as (";TZID=Europe/Rome", "T180000"); none of whole days."""
    line = next(iter(block.named("DTSTART")), "") if block else ""
    head, _, value = line.rpartition(":")
    head, value = _in_known_zone(head, value.strip(), own)
    if not _MOMENT.fullmatch(value) or _DAY.fullmatch(value):
        return None
    zone = _ZONE.search(head)
    return (zone.group() if zone else "", value[8:])


def _in_known_zone(head: str, value: str, own: Collection[str]) -> tuple[str, str]:
    """Name and parameters of a line, and its value, in a zone that the library knows, if there is one."""
    found = _ZONE.search(head)
    if found is None:
        return head, value
    zone = found.group(1).strip().strip('"').strip()
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
    if bare in _UTC or _NO_OFFSET.fullmatch(bare):
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

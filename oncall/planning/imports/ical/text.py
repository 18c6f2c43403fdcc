"""The text of an iCal file in pieces: its events and time zones, each with its line, and only what shifts need.

Files come from anywhere: a broken event must not take the others with it, and what is not about times and people
(descriptions, pictures, alarms, whatever is nested in an event) is not even looked at.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from oncall.planning.imports.comparing import ImportRefusedError

LARGEST: Final = 900_000
_MOST_ZONES: Final = 100
_KEPT: Final = frozenset({
    "UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID",
    "SEQUENCE", "STATUS", "ATTENDEE", "ORGANIZER",
})  # fmt: skip
# Of the calendar itself: its name, what tells it from others, and what the file is about.
_OF_CALENDAR: Final = frozenset({"X-WR-CALNAME", "NAME", "X-WR-RELCALID", "UID", "SOURCE", "METHOD"})
_LONGEST_OF_CALENDAR: Final = 200


@dataclass(frozen=True)
class Block:
    """One event, or one time zone: its unfolded lines from BEGIN to END, and where BEGIN stands.

    `method`: what the calendar around it is for (METHOD), in capitals.
    """

    line: int
    lines: tuple[str, ...]
    method: str = ""

    def values(self, name: str) -> list[str]:
        """What follows the colon of each line of this property, however it is written."""
        return [line.rpartition(":")[2].strip() for line in self.named(name)]

    @property
    def uid(self) -> str:
        return next(iter(self.values_whole("UID")), "")

    @property
    def sequence(self) -> int:
        """How often it was revised."""
        number = "".join(self.values("SEQUENCE")[:1])
        return int(number) if number.isdecimal() and len(number) < 10 else 0

    def values_whole(self, name: str) -> list[str]:
        """What follows the first colon of each line of this property: names, which may hold colons themselves."""
        return [line.partition(":")[2].strip() for line in self.named(name)]

    def named(self, name: str) -> list[str]:
        """The lines of this property, whole."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for line in self.lines:
            found.setdefault(_name(line), []).append(line)
        return found


@dataclass(frozen=True)
class Parts:
    """The pieces of a file, in its order. `calendars`: the properties of each one in it, by name in capitals."""

    events: tuple[Block, ...]
    zones: tuple[Block, ...]
    calendars: tuple[dict[str, str], ...] = ()

    @property
    def methods(self) -> frozenset[str]:
        """What the calendars with events in them are for; of all, if none has any."""
        return frozenset(each.method for each in self.events) or frozenset(
            each.get("METHOD", "").upper() for each in self.calendars
        )

    def of_calendar(self, *names: str) -> list[str]:
        """The values of the first calendar that says any of this."""
        told = ([each.get(name, "") for name in names] for each in self.calendars)
        return next((values for values in told if any(values)), [""] * len(names))


def split(content: bytes) -> Parts:
    """The calendar's pieces. Raises ImportRefusedError when it is none, is too large, or is no UTF-8 text."""
    if len(content) > LARGEST:
        raise ImportRefusedError("This file is larger than 900 KB: export fewer months, or one calendar at a time.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefusedError("This file is UTF-16 text: save it as UTF-8, and send it again.")
    lines = list(_logical(content.removeprefix(b"\xef\xbb\xbf")))
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for _, line in lines[:50]):
        raise ImportRefusedError("This is no iCal file: it does not begin with BEGIN:VCALENDAR. Export it as .ics.")
    events, zones = _blocks(lines, "VEVENT"), _blocks(lines, "VTIMEZONE")
    if len(zones) > _MOST_ZONES:
        raise ImportRefusedError(f"This file has {len(zones)} time zones of its own: export one calendar at a time.")
    calendars = _calendars(lines)
    starts = [line for line, _ in calendars]
    methods = [told.get("METHOD", "").upper() for _, told in calendars]
    events = tuple(Block(each.line, each.lines, methods[bisect(starts, each.line) - 1]) for each in events)
    return Parts(events, zones, tuple(told for _, told in calendars))


def _logical(content: bytes) -> Iterator[tuple[int, str]]:
    """Unfolded lines with their numbers. Bytes are put together before they are read: folds cut letters in two."""
    number, pieces = 1, [b""]
    for at, raw in enumerate(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), start=1):
        if raw[:1] in {b" ", b"\t"}:
            pieces.append(raw[1:])
            continue
        yield number, _decoded(number, pieces)
        number, pieces = at, [raw]
    yield number, _decoded(number, pieces)


def _decoded(number: int, pieces: list[bytes]) -> str:
    try:
        return b"".join(pieces).decode()
    except UnicodeDecodeError:
        raise ImportRefusedError(
            f"Line {number} is no UTF-8 text: save the file as UTF-8, and send it again."
        ) from None


def _blocks(lines: list[tuple[int, str]], kind: str) -> tuple[Block, ...]:
    """The parts between BEGIN and END of a kind. Of events only the lines of the event itself that are needed."""
    found: list[Block] = []
    start, depth, kept = 0, 0, [""]
    for number, line in lines:
        word = line.strip().upper()
        if depth == 0:
            if word == f"BEGIN:{kind}":
                start, depth, kept = number, 1, [line.strip()]
            continue
        if word == f"BEGIN:{kind}":
            raise ImportRefusedError(f"The event in line {start} has no end before line {number}: export it again.")
        depth += word.startswith("BEGIN:") - word.startswith("END:")
        if kind != "VEVENT" or depth == 0 or (depth == 1 and _name(line) in _KEPT):
            kept.append(line)
        if depth == 0:
            found.append(Block(start, tuple(kept)))
    if depth:
        raise ImportRefusedError(f"What begins in line {start} has no end: the file is cut off. Export it again.")
    return tuple(found)


def _calendars(lines: list[tuple[int, str]]) -> list[tuple[int, dict[str, str]]]:
    """Where each calendar begins, and what stands in itself, in none of its parts; what stands before them all."""
    found: list[tuple[int, dict[str, str]]] = [(0, {})]
    depth = 0
    for number, line in lines:
        word = line.strip().upper()
        if word == "BEGIN:VCALENDAR":
            depth = 0
            found.append((number, {}))
        depth += word.startswith("BEGIN:") - word.startswith("END:")
        name = _name(line)
        if depth == 1 and name in _OF_CALENDAR and name not in found[-1][1]:
            found[-1][1][name] = line.partition(":")[2].strip()[:_LONGEST_OF_CALENDAR]
    return found


def _name(line: str) -> str:
    return line.partition(":")[0].partition(";")[0].strip().upper()

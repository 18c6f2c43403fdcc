"""Reads one roster of a directory file into the plain data that `schedules` answers from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Final

from oncall.directory import values
from oncall.directory.claims import Claims
from oncall.directory.cursor import Cursor
from schedules.rosters.layers import WEEKDAYS
from schedules.rosters.roster import Count, DutyHours, Every, Layer, Override, Roster, Rotation, Unit
from schedules.wall_clock import to_utc

_LONG_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Names:
    """Who may stand on a roster, and who has `left`, by name, with the line that says so (0: it is not in the file)."""

    active: Collection[str]
    left: Mapping[str, int] = field(default_factory=dict)

    def one(self, cursor: Cursor) -> str:
        """The active person whom the cursor names. Raises DirectoryError."""
        line = self.left.get(cursor.text())
        if line is None:
            return cursor.one_of(self.active, "person")
        where = f"by 'active: false' in line {line}" if line else "and has been retired"
        return cursor.fail(f"{cursor.text()} has left, {where}", "name somebody else here, or leave the name out")


def read_roster(cursor: Cursor, claims: Claims, people: Names, regions: Collection[str]) -> Roster:
    """The roster at the cursor, its people known by name. Raises DirectoryError for the first thing wrong."""
    keys = cursor.keys(("name", "regions", "time_zone", "layers"), ("overrides",))
    name = claims.name(keys["name"], "roster")
    zone = values.zone(keys["time_zone"])
    served = Claims()
    region_names = []
    for item in keys["regions"].items():
        region_names.append(item.one_of(regions, "region"))
        served.claim(item, "region", region_names[-1], region_names[-1])
    named = Claims()
    layers = tuple(_layer(item, named, people) for item in keys["layers"].items("name"))
    for key, filled in (("regions", region_names), ("layers", layers)):
        if not filled:
            keys[key].fail("is empty", f"a roster needs {key}")
    layer_names = [layer.name for layer in layers]
    overrides = (
        _overrides(list(keys["overrides"].items("layer")), zone, layer_names, people) if "overrides" in keys else ()
    )
    return Roster(name, zone, tuple(region_names), layers, overrides)


def _layer(cursor: Cursor, named: Claims, people: Names) -> Layer:
    keys = cursor.keys(("name",), ("rotation", "rotations", "hours"))
    name = named.name(keys["name"], "layer")
    if ("rotation" in keys) == ("rotations" in keys):
        cursor.fail("needs either 'rotation' or 'rotations'")
    single = keys.get("rotation")
    items = [single] if single else list(keys["rotations"].items())
    if not items:
        keys["rotations"].fail("is empty", "a layer needs a rotation")
    hours = tuple(_hours(item) for item in keys["hours"].items()) if "hours" in keys else ()
    return Layer(name, tuple(_rotation(item, people) for item in items), hours)


def _rotation(cursor: Cursor, people: Names) -> Rotation:
    keys = cursor.keys(("start", "every", "people"), ("until", "count"))
    start = values.wall_clock(keys["start"])
    until = values.wall_clock(keys["until"]) if "until" in keys and not keys["until"].is_null else None
    if until is not None and until <= start:
        keys["until"].fail(f"{until:%Y-%m-%d %H:%M} is not after the start, {start:%Y-%m-%d %H:%M}")
    turns = tuple(_turn(item, people) for item in keys["people"].items())
    if not turns:
        keys["people"].fail("is empty", "a rotation needs somebody to take a turn")
    every = _every(keys["every"])
    return Rotation(start, every, turns, until, _count(keys["count"], every) if "count" in keys else Count.ALL)


def _count(cursor: Cursor, every: Every) -> Count:
    count = Count(cursor.one_of([each.value for each in Count]))
    if count is Count.ACTIVE and every.unit is Unit.HOUR:
        cursor.fail("is active, which counts days, and a turn lasts hours", "write 'every' in days, such as \"1 day\"")
    return count


def _every(cursor: Cursor) -> Every:
    words = cursor.text()
    try:
        return Every.parse(words)
    except ValueError as error:
        reason, _, remedy = str(error).partition(": ")
        cursor.fail(reason, remedy or 'write such as "12 hours", "1 day", "2 weeks" or "1 month"')


def _turn(cursor: Cursor, people: Names) -> tuple[str, ...]:
    """One name, or a list of names that share the turn."""
    if not cursor.is_list:
        return (people.one(cursor),)
    sharing = Claims()
    names = []
    for item in cursor.items():
        names.append(people.one(item))
        sharing.claim(item, "person", names[-1], names[-1])
    if not names:
        cursor.fail("is empty", "a turn needs somebody to take it")
    return tuple(names)


def _hours(cursor: Cursor) -> DutyHours:
    keys = cursor.keys(("days", "from", "to"))
    days = frozenset(_weekday(item) for item in keys["days"].items())
    if not days:
        keys["days"].fail("is empty", f"name days of {', '.join(WEEKDAYS)}")
    return DutyHours(days, _time_of_day(keys["from"]), _time_of_day(keys["to"]))


def _weekday(cursor: Cursor) -> int:
    word = cursor.text().lower()
    for names in (WEEKDAYS, _LONG_WEEKDAYS):
        if word in names:
            return names.index(word)
    return cursor.fail(f"{word!r} is not one of {', '.join(WEEKDAYS)}")


def _time_of_day(cursor: Cursor) -> time:
    written = cursor.written('a time of day such as "18:00"').strip()
    try:
        return datetime.strptime(written, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        return cursor.fail(f"{written!r} is not a time of day", 'write it such as "18:00"')


def _overrides(items: Sequence[Cursor], zone: str, layers: Collection[str], people: Names) -> tuple[Override, ...]:
    placed = [(_override(item, zone, layers, people), item) for item in items]
    ordered = sorted(placed, key=lambda each: (each[0].layer, each[0].start, each[1].line))
    for (before, earlier), (after, later) in pairwise(ordered):
        if before.layer == after.layer and after.start < before.end:
            first, second = sorted((earlier, later), key=lambda each: each.line)
            second.fail(f"overlaps the override in line {first.line}", "end one where the other starts")
    return tuple(override for override, _ in placed)


def _override(cursor: Cursor, zone: str, layers: Collection[str], people: Names) -> Override:
    keys = cursor.keys(("layer", "from", "to", "person"), ("note",))
    layer = keys["layer"].one_of(layers, "layer")
    start, end = _instant(keys["from"], zone), _instant(keys["to"], zone)
    if end <= start:
        keys["to"].fail("is not after 'from'")
    person = None if keys["person"].is_null else people.one(keys["person"])
    note = keys["note"].text() if "note" in keys and not keys["note"].is_null else ""
    return Override(layer, start, end, person, note)


def _instant(cursor: Cursor, zone: str) -> datetime:
    """On the roster's clock, unless an offset says otherwise."""
    at = values.moment(cursor)
    return to_utc(at, zone) if at.tzinfo is None else at.astimezone(UTC)

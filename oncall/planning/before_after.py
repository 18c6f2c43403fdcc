"""What a change of rosters did, as lines of what stood before it and what stands since: by its steps, for history."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.rosters import RosterLayer
from oncall.planning.plans.words import override_words, spelled
from oncall.planning.recording import Row, Step
from schedules.rosters.rotation import Count
from schedules.spans import Span
from schedules.wall_clock import written_wall

# Of an import that made more, the rest is counted.
SHOWN_AT_MOST: Final = 8


@dataclass(frozen=True)
class Sides:
    """Lines for people. Empty: nothing of that stood there."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """What rows are called that others name by their number."""

    people: Mapping[int, str]
    layers: Mapping[int, str]

    def person(self, id_: int) -> str:
        return self.people.get(id_, "somebody")

    def layer(self, id_: int) -> str:
        return self.layers.get(id_, "a layer")


def names_in(session: Session, changes: Iterable[Sequence[Step]]) -> Names:
    """Of everybody, and of layers as they are called now, or were when they went."""
    layers = {
        row["id"]: row["name"]
        for steps in changes
        for step in steps
        if step["table"] == "roster_layer"
        for row in (step["after"] or step["before"],)
    }
    layers |= {row.id: row.name for row in session.execute(select(RosterLayer.id, RosterLayer.name))}
    people = {row.id: row.name for row in session.execute(select(Person.id, Person.name))}
    return Names(people, layers)


def sides(steps: Sequence[Step], names: Names, zone: str) -> Sides:
    """What these steps did, on the clock of `zone`."""
    before = _lines(_rows(steps, "before"), names, zone)
    after = _lines(_rows(steps, "after"), names, zone)
    same = set(before) & set(after)
    return Sides(_cut(line for line in before if line not in same), _cut(line for line in after if line not in same))


@dataclass
class _Rows:
    """The rows of one side, by their tables."""

    found: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, table: str) -> list[Row]:
        return self.found.get(table, [])


def _rows(steps: Sequence[Step], side: str) -> _Rows:
    rows = _Rows()
    for step in steps:
        if step[side] is not None:
            rows.found.setdefault(step["table"], []).append(step[side])
    return rows


def _lines(rows: _Rows, names: Names, zone: str) -> list[str]:
    lines = [_layer(row) for row in rows.of("roster_layer")]
    lines += [_rotation(row, rows.of("roster_turn"), names) for row in rows.of("roster_rotation")]
    tellers: dict[str, Callable[[Row, Names, str], str]] = {
        "roster_override": _override,
        "time_off": _time_off,
        "roster_swap": _swap,
    }
    for table, tell in tellers.items():
        ordered = sorted(rows.of(table), key=lambda row: str(row["span"][0]))
        lines += [tell(row, names, zone) for row in ordered]
    return lines


def _layer(row: Row) -> str:
    hours = ", ".join(f"{' '.join(each['days'])} {each['from']} to {each['to']}" for each in row["duty_hours"])
    return f"Layer {row['name']}, number {row['position'] + 1}, on duty {hours or 'always'}"


def _rotation(row: Row, turns: Iterable[Row], names: Names) -> str:
    mine = sorted((each for each in turns if each["rotation_id"] == row["id"]), key=_place)
    by_turn: dict[int, list[str]] = {}
    for each in mine:
        by_turn.setdefault(each["turn"], []).append(names.person(each["person_id"]))
    who = ", ".join(" with ".join(each) for each in by_turn.values()) or "nobody"
    unit = row["every_unit"].removesuffix("s") if row["every_n"] == 1 else row["every_unit"]
    counted = " on duty" if row.get("count") == Count.ACTIVE else ""
    until = "" if row["until"] is None else f" until {_wall(row['until'])}"
    every = f"every {row['every_n']} {unit}{counted} from {_wall(row['starts'])}{until}"
    return f"{names.layer(row['layer_id'])}: {who}, {every}"


def _override(row: Row, names: Names, zone: str) -> str:
    name = None if row["person_id"] is None else names.person(row["person_id"])
    who = override_words(name, row["kind"])
    return f"{who} in {names.layer(row['layer_id'])}, {spelled(_span(row['span']), zone)}{_note(row)}"


def _time_off(row: Row, names: Names, zone: str) -> str:
    return f"{names.person(row['person_id'])} has time off, {spelled(_span(row['span']), zone)}{_note(row)}"


def _swap(row: Row, names: Names, zone: str) -> str:
    taken = f"{names.person(row['other_id'])} for {names.person(row['asker_id'])}"
    return f"Swap {row['state']}: {taken} in {names.layer(row['layer_id'])}, {spelled(_span(row['span']), zone)}"


def _place(turn: Row) -> tuple[int, int]:
    return turn["turn"], turn["position"]


def _note(row: Row) -> str:
    return f" ({row['note']})" if row.get("note") else ""


def _wall(text: str) -> str:
    return written_wall(datetime.fromisoformat(text))


def _span(stored: Sequence[str]) -> Span:
    return Span(*(datetime.fromisoformat(each) for each in stored))


def _cut(lines: Iterable[str]) -> tuple[str, ...]:
    found = tuple(lines)
    if len(found) <= SHOWN_AT_MOST + 1:
        return found
    return (*found[:SHOWN_AT_MOST], f"and {len(found) - SHOWN_AT_MOST} more")

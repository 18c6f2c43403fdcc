"""Which changes of rosters stand on which: whether one may be taken back although others were made after it. Pure.

A change may, unless a later one has written the same row, put something into what it has made, taken away what its rows
belong to, or set the order or the rotations anew that it has set.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from oncall.planning.recording import Row, Step

Key: TypeAlias = tuple[Any, ...]

# What a row belongs to: column, and table of the row that it names.
_PARENTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "roster_layer": (("roster_id", "roster"),),
    "roster_rotation": (("layer_id", "roster_layer"),),
    "roster_turn": (("rotation_id", "roster_rotation"),),
    "roster_override": (("layer_id", "roster_layer"), ("swap_id", "roster_swap")),
    "roster_swap": (("layer_id", "roster_layer"), ("return_layer_id", "roster_layer")),
}


class Change(Protocol):
    """What history keeps of one."""

    @property
    def steps(self) -> list[Step]: ...

    @property
    def undone(self) -> bool: ...


C = TypeVar("C", bound=Change)


def in_the_way(changes: Sequence[C]) -> Iterator[tuple[C, C | None]]:
    """Each change, newest first as they come, with the newest later one that touches it; None where it may be undone.

    What was undone touches nothing.
    """
    written: dict[Key, int] = {}  # by what was touched: the place of the newest change that did
    for place, change in enumerate(changes):
        newest = min((written[key] for key in claims(change.steps) if key in written), default=None)
        yield change, None if newest is None else changes[newest]
        if not change.undone:
            for key in touched(change.steps):
                written.setdefault(key, place)


def claims(steps: Iterable[Step]) -> set[Key]:
    """What nobody may have touched since, so that these steps can be taken back."""
    return {key for step in steps for key in (*_written(step), *_made(step), *_needed(step))}


def touched(steps: Iterable[Step]) -> set[Key]:
    """What these steps have touched: rows, orders, and what they have put something into."""
    return {key for step in steps for key in (*_written(step), *_used(step), *_removed(step))}


def _written(step: Step) -> Iterator[Key]:
    table, before, after = step["table"], step["before"], step["after"]
    row = after or before
    match table:
        case "roster_rotation":  # all of a layer's are made anew together
            yield "rotations of layer", row["layer_id"]
        case "roster_turn":
            yield "turns of rotation", row["rotation_id"]
        case _:
            yield table, row["id"]
    if table == "roster_layer" and (before is None or after is None or before["position"] != after["position"]):
        yield "order of roster", row["roster_id"]


def _made(step: Step) -> Iterator[Key]:
    """Taking back what was added takes away everything in it."""
    if step["before"] is None and "id" in step["after"]:
        yield "in", step["table"], step["after"]["id"]


def _used(step: Step) -> Iterator[Key]:
    for row in (step["before"], step["after"]):
        for table, id_ in _parents(step["table"], row):
            yield "in", table, id_


def _needed(step: Step) -> Iterator[Key]:
    """What was changed or removed can only come back where it belonged."""
    for table, id_ in _parents(step["table"], step["before"]):
        yield "gone", table, id_


def _removed(step: Step) -> Iterator[Key]:
    if step["after"] is None and "id" in step["before"]:
        yield "gone", step["table"], step["before"]["id"]


def _parents(table: str, row: Row | None) -> Iterator[tuple[str, Any]]:
    for column, parent in _PARENTS.get(table, ()):
        if row is not None and row.get(column) is not None:
            yield parent, row[column]

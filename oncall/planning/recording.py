"""What a change did to the rows of rosters, so that history can tell it and undo can take it back.

Rows are watched while they are written, whoever writes them: what happens between `recorded` and the end of its block
can't be left out. Values are kept as JSON by the type of their column.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, DateTime, Table, delete, event, insert, inspect, select, update
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Session, object_session

from core.db import Base
from oncall.models.planning.changes import RosterSwap, TimeOff
from oncall.models.rosters import Roster, RosterLayer, RosterOverride, RosterRotation, RosterTurn
from schedules.spans import as_utc

# Parents before children.
WATCHED: Final[tuple[type[Base], ...]] = (
    Roster, RosterLayer, RosterRotation, RosterTurn, RosterSwap, RosterOverride, TimeOff,
)  # fmt: skip
_TABLES: Final[dict[str, Table]] = {each.__table__.name: each.__table__ for each in WATCHED}  # type: ignore[misc, attr-defined]
_PLACE: Final = {name: place for place, name in enumerate(_TABLES)}

_STEPS: Final = "roster_steps"
# Where an override came from says nothing of what it does; it was lost when a schema went down and up again.
_NOT_COMPARED: Final = frozenset({"origin"})

Row: TypeAlias = dict[str, Any]
# {"table": name, "before": row or None, "after": row or None}
Step: TypeAlias = dict[str, Any]


@contextmanager
def recorded(session: Session) -> Iterator[list[Step]]:
    """The steps that are written until the end of the block, in their order."""
    session.flush()
    steps: list[Step] = []
    session.info[_STEPS] = steps
    try:
        yield steps
        session.flush()
    finally:
        del session.info[_STEPS]


def is_as_left(session: Session, step: Step) -> bool:
    """Whether the row still stands as the step left it."""
    table = _TABLES[step["table"]]
    row = session.execute(select(table).where(*_key(table, step))).mappings().one_or_none()
    after = step["after"]
    if row is None or after is None:
        return row is None and after is None
    stands = _written(table, dict(row))
    return all(stands.get(name) == value for name, value in after.items() if name not in _NOT_COMPARED)


def take_back(session: Session, steps: list[Step]) -> None:
    """Undo steps: what was added goes first, so that it can't stand in the way of what comes back."""
    for step in sorted(steps, key=lambda step: -_PLACE[step["table"]]):
        if step["before"] is None:
            table = _TABLES[step["table"]]
            session.execute(delete(table).where(*_key(table, step)))
    _free_names(session, steps)
    for step in steps:
        if step["before"] is not None and step["after"] is not None:
            table = _TABLES[step["table"]]
            session.execute(update(table).where(*_key(table, step)).values(_read(table, step["before"])))
    for step in sorted(steps, key=lambda step: _PLACE[step["table"]]):
        if step["after"] is None:
            table = _TABLES[step["table"]]
            session.execute(insert(table).values(_read(table, step["before"])))
    session.expire_all()


def _free_names(session: Session, steps: list[Step]) -> None:
    """Layers that have traded names let go of them first: no two of a roster have the same, not even on the way."""
    for step in steps:
        before, after = step["before"], step["after"]
        if step["table"] == "roster_layer" and before and after and before["name"] != after["name"]:
            free = f"layer {after['id']} of roster {after['roster_id']}, to be renamed"
            session.execute(update(RosterLayer).where(RosterLayer.id == after["id"]).values(name=free))


def merged(steps: list[Step]) -> list[Step]:
    """One step for each row that is not as it was before, whatever happened to it on the way."""
    rows: dict[tuple[Any, ...], Step] = {}
    for step in steps:
        table = _TABLES[step["table"]]
        row = step["after"] or step["before"]
        key = (step["table"], *(row[column.name] for column in table.primary_key.columns))
        first = rows.get(key, step)
        rows[key] = step | {"before": first["before"]}
    return [step for step in rows.values() if step["before"] != step["after"]]


def _watch(model: type[Base]) -> None:
    """Listen to the rows as they are written: whatever deletes one (a cascade, say), nothing escapes."""

    def inserted(_mapper: object, _connection: object, row: Base) -> None:
        _note(row, None, _row(row))

    def updated(_mapper: object, _connection: object, row: Base) -> None:
        _note(row, _row(row, committed=True), _row(row))

    def deleted(_mapper: object, _connection: object, row: Base) -> None:
        _note(row, _row(row, committed=True), None)

    event.listen(model, "after_insert", inserted)
    event.listen(model, "after_update", updated)
    event.listen(model, "after_delete", deleted)


for _model in WATCHED:
    _watch(_model)


def _note(row: Base, before: Row | None, after: Row | None) -> None:
    session = object_session(row)
    steps = None if session is None else session.info.get(_STEPS)
    if steps is not None:
        steps.append({"table": row.__table__.name, "before": before, "after": after})  # type: ignore[attr-defined]


def _row(row: Base, *, committed: bool = False) -> Row:
    state = inspect(row)
    values: Row = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        value = history.deleted[0] if committed and history.deleted else getattr(row, attribute.key)
        values[attribute.columns[0].name] = value
    return _written(state.mapper.local_table, values)


def _key(table: Any, step: Step) -> list[Any]:
    row = step["after"] or step["before"]
    return [column == row[column.name] for column in table.primary_key.columns]


def _written(table: Any, row: Row) -> Row:
    return {column.name: _to_json(row[column.name]) for column in table.columns}


def _to_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat() if value.tzinfo is None else as_utc(value).isoformat()
        case Range():
            return [_to_json(value.lower), _to_json(value.upper)]
        case _:
            return value


def _read(table: Any, row: Row) -> Row:
    """Without the columns that did not exist when the row was written down."""
    return {column.name: _from_json(column, row[column.name]) for column in table.columns if column.name in row}


def _from_json(column: "Column[Any]", value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case DateTime():
            return datetime.fromisoformat(value)
        case TSTZRANGE():
            lower, upper = value
            return Range(_instant(lower), _instant(upper))
        case _:
            return value


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

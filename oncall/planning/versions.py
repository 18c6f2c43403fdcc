"""Versions of layers and overrides: whoever changes one says which they have seen, so that no change is lost unseen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.plans.plan import PlannedOverride
from oncall.planning.plans.reading import planned
from oncall.planning.recording import Step, is_as_left
from oncall.rosters.errors import ChangedError
from schedules.rosters.rotation import Count
from schedules.wall_clock import written_time

UNDONE: Final = "Undone: "
_DIGITS: Final = 16


def version_of_layer(layer: RosterLayer) -> str:
    """A digest of everything that its form and its place in the list show."""
    rotations = [
        [
            row.starts.isoformat(),
            row.every_n,
            row.every_unit,
            None if row.until is None else row.until.isoformat(),
            [[turn.turn, turn.position, turn.person_id] for turn in row.turns],
            *([row.count] if row.count != Count.ALL else []),
        ]
        for row in layer.rotations
    ]
    return _digest([layer.name, layer.position, layer.duty_hours, rotations])


def version_of_override(layer_id: int, override: PlannedOverride) -> str:
    """A digest of what it says: when, who, how, and its note."""
    span, *facts = override.facts
    return _digest([layer_id, span.start.timestamp(), span.end.timestamp(), *facts])


def refuse_changed_layer(session: Session, layer: RosterLayer, seen: str | None) -> None:
    """Raises ChangedError when `seen` is not its version now. None: the caller has read it in this transaction."""
    if seen is not None and seen != version_of_layer(layer):
        about = {"roster_layer": {"id": layer.id}, "roster_rotation": {"layer_id": layer.id}}
        raise ChangedError(_sentence(session, "layer", about, layer.roster.time_zone))


def refuse_changed_override(session: Session, row: RosterOverride, layer: RosterLayer, seen: str | None) -> None:
    """Raises ChangedError when `seen` is not its version now. None: the caller has read it in this transaction."""
    if seen is not None and seen != version_of_override(layer.id, planned(row)):
        about = {"roster_override": {"id": row.id}}
        raise ChangedError(_sentence(session, "override", about, layer.roster.time_zone))


def who_removed(session: Session, table: str, row_id: int) -> str:
    """By whom a row that is gone was removed, as the end of a sentence: " by Mara Bianchi"; "" when nobody knows."""
    removed = {"table": table, "before": {"id": row_id}, "after": None}
    made = {"table": table, "before": None, "after": {"id": row_id}}
    stands = RosterChange.undone.is_(False)
    change = session.scalar(select(RosterChange).where(RosterChange.steps.contains([removed]), stands).limit(1))
    if change is None:
        undone = session.scalars(select(RosterChange).where(RosterChange.steps.contains([made]), ~stands))
        change = next(iter(_undoings(session, list(undone))), None)
    return f" by {change.made_by}" if change and change.made_by else ""


def _sentence(session: Session, what: str, about: Mapping[str, Mapping[str, int]], zone: str) -> str:
    change = _last_change_of(session, about)
    remedy = f"Nothing of yours is saved: look at the {what} as it is now, then change it again."
    if change is None:
        return f"This {what} has been changed since you loaded it. {remedy}"
    by = change.made_by or "Somebody"
    return f"{by} has changed this {what} meanwhile, {written_time(change.at, zone)} ({change.words}). {remedy}"


def _last_change_of(session: Session, about: Mapping[str, Mapping[str, int]]) -> RosterChange | None:
    """The newest change that has to do with one of the rows; taking one back is a change of them too.

    None when they are not as it left them: then something else has changed them, that history does not know.
    """
    sides = [{"table": table, side: key} for table, key in about.items() for side in ("before", "after")]
    query = select(RosterChange).where(or_(*(RosterChange.steps.contains([side]) for side in sides)))
    found = list(session.scalars(query.order_by(RosterChange.id)))
    found += _undoings(session, [each for each in found if each.undone])
    newest = max(found, key=lambda each: each.id, default=None)
    # A file that is loaded has no place in history: nobody must be named for what it has done since.
    steps = [] if newest is None else [step for step in newest.steps if _is_about(step, about)]
    return newest if all(is_as_left(session, step) for step in steps) else None


def _is_about(step: Step, about: Mapping[str, Mapping[str, int]]) -> bool:
    row = step["after"] or step["before"]
    key = about.get(step["table"])
    return key is not None and all(row[name] == value for name, value in key.items())


def _undoings(session: Session, undone: Sequence[RosterChange]) -> Sequence[RosterChange]:
    """What took these changes back. It has no steps of its own: it is known by their words."""
    if not undone:
        return []
    words = [f"{UNDONE}{each.words}" for each in undone]
    later = (RosterChange.words.in_(words), RosterChange.id > min(each.id for each in undone))
    return session.scalars(select(RosterChange).where(*later).order_by(RosterChange.id)).all()


def _digest(facts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:_DIGITS]

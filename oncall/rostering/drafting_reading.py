"""The live roster as a plan, to begin a draft from and to compare one with; and a draft on top of it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from oncall.people import Person
from oncall.rostering.drafting_edits import Hand
from oncall.rostering.drafting_merge import Conflict, Merged, merge
from oncall.rostering.drafting_models import DraftState, RosterDraft
from oncall.rostering.drafting_plan import Plan, PlannedLayer, PlannedOverride, from_json
from oncall.rostering.drafting_words import Whose, conflict_words
from oncall.rostering.errors import GoneError
from oncall.rostering.layering import wish_of
from oncall.rostering.models import RosterChange
from oncall.rosters import Roster, RosterLayer, RosterOverride, RosterRotation, span_of
from schedules.wall_clock import written_time


def roster_now(session: Session, roster_id: int) -> Roster:
    """The roster with layers and rotations as they stand now. Raises GoneError."""
    rotations = selectinload(Roster.layers).selectinload(RosterLayer.rotations).selectinload(RosterRotation.turns)
    query = select(Roster).where(Roster.id == roster_id).options(rotations).execution_options(populate_existing=True)
    roster = session.scalar(query)
    if roster is None:
        raise GoneError("This roster is not there any more: load the page again.")
    return roster


def plan_in_force(session: Session, roster_id: int, since: datetime) -> Plan:
    """The live roster, without the overrides that were over at `since` (UTC). Raises GoneError."""
    roster = roster_now(session, roster_id)
    rows: dict[int, list[PlannedOverride]] = {}
    query = select(RosterOverride).where(
        RosterOverride.layer_id.in_([layer.id for layer in roster.layers]), func.upper(RosterOverride.span) > since
    )
    ordered = query.order_by(func.lower(RosterOverride.span)).execution_options(populate_existing=True)
    for row in session.scalars(ordered):
        rows.setdefault(row.layer_id, []).append(planned(row))
    return Plan(tuple(_layer(layer, rows.get(layer.id, [])) for layer in roster.layers))


def planned(row: RosterOverride) -> PlannedOverride:
    """A row as plain data."""
    return PlannedOverride(
        row.id, span_of(row.span), row.person_id, row.kind, row.note, row.made_by, row.made_at, row.swap_id
    )


def on_top(session: Session, draft: RosterDraft, now: datetime) -> tuple[Plan, Merged]:
    """The live roster now, and the draft merged with it."""
    force = plan_in_force(session, draft.roster_id, draft.base_at)
    return force, merge(from_json(draft.base), from_json(draft.plan), force, now)


def shown_plan(draft: RosterDraft, merged: Merged) -> Plan:
    """The draft as it is shown and edited: on top of the live roster, unless they are in each other's way."""
    return from_json(draft.plan) if merged.conflicts or draft.state != DraftState.OPEN else merged.plan


def hand(session: Session, name: str, now: datetime, zone: str) -> Hand:
    """Somebody who changes a draft, and everybody's names."""
    rows = session.execute(select(Person.id, Person.name, Person.retired_at).order_by(Person.name)).all()
    left = frozenset(id_ for id_, _, retired_at in rows if retired_at is not None)
    return Hand(name, now, zone, {id_: person for id_, person, _ in rows}, left)


def conflicts_told(session: Session, draft: RosterDraft, conflicts: tuple[Conflict, ...], by: Hand) -> list[str]:
    """A sentence for each conflict: what is in the way, and who put it there."""
    whose = _whose(session, draft, by.zone) if conflicts else {}
    return [conflict_words(each, by, whose) for each in conflicts]


def last_change_id(session: Session, roster_id: int) -> int:
    """The newest change of the roster, undone or not; 0 when there is none."""
    query = select(func.max(RosterChange.id)).where(RosterChange.roster_id == roster_id)
    return session.scalar(query) or 0


def _whose(session: Session, draft: RosterDraft, zone: str) -> Whose:
    """Who has touched which layer and override since the draft was begun: the newest change says it."""
    query = select(RosterChange).where(
        RosterChange.roster_id == draft.roster_id, RosterChange.id > draft.base_change
    )  # fmt: skip
    found: dict[tuple[str, int], str] = {}
    for change in session.scalars(query.order_by(RosterChange.id)):
        words = f" (by {change.made_by}, {written_time(change.at, zone)})"
        for step in change.steps:
            found |= dict.fromkeys(_touched(step["table"], step["after"] or step["before"], step["before"]), words)
    return found


def _touched(table: str, row: Mapping[str, object], before: Mapping[str, object] | None) -> list[tuple[str, int]]:
    match table:
        case "roster_layer":
            moved = before is not None and before.get("position") != row.get("position")
            return [("layer", int(str(row["id"]))), *([("order", 0)] if moved else [])]
        case "roster_rotation":
            return [("layer", int(str(row["layer_id"])))]
        case "roster_override":
            return [("override", int(str(row["id"]))), ("layer", int(str(row["layer_id"])))]
        case _:
            return []


def _layer(row: RosterLayer, overrides: list[PlannedOverride]) -> PlannedLayer:
    wish = wish_of(row)
    return PlannedLayer(row.id, wish.name, tuple(wish.rotations), tuple(wish.hours), tuple(overrides))

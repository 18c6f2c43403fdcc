"""The live roster as a plan, to begin a draft from and to compare one with; and a draft on top of it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterChange
from oncall.models.planning.drafts import DraftState, RosterDraft
from oncall.models.rosters import RosterOverride
from oncall.planning.drafts.merge import Conflict, Merged, merge
from oncall.planning.drafts.plan import from_json
from oncall.planning.drafts.words import Whose, conflict_words
from oncall.planning.plans.plan import Editor, Plan
from oncall.planning.plans.reading import plan_of, roster_now
from schedules.wall_clock import written_time


def plan_in_force(session: Session, roster_id: int, since: datetime) -> Plan:
    """The live roster, without the overrides that were over at `since` (UTC). Raises GoneError."""
    return plan_of(session, roster_now(session, roster_id), func.upper(RosterOverride.span) > since)


def on_top(session: Session, draft: RosterDraft, now: datetime) -> tuple[Plan, Merged]:
    """The live roster now, and the draft merged with it."""
    force = plan_in_force(session, draft.roster_id, draft.base_at)
    return force, merge(from_json(draft.base), from_json(draft.plan), force, now)


def shown_plan(draft: RosterDraft, merged: Merged) -> Plan:
    """The draft as it is shown and edited: on top of the live roster, unless they are in each other's way."""
    return from_json(draft.plan) if merged.conflicts or draft.state != DraftState.OPEN else merged.plan


def conflicts_told(session: Session, draft: RosterDraft, conflicts: tuple[Conflict, ...], by: Editor) -> list[str]:
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

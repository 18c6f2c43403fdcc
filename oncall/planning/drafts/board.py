"""A draft as its page shows it: its own lanes, the live roster beneath them, and what would change."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.planning.drafts import DraftState, RosterDraft, RosterDraftStep
from oncall.models.rosters import RosterOverride
from oncall.planning.drafts.asking import compared
from oncall.planning.drafts.changing import last_step
from oncall.planning.drafts.compare import Difference, Handover, Hours, differences, handovers, hours
from oncall.planning.drafts.reading import conflicts_told, on_top, shown_plan
from oncall.planning.drafts.words import changes
from oncall.planning.editing import GAP_AHEAD, region_zones
from oncall.planning.plans.plan import Plan, PlannedOverride, as_roster
from oncall.planning.plans.reading import hand, overrides_of
from oncall.planning.questions.gap_rules import all_gaps, more
from oncall.planning.questions.rules import moves
from oncall.planning.views.board import Board, LayerView, board_of, layer_views
from oncall.rosters.bad_rosters import answered
from oncall.rosters.errors import Gap, Question
from oncall.rosters.reading import load_rosters, read_rosters, refuse_bad
from schedules.rosters.roster import Roster, duty_spans
from schedules.rosters.time_off import TimeOff

_Past: TypeAlias = dict[int, list[PlannedOverride]]


@dataclass(frozen=True)
class DraftBoard:
    """What a draft's page shows. `board` is as if the draft were in force; `in_force` has the layers that are.

    `differences` are by the layer's number; gaps that would open, close or stay are those of the next 30 days.
    `conflicts` and `changes` are in words; `moves`: whom it moves now and in the next 14 days.
    """

    draft: RosterDraft
    board: Board
    in_force: tuple[LayerView, ...]
    differences: dict[int, list[Difference]]
    handovers: tuple[Handover, ...]
    hours: tuple[Hours, ...]
    opens: tuple[Gap, ...]
    closes: tuple[Gap, ...]
    stay: tuple[Gap, ...]
    changes: tuple[str, ...]
    conflicts: tuple[str, ...]
    last_step: RosterDraftStep | None
    moves: Question | None = None


def read_draft_board(session: Session, draft: RosterDraft, start: datetime, end: datetime, now: datetime) -> DraftBoard:
    """The draft and the live roster from `start` to `end` (UTC). Raises GoneError."""
    row = draft.roster
    force, merged = on_top(session, draft, now)
    plan = shown_plan(draft, merged)
    past = _past(session, draft, force, start, end)
    read = read_rosters(session, start, end, history=True)
    refuse_bad(read, row.name)
    rosters = list(read.rosters)
    like = next(each for each in rosters if each.name == row.name)
    one, other = (as_roster(each, like, like.time_off, past) for each in (force, plan))
    people = {person.id: person for person in session.scalars(select(Person).order_by(Person.name))}

    def views(side: Plan, roster: Roster) -> tuple[LayerView, ...]:
        overrides = {each.id: [*past.get(each.id, ()), *each.overrides] for each in side.layers}
        return layer_views(roster, side.layers, overrides, people, start, end, lambda *_: str(draft.version))

    planned = [other if each is like else each for each in rosters]
    board = board_of(session, row, planned, other, views(plan, other), people, start, end)
    found = _differences(force, plan, one, other, start, end)
    by = hand(session, "", now, row.time_zone)
    return DraftBoard(
        draft=draft,
        board=board,
        in_force=views(force, one),
        differences=found,
        handovers=tuple(handovers(each for spans in found.values() for each in spans)),
        hours=tuple(hours(one, other, start, end)),
        changes=tuple(changes(force, plan, by)) if draft.state == DraftState.OPEN else (),
        conflicts=tuple(conflicts_told(session, draft, merged.conflicts, by)) if draft.state == DraftState.OPEN else (),
        last_step=last_step(session, draft.id) if draft.state == DraftState.OPEN else None,
        moves=_moves(session, draft, force, plan, now) if draft.state == DraftState.OPEN else None,
        **_gaps(session, draft, plan, now),
    )


def _moves(session: Session, draft: RosterDraft, force: Plan, plan: Plan, now: datetime) -> Question | None:
    """Whom publishing it would move now and in the next 14 days."""
    found = compared(session, draft, force, plan, now)
    asked = None if found is None else answered(found.after, lambda _: next(moves(found), None))
    return asked if isinstance(asked, Question) else None


def _past(session: Session, draft: RosterDraft, force: Plan, start: datetime, end: datetime) -> _Past:
    """Overrides of the time shown that were over before the draft began: they hold in both."""
    span = RosterOverride.span
    shown = span.overlaps(Range(start, end)), func.upper(span) <= draft.base_at
    return overrides_of(session, [layer.id for layer in force.layers], *shown)


def _differences(
    force: Plan, plan: Plan, one: Roster, other: Roster, start: datetime, end: datetime
) -> dict[int, list[Difference]]:
    found: dict[int, list[Difference]] = {}
    for key in dict.fromkeys(layer.id for side in (plan, force) for layer in side.layers):
        before, after = force.layer(key), plan.layer(key)
        found[key] = differences(
            duty_spans(one, before.name, start, end) if before else [],
            duty_spans(other, after.name, start, end) if after else [],
        )
    return found


def _gaps(session: Session, draft: RosterDraft, plan: Plan, now: datetime) -> dict[str, tuple[Gap, ...]]:
    """By the rule of changes that are in force: over all rosters, 30 days ahead."""
    end = now + GAP_AHEAD
    rosters, zones = load_rosters(session, now, end), region_zones(session)
    away: list[TimeOff] = [off for each in rosters[:1] for off in each.time_off]
    after = [as_roster(plan, each, away) if each.name == draft.roster.name else each for each in rosters]
    known, found = (all_gaps(each, zones, now, end) for each in (rosters, after))
    opens, closes = more(known, found), more(found, known)
    return {"opens": tuple(opens), "closes": tuple(closes), "stay": tuple(more(opens, found))}

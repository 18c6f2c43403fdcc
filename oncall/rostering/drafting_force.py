"""Publishing a draft: all of it as one change of the roster, or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.rostering.drafting import locked, note, refuse_closed, refuse_outdated
from oncall.rostering.drafting_edits import overlap
from oncall.rostering.drafting_models import DraftState, RosterDraft
from oncall.rostering.drafting_plan import Plan, PlannedLayer, PlannedOverride
from oncall.rostering.drafting_reading import conflicts_told, hand, last_change_id, on_top, roster_now
from oncall.rostering.drafting_words import changes, in_short
from oncall.rostering.editing import Author, editing
from oncall.rostering.errors import GoneError, RosterError
from oncall.rostering.finding import refuse_strangers
from oncall.rostering.layering import number, set_layer, take_away
from oncall.rostering.overriding import forget_origin, put_in
from oncall.rostering.surprises import OF_A_DRAFT
from oncall.rosters import Roster, RosterLayer, RosterOverride


class ConflictsError(RosterError):
    """What was changed in the live roster since is in the draft's way; `told`: a sentence each."""

    def __init__(self, told: list[str]) -> None:
        ways = "Take over the live roster there, or change the draft."
        super().__init__(f"This can't be published as it is. {' '.join(told)} {ways}")
        self.told = told


def put_into_force(session: Session, author: Author, draft_id: int, version: int) -> RosterDraft:
    """Make the roster what the draft says; what the draft did not touch stays as it is live.

    Raises RosterErrors: ConflictsError when both have changed the same thing since the draft was begun, GapOpensError
    until gaps are accepted, GoneError when the draft is closed or is not the `version` that was looked at.
    """
    roster_id = _found(session, draft_id).roster_id
    with editing(session, author, roster_id) as edit:
        draft = locked(session, draft_id)
        refuse_closed(draft)
        refuse_outdated(session, draft, version)
        force, merged = on_top(session, draft, author.now)
        by = hand(session, author.name, author.now, draft.roster.time_zone)
        told = conflicts_told(session, draft, merged.conflicts, by)
        if told:
            raise ConflictsError(told)
        done = changes(force, merged.plan, by)
        if not done:
            raise RosterError("This draft changes nothing of the live roster: there is nothing to publish.")
        # Who stands in the live roster, and has left, leaves a gap there, which is asked about like any other.
        refuse_strangers(session, merged.plan.people() - force.people(), "in this draft")
        _write(session, roster_now(session, roster_id), force, merged.plan)
        edit.asks = OF_A_DRAFT
        edit.words = f"Draft “{draft.name}” published: {in_short(done)}"
    draft.change_id = last_change_id(session, roster_id)
    draft.state, draft.closed_by, draft.closed_at = DraftState.IN_FORCE, author.name, author.now
    note(session, draft, author, f"Published: {in_short(done)}")
    return draft


def open_again(session: Session, author: Author, change_id: int) -> None:
    """The change that published a draft is taken back: the draft can be worked on again."""
    draft = session.scalar(select(RosterDraft).where(RosterDraft.change_id == change_id))
    if draft is None:
        return
    draft.state, draft.closed_by, draft.closed_at, draft.change_id = DraftState.OPEN, None, None, None
    note(session, draft, author, "Taken back: no longer published, and open again")


def _write(session: Session, roster: Roster, force: Plan, plan: Plan) -> None:
    rows = {layer.id: layer for layer in roster.layers}
    for gone in (layer for layer in force.layers if plan.layer(layer.id) is None):
        take_away(session, rows[gone.id])
    session.flush()
    _free_names(session, rows, force, plan)
    order = [_layer(session, roster, rows.get(each.id), force.layer(each.id), each) for each in plan.layers]
    number(order)
    session.flush()
    for layer, wanted in zip(order, plan.layers, strict=True):
        _overrides(session, layer, force.layer(wanted.id), wanted)


def _free_names(session: Session, rows: dict[int, RosterLayer], force: Plan, plan: Plan) -> None:
    """Two layers may trade names: those that get another one let go of theirs first."""
    renamed = [each for each in plan.layers if (old := force.layer(each.id)) is not None and old.name != each.name]
    for each in renamed:
        rows[each.id].name = f"layer {each.id} of roster {rows[each.id].roster_id}, to be renamed"
    if renamed:
        session.flush()


def _layer(
    session: Session, roster: Roster, row: RosterLayer | None, before: PlannedLayer | None, wanted: PlannedLayer
) -> RosterLayer:
    if row is None:
        row = RosterLayer(position=len(roster.layers), rotations=[], overrides=[])
        set_layer(session, roster, row, wanted.wish)
        roster.layers.append(row)
    elif before is None or before.facts != wanted.facts:
        set_layer(session, roster, row, wanted.wish)
    return row


def _overrides(session: Session, layer: RosterLayer, before: PlannedLayer | None, wanted: PlannedLayer) -> None:
    """Rows keep their numbers, but for those that trade places: they are made anew, forth as well as (undone) back."""
    known = {each.id: each for each in (before.overrides if before else ())}
    changed = [each for each in wanted.overrides if each.id not in known or known[each.id].facts != each.facts]
    trading = set(_trading(known, changed))
    gone = known.keys() - {each.id for each in wanted.overrides}
    rows = _rows(session, {*gone, *(each.id for each in changed)})
    for key in (*gone, *trading):
        row = rows.pop(key, None)
        if row is not None:  # what belonged to a swap may have gone with it
            session.delete(row)
    session.flush()
    for each in sorted(changed, key=lambda each: each.id not in rows):  # new ones last, when their places are free
        put_in(session, _set(rows.get(each.id) or RosterOverride(layer_id=layer.id), each), layer)


def _trading(known: Mapping[int, PlannedOverride], changed: Iterable[PlannedOverride]) -> Iterator[int]:
    """Overrides that move to where another one moves away from, or the other way round."""
    moved = [each for each in changed if each.id in known and known[each.id].span != each.span]
    for one, other in permutations(moved, 2):
        old = known[other.id].span
        if overlap(one, old.start, old.end):
            yield from (one.id, other.id)


def _rows(session: Session, ids: Iterable[int]) -> dict[int, RosterOverride]:
    query = select(RosterOverride).where(RosterOverride.id.in_(ids))
    return {row.id: row for row in session.scalars(query)}


def _set(row: RosterOverride, wanted: PlannedOverride) -> RosterOverride:
    forget_origin(row, wanted.span, wanted.person_id, wanted.kind)
    row.span = Range(wanted.span.start, wanted.span.end)
    row.person_id, row.kind, row.note = wanted.person_id, wanted.kind, wanted.note
    row.made_by, row.made_at = wanted.made_by, wanted.made_at
    return row


def _found(session: Session, draft_id: int) -> RosterDraft:
    draft = session.get(RosterDraft, draft_id)
    if draft is None:
        raise GoneError("This draft is not there any more: load the page again.")
    return draft

"""A plan that was changed, written into the rows of its roster: only where the two plans differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.models.planning.changes import RosterSwap
from oncall.models.rosters import Roster, RosterLayer, RosterOverride, RosterRotation, RosterTurn, span_of
from oncall.planning.plans.edits import overlap
from oncall.planning.plans.plan import Plan, PlannedLayer, PlannedOverride, stored_hours
from oncall.rosters.errors import TakenError
from schedules.rosters.rotation import Rotation


def write(session: Session, roster: Roster, before: Plan, after: Plan) -> dict[int, int]:
    """Make the roster, which `before` was read from, what `after` says: the new rows' ids by their plan's numbers.

    Raises TakenError when somebody who does not look has put an override in the way meanwhile.
    """
    rows = {layer.id: layer for layer in roster.layers}
    for gone in (layer for layer in before.layers if after.layer(layer.id) is None):
        _undo_swaps(session, rows[gone.id])
        roster.layers.remove(rows[gone.id])
    session.flush()
    _free_names(session, rows, before, after)
    order = [_layer(roster, rows.get(each.id), before.layer(each.id), each) for each in after.layers]
    _number(order)
    session.flush()
    made = {wanted.id: layer.id for layer, wanted in zip(order, after.layers, strict=True) if wanted.id not in rows}
    for layer, wanted in zip(order, after.layers, strict=True):
        made |= _overrides(session, layer, before.layer(wanted.id), wanted)
    return made


def _undo_swaps(session: Session, layer: RosterLayer) -> None:
    """Here, and not by the database's cascade: history has to know of it."""
    query = select(RosterSwap).where((RosterSwap.layer_id == layer.id) | (RosterSwap.return_layer_id == layer.id))
    for swap in session.scalars(query).all():
        for override in session.scalars(select(RosterOverride).where(RosterOverride.swap_id == swap.id)):
            session.delete(override)
        session.flush()
        session.delete(swap)
    session.flush()


def _free_names(session: Session, rows: Mapping[int, RosterLayer], before: Plan, after: Plan) -> None:
    """Two layers may trade names: those that get another one's let go of theirs first."""
    names = {each.id: each.name for each in before.layers}
    renamed = [each for each in after.layers if each.id in names and names[each.id] != each.name]
    for each in renamed if {each.name for each in renamed} & set(names.values()) else ():
        rows[each.id].name = f"layer {each.id} of roster {rows[each.id].roster_id}, to be renamed"
    session.flush()


def _layer(roster: Roster, row: RosterLayer | None, before: PlannedLayer | None, wanted: PlannedLayer) -> RosterLayer:
    if row is None:
        row = RosterLayer(position=len(roster.layers), rotations=[], overrides=[], duty_hours=[])
        roster.layers.append(row)
    if row.name != wanted.name:
        row.name = wanted.name
    if before is None or before.hours != wanted.hours:
        row.duty_hours = [stored_hours(each) for each in wanted.hours]
    if before is None or before.rotations != wanted.rotations:
        row.rotations = [stored_rotation(place, each) for place, each in enumerate(wanted.rotations)]
    return row


def stored_rotation(place: int, rotation: Rotation) -> RosterRotation:
    """A rotation of people's ids as a row, with the rows of its turns."""
    turns = [
        RosterTurn(turn=number, position=position, person_id=int(person))
        for number, people in enumerate(rotation.turns)
        for position, person in enumerate(people)
    ]
    return RosterRotation(
        position=place,
        starts=rotation.start,
        every_n=rotation.every.n,
        every_unit=f"{rotation.every.unit}s",
        until=rotation.until,
        count=rotation.count.value,
        turns=turns,
    )


def _number(layers: Sequence[RosterLayer]) -> None:
    """Ring them in this order."""
    for position, layer in enumerate(layers):
        if layer.position != position:
            layer.position = position


def _overrides(
    session: Session, layer: RosterLayer, before: PlannedLayer | None, wanted: PlannedLayer
) -> dict[int, int]:
    """Rows keep their numbers, but for those that trade places: they are made anew, forth as well as (undone) back."""
    known = {each.id: each for each in (before.overrides if before else ())}
    changed = [each for each in wanted.overrides if known.get(each.id) != each]
    gone = known.keys() - {each.id for each in wanted.overrides}
    if not changed and not gone:
        return {}
    trading = set(_trading(known, changed))
    rows = _rows(session, {*gone, *(each.id for each in changed)})
    for key in (*gone, *trading):
        row = rows.pop(key, None)
        if row is not None:  # what belonged to a swap may have gone with it
            session.delete(row)
    session.flush()
    made: dict[int, int] = {}
    for each in sorted(changed, key=lambda each: each.id not in rows):  # new ones last, when their places are free
        row = _set(rows.get(each.id) or RosterOverride(layer_id=layer.id, swap_id=each.swap_id), each)
        session.add(row)
        with collisions_told(layer.name, "load the page again"):
            session.flush()
        if each.id not in known:
            made[each.id] = row.id
    return made


def _trading(known: Mapping[int, PlannedOverride], changed: Iterable[PlannedOverride]) -> Iterator[int]:
    """Overrides that move to where another one moves away from, or the other way round."""
    moved = [each for each in changed if each.id in known and known[each.id].span != each.span]
    for one, other in permutations(moved, 2):
        old = known[other.id].span
        if overlap(one, old.start, old.end):
            yield from (one.id, other.id)


def _rows(session: Session, ids: Iterable[int]) -> dict[int, RosterOverride]:
    query = select(RosterOverride).where(RosterOverride.id.in_(ids)).execution_options(populate_existing=True)
    return {row.id: row for row in session.scalars(query)}


def _set(row: RosterOverride, wanted: PlannedOverride) -> RosterOverride:
    """An imported override that gets another span, person or kind by hand belongs to its calendar no longer."""
    stands = row.span is not None and (span_of(row.span), row.person_id, row.kind) == wanted.facts[:3]
    if not stands:
        row.origin = None
        row.span = Range(wanted.span.start, wanted.span.end)
    row.person_id, row.kind, row.note = wanted.person_id, wanted.kind, wanted.note
    row.made_by, row.made_at = wanted.made_by, wanted.made_at
    return row


@contextmanager
def collisions_told(layer: str, remedy: str) -> Iterator[None]:
    """The database has the last word: somebody who does not look may have put an override there since we looked."""
    try:
        yield
    except IntegrityError as error:
        if "ex_roster_override_overlap" not in str(error.orig):
            raise
        raise TakenError(f"Another override of {layer} has just been put there: {remedy}.") from None

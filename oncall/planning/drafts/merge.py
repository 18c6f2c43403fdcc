"""What a draft changes, on top of the live roster, when both have changed since the draft was begun. Pure.

A three-way merge by layer and by override: what only the draft changed is the draft's, all else is the live roster's.
Where both changed the same thing, or the live roster stands in the draft's way, there is a conflict; the merged plan
then has the live roster, and the conflict says what of the draft is not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from oncall.planning.plans.edits import overlap
from oncall.planning.plans.plan import Plan, PlannedLayer, PlannedOverride


class Clash(StrEnum):
    """What is in the draft's way."""

    LAYER_CHANGED = "layer changed"  # by both
    LAYER_GONE = "layer gone"  # changed by the draft, removed in the live roster
    LAYER_USED = "layer used"  # removed by the draft, changed or covered in the live roster
    NAME_TAKEN = "name taken"
    ORDER = "order"
    OVERRIDE_CHANGED = "override changed"  # by both
    OVERRIDE_GONE = "override gone"  # changed by the draft, removed in the live roster
    IN_THE_WAY = "in the way"  # an override in force overlaps one of the draft
    OVER = "over"  # the draft's override is past


@dataclass(frozen=True)
class Conflict:
    """A clash in a layer (or over the order of all: None), with the draft's override and the one that is in force."""

    clash: Clash
    layer: PlannedLayer | None
    mine: PlannedOverride | None = None
    theirs: PlannedOverride | None = None


@dataclass(frozen=True)
class Merged:
    """What would be in force, and what of the draft is not in it."""

    plan: Plan
    conflicts: tuple[Conflict, ...]


def merge(base: Plan, plan: Plan, force: Plan, now: datetime) -> Merged:
    """The draft `plan`, begun from `base`, on top of what is in `force` at the instant `now` (UTC)."""
    conflicts: list[Conflict] = []
    kept = {each.id: each for each in _layers(base, plan, force, conflicts)}
    undone = {
        override.swap_id
        for layer in force.layers
        if layer.id not in kept
        for override in layer.overrides
        if override.swap_id is not None
    }
    for key, layer in kept.items():
        sides = _Sides(*(each.layer(key) for each in (base, plan, force)))
        kept[key] = replace(layer, overrides=_overrides(layer, sides, undone, now, conflicts))
    _rename(kept, force, conflicts)
    order = _order(base, plan, force, kept, conflicts)
    return Merged(Plan(tuple(kept[key] for key in order)), tuple(conflicts))


@dataclass(frozen=True)
class _Sides:
    """One layer as the draft began with it, as the draft has it, and as it is in force."""

    base: PlannedLayer | None
    mine: PlannedLayer | None
    theirs: PlannedLayer | None

    @property
    def changed_by_me(self) -> bool:
        return self.base is not None and self.mine is not None and _differ(self.base, self.mine)

    @property
    def changed_by_them(self) -> bool:
        return self.base is not None and self.theirs is not None and _differ(self.base, self.theirs)


def _differ(one: PlannedLayer, other: PlannedLayer) -> bool:
    """Whether a layer has other facts, or any override that is new or another one; fewer are no loss to anybody."""
    known = {each.id: each.facts for each in one.overrides}
    return one.facts != other.facts or any(known.get(each.id) != each.facts for each in other.overrides)


def _layers(base: Plan, plan: Plan, force: Plan, conflicts: list[Conflict]) -> Iterator[PlannedLayer]:
    """The layers that stay or come, with their facts; the overrides are not merged yet."""
    keys = dict.fromkeys(each.id for side in (force, plan) for each in side.layers)
    for key in keys:
        sides = _Sides(base.layer(key), plan.layer(key), force.layer(key))
        match sides:
            case _Sides(None, PlannedLayer() as added, None) | _Sides(None, None, PlannedLayer() as added):
                yield added
            case _Sides(PlannedLayer() as before, PlannedLayer() as mine, PlannedLayer() as theirs):
                if mine.facts != before.facts and theirs.facts not in (before.facts, mine.facts):
                    conflicts.append(Conflict(Clash.LAYER_CHANGED, mine))
                    mine = before
                yield theirs if mine.facts == before.facts else mine
            case _Sides(_, None, PlannedLayer() as theirs) if sides.changed_by_them:
                conflicts.append(Conflict(Clash.LAYER_USED, theirs))
                yield theirs
            case _Sides(_, PlannedLayer() as mine, None) if sides.changed_by_me:
                conflicts.append(Conflict(Clash.LAYER_GONE, mine))


def _overrides(
    layer: PlannedLayer, sides: _Sides, undone: set[int], now: datetime, conflicts: list[Conflict]
) -> tuple[PlannedOverride, ...]:
    """The overrides in force with what the draft did to its own; one that is in the way wins."""
    if sides.mine is None:
        return layer.overrides
    before = {each.id: each for each in (sides.base.overrides if sides.base else ())}
    theirs = {each.id: each for each in (sides.theirs.overrides if sides.theirs else ())}
    found = dict(theirs)
    changed: set[int] = set()
    for mine in sides.mine.overrides:
        was, other = before.get(mine.id), theirs.get(mine.id)
        clash = _clash(mine, was, other, now)
        if clash is not None:
            conflicts.append(Conflict(clash, layer, mine, other))
        elif mine.facts not in {each.facts for each in (was, other) if each is not None}:
            found[mine.id] = mine
            changed.add(mine.id)
    for gone in (each for each in before.values() if sides.mine.override(each.id) is None):
        other = theirs.get(gone.id)
        if other is None or other.span.end <= now or (gone.swap_id is not None and gone.swap_id not in undone):
            continue
        if other.facts == gone.facts:
            del found[gone.id]
        else:
            conflicts.append(Conflict(Clash.OVERRIDE_CHANGED, layer, None, other))
    _give_way(layer, found, theirs, changed, conflicts)
    return tuple(sorted(found.values(), key=lambda each: each.span))


def _clash(
    mine: PlannedOverride, before: PlannedOverride | None, theirs: PlannedOverride | None, now: datetime
) -> Clash | None:
    """Why the draft's override can't be published as such, whatever else there is."""
    if before is None:
        return Clash.OVER if mine.span.end <= now else None
    if mine.facts == before.facts or (theirs is not None and theirs.facts == mine.facts):
        return None
    if theirs is None:
        return Clash.OVERRIDE_GONE
    if theirs.facts != before.facts:
        return Clash.OVERRIDE_CHANGED
    return Clash.OVER if min(mine.span.end, theirs.span.end) <= now else None


def _give_way(
    layer: PlannedLayer,
    found: dict[int, PlannedOverride],
    theirs: Mapping[int, PlannedOverride],
    changed: set[int],
    conflicts: list[Conflict],
) -> None:
    """Where two overlap, the draft's gives way; what it goes back to may be in another one's way in turn."""
    while True:
        pair = next(_colliding(found, changed), None)
        if pair is None:
            return
        mine, other = pair
        conflicts.append(Conflict(Clash.IN_THE_WAY, layer, mine, other))
        changed.discard(mine.id)
        del found[mine.id]
        if mine.id in theirs:
            found[mine.id] = theirs[mine.id]


def _colliding(
    found: Mapping[int, PlannedOverride], changed: set[int]
) -> Iterator[tuple[PlannedOverride, PlannedOverride]]:
    for key in sorted(changed):
        mine = found[key]
        for other in found.values():
            if other.id not in changed and overlap(other, mine.span.start, mine.span.end):
                yield mine, other


def _rename(kept: dict[int, PlannedLayer], force: Plan, conflicts: list[Conflict]) -> None:
    """No two layers of one name: the one in force keeps it, and the draft's stays with a name of its own."""
    for layer in list(kept.values()):
        theirs = force.layer(layer.id)
        if theirs is not None and theirs.name == layer.name:
            continue
        names = {other.name for other in kept.values() if other.id != layer.id}
        if layer.name in names:
            conflicts.append(Conflict(Clash.NAME_TAKEN, layer))
            free = theirs.name if theirs is not None and theirs.name not in names else _free_name(layer.name, names)
            kept[layer.id] = replace(layer, name=free)


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while (found := f"{name[:50]} {number}") in taken:
        number += 1
    return found


def _order(
    base: Plan, plan: Plan, force: Plan, kept: Mapping[int, PlannedLayer], conflicts: list[Conflict]
) -> Sequence[int]:
    """The order of who changed it; layers that only the other side has come after those that they follow there."""
    before, mine, theirs = ([each.id for each in side.layers] for side in (base, plan, force))
    common = [key for key in before if key in kept and key in mine and key in theirs]
    by_me, by_them = ([key for key in side if key in common] for side in (mine, theirs))
    lead, follow = theirs, mine
    if by_me != common:
        if by_them in (common, by_me):
            lead, follow = mine, theirs
        else:
            conflicts.append(Conflict(Clash.ORDER, None))
    order = [key for key in lead if key in kept]
    for place, key in enumerate(follow):
        if key in kept and key not in order:
            ahead = next((other for other in reversed(follow[:place]) if other in order), None)
            order.insert(0 if ahead is None else order.index(ahead) + 1, key)
    return order

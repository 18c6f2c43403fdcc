"""What a draft changes, and what is in its way, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from oncall.planning.drafts.merge import Clash, Conflict
from oncall.planning.plans.plan import Editor, Plan, PlannedLayer
from oncall.planning.plans.words import words_of

_TOLD_AT_MOST: Final = 3


# Who last changed a layer or an override in force, in words: ("layer" or "override", its id) to " by Mara, Mon 1 Jun".
Whose: TypeAlias = Mapping[tuple[str, int], str]


def changes(before: Plan, after: Plan, hand: Editor) -> list[str]:
    """What must be done to `before` to make it `after`, a line each."""
    lines = [f"layer {each.name} removed" for each in before.layers if after.layer(each.id) is None]
    for layer in after.layers:
        lines += _layer_changes(before.layer(layer.id), layer, hand)
    kept = [each.id for each in before.layers if after.layer(each.id)]
    if [each.id for each in after.layers if before.layer(each.id)] != kept:
        lines.append(f"ringing order {', '.join(each.name for each in after.layers)}")
    return lines


def in_short(lines: Sequence[str]) -> str:
    """The first few of them, for one line of history."""
    rest = len(lines) - _TOLD_AT_MOST
    return "; ".join(lines) if rest <= 1 else f"{'; '.join(lines[:_TOLD_AT_MOST])} and {rest} more"


def conflict_words(conflict: Conflict, hand: Editor, whose: Whose) -> str:
    """A sentence on what is in the way, and whose it is."""
    layer = "" if conflict.layer is None else f"Layer {conflict.layer.name}"
    by = "" if conflict.layer is None else whose.get(("layer", conflict.layer.id), "")
    match conflict.clash:
        case Clash.LAYER_CHANGED:
            return f"{layer} has been changed in the live roster{by}, and the draft changes it too."
        case Clash.LAYER_GONE:
            return f"{layer} has been removed in the live roster{by}, and the draft changes it."
        case Clash.LAYER_USED:
            return f"{layer} has been changed or covered in the live roster{by}, and the draft removes it."
        case Clash.NAME_TAKEN:
            return f"{layer} is in the live roster already, and the draft gives that name to another layer."
        case Clash.ORDER:
            by = whose.get(("order", 0), "")
            return f"The ringing order has been changed in the live roster{by}, and by the draft too."
        case _:
            return _override_conflict(conflict, hand, whose)


def _override_conflict(conflict: Conflict, hand: Editor, whose: Whose) -> str:
    mine, theirs, layer = conflict.mine, conflict.theirs, conflict.layer
    if layer is None:
        raise ValueError(f"a conflict over overrides is in a layer: {conflict}")
    wanted = "" if mine is None else words_of(mine, layer, hand)
    there = "" if theirs is None else words_of(theirs, layer, hand)
    key = theirs or mine
    by = "" if key is None else whose.get(("override", key.id), "")
    if not by and theirs is not None and theirs.made_by:
        by = f" (by {theirs.made_by})"
    match conflict.clash:
        case Clash.OVER:
            return f"This is over, and is not published afterwards: {wanted}."
        case Clash.OVERRIDE_GONE:
            gone = f"An override that the draft changes has been removed in the live roster{by}."
            return f"{gone} The draft has: {wanted}."
        case Clash.OVERRIDE_CHANGED if mine is None:
            return f"The draft removes an override that has been changed in the live roster: {there}{by}."
        case Clash.OVERRIDE_CHANGED:
            other = f"An override that the draft changes has been changed in the live roster: {there}{by}."
            return f"{other} The draft has: {wanted}."
        case _:
            return f"Live by now: {there}{by}. That is in the way of the draft's: {wanted}."


def _layer_changes(before: PlannedLayer | None, layer: PlannedLayer, hand: Editor) -> list[str]:
    lines: list[str] = []
    if before is None:
        lines.append(f"layer {layer.name} added")
    elif before.facts != layer.facts:
        renamed = f" (was {before.name})" if before.name != layer.name else ""
        lines.append(f"layer {layer.name}{renamed} changed")
    known = {each.id: each for each in (before.overrides if before else ())}
    for override in layer.overrides:
        old = known.pop(override.id, None)
        if old is None:
            lines.append(words_of(override, layer, hand))
        elif old.facts != override.facts:
            lines.append(f"{words_of(override, layer, hand)} (before: {words_of(old, before or layer, hand)})")
    return lines + [f"removed: {words_of(gone, layer, hand)}" for gone in known.values()]

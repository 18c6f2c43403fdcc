"""Changing a draft's plan, by the rules and in the words of changes that are in force. Pure.

Each function gives the plan as it is afterwards, and what was done in words; all raise RosterErrors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from oncall.rostering.drafting_plan import Plan, PlannedLayer, PlannedOverride
from oncall.rostering.errors import GoneError, RosterError
from oncall.rostering.layering import LayerWish, good_name, people_of, rotations_words
from oncall.rostering.overriding import Wish, override_words, refuse_senseless, refuse_swapped, spelled, taken

Done: TypeAlias = tuple[Plan, str]


@dataclass(frozen=True)
class Hand:
    """Who changes the plan, when (UTC), on which clock it is told, everybody's name by id, and who has `left`."""

    name: str
    now: datetime
    zone: str
    people: Mapping[int, str]
    left: frozenset[int] = frozenset()


def add_override(plan: Plan, hand: Hand, layer_id: int, wish: Wish) -> Done:
    """Put an override into a layer."""
    layer = _layer(plan, layer_id)
    made = _wished(PlannedOverride(plan.next_id(), wish.span, wish.person_id), layer, wish, hand)
    return plan.with_layer(_with(layer, made)), words_of(made, layer, hand)


def change_override(plan: Plan, hand: Hand, override_id: int, wish: Wish) -> Done:
    """Give an override another span, person, kind or note; it stays in its layer."""
    layer, before = _override(plan, override_id)
    refuse_swapped(before.swap_id)
    made = _wished(before, layer, wish, hand)
    if made.facts == before.facts:
        return plan, ""
    words = f"{words_of(made, layer, hand)} (before: {words_of(before, layer, hand)})"
    return plan.with_layer(_with(layer, made)), words


def remove_override(plan: Plan, hand: Hand, override_id: int) -> Done:
    """Take an override away."""
    layer, override = _override(plan, override_id)
    refuse_swapped(override.swap_id)
    return plan.with_layer(_without(layer, {override.id})), f"Removed: {words_of(override, layer, hand)}"


def add_layer(plan: Plan, hand: Hand, wish: LayerWish) -> Done:
    """Put a layer below the others."""
    made = _layer_wished(plan, PlannedLayer(plan.next_id(), "", ()), wish, hand)
    return Plan((*plan.layers, made)), f"Layer {made.name} added: {rotations_words(wish)}"


def change_layer(plan: Plan, hand: Hand, layer_id: int, wish: LayerWish) -> Done:
    """Give a layer another name, other hours, other rotations."""
    before = _layer(plan, layer_id)
    made = _layer_wished(plan, before, wish, hand)
    if made.facts == before.facts:
        return plan, ""
    renamed = f" (was {before.name})" if before.name != made.name else ""
    return plan.with_layer(made), f"Layer {made.name}{renamed} changed: {rotations_words(wish)}"


def remove_layer(plan: Plan, hand: Hand, layer_id: int) -> Done:
    """Take a layer away, with its overrides; swaps that had to do with it are undone in other layers too."""
    gone = _layer(plan, layer_id)
    swaps = {each.swap_id for each in gone.overrides if each.swap_id is not None}
    left = [_without(layer, {e.id for e in layer.overrides if e.swap_id in swaps}) for layer in plan.layers]
    return Plan(tuple(layer for layer in left if layer.id != gone.id)), f"Layer {gone.name} removed"


def move_layer(plan: Plan, hand: Hand, layer_id: int, position: int) -> Done:
    """Ring a layer earlier or later; `position` counts from 0."""
    layer = _layer(plan, layer_id)
    order = [each for each in plan.layers if each.id != layer_id]
    order.insert(max(0, min(position, len(order))), layer)
    if tuple(order) == plan.layers:
        return plan, ""
    return Plan(tuple(order)), f"Ringing order: {', '.join(each.name for each in order)}"


def words_of(override: PlannedOverride, layer: PlannedLayer, hand: Hand) -> str:
    """For example "Carla Neri covers in first, Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun 2026, 06:00 CEST"."""
    return f"{who_words(override, hand)} in {layer.name}, {spelled(override.span, hand.zone)}"


def who_words(override: PlannedOverride, hand: Hand) -> str:
    """Who is put on call by it."""
    name = None if override.person_id is None else hand.people.get(override.person_id, "Somebody who has left")
    return override_words(name, override.kind)


def _wished(override: PlannedOverride, layer: PlannedLayer, wish: Wish, hand: Hand) -> PlannedOverride:
    refuse_senseless(wish)
    if wish.person_id is not None and wish.person_id not in hand.people:
        raise GoneError("This person is not there any more: choose somebody else.")
    if wish.person_id != override.person_id or override.id not in {each.id for each in layer.overrides}:
        _refuse_left(hand, {wish.person_id} - {None})
    if wish.span.end <= hand.now:
        raise RosterError("A draft plans what is to come, and this time is over: choose another one.")
    in_the_way = (e for e in layer.overrides if e.id != override.id and overlap(e, wish.span.start, wish.span.end))
    other = min(in_the_way, key=lambda each: each.span, default=None)
    if other is not None:
        raise taken(who_words(other, hand), layer.name, other.span, hand.zone, other.made_by)
    return replace(
        override, span=wish.span, person_id=wish.person_id, kind=wish.kind, note=wish.note,
        made_by=hand.name, made_at=hand.now,
    )  # fmt: skip


def overlap(override: PlannedOverride, start: datetime, end: datetime) -> bool:
    """Whether the override holds at any time from `start` to `end`."""
    return override.span.start < end and start < override.span.end


def _layer_wished(plan: Plan, layer: PlannedLayer, wish: LayerWish, hand: Hand) -> PlannedLayer:
    name = good_name(wish.name, {each.name for each in plan.layers if each.id != layer.id})
    wanted = people_of(wish)
    if not wanted <= hand.people.keys():
        raise GoneError("Somebody in this rotation is not there any more: load the page again.")
    if tuple(wish.rotations) != layer.rotations:
        _refuse_left(hand, wanted)
    return replace(layer, name=name, rotations=tuple(wish.rotations), hours=tuple(wish.hours))


def _refuse_left(hand: Hand, people: Iterable[int | None]) -> None:
    for person in people:
        if person in hand.left:
            raise GoneError(f"{hand.people[person]} has left, and is never on call: choose somebody else.")


def _layer(plan: Plan, layer_id: int) -> PlannedLayer:
    layer = plan.layer(layer_id)
    if layer is None:
        raise GoneError("This layer is not in the draft any more: load the page again.")
    return layer


def _override(plan: Plan, override_id: int) -> tuple[PlannedLayer, PlannedOverride]:
    for layer in plan.layers:
        override = layer.override(override_id)
        if override is not None:
            return layer, override
    raise GoneError("This override is not in the draft any more: somebody has removed it. Load the page again.")


def _with(layer: PlannedLayer, override: PlannedOverride) -> PlannedLayer:
    others = (each for each in layer.overrides if each.id != override.id)
    return replace(layer, overrides=tuple(sorted((*others, override), key=lambda each: each.span)))


def _without(layer: PlannedLayer, ids: set[int]) -> PlannedLayer:
    return replace(layer, overrides=tuple(each for each in layer.overrides if each.id not in ids))

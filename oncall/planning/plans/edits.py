"""Changing a plan, of the roster in force or of a draft: the same rules, in the same words. Pure.

Each function gives the plan as it is afterwards, and what was done in words; all raise RosterErrors.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeAlias

from oncall.planning.plans.plan import (
    Editor,
    LayerWish,
    OverrideRequest,
    Plan,
    PlannedLayer,
    PlannedOverride,
    people_of,
)
from oncall.planning.plans.words import rotations_words, spelled, who_words, words_of
from oncall.planning.questions.before_saving import Subject
from oncall.rosters.errors import GoneError, RosterError, TakenError
from schedules.rosters.overrides import Kind

_LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class Done:
    """The plan after an edit, the edit in words, and its subject for better choices.

    `number`: that of what was added, or of the override that was changed.
    """

    plan: Plan
    words: str
    subject: Subject = field(default_factory=Subject)
    number: int | None = None


# One of the functions below, with all that it takes but the plan and whoever changes it.
Edit: TypeAlias = Callable[[Plan, Editor], Done]


def add_override(plan: Plan, hand: Editor, layer_id: int, wish: OverrideRequest) -> Done:
    """Put an override into a layer."""
    layer = _layer(plan, layer_id)
    made = _wished(PlannedOverride(plan.next_id(), wish.span, None), wish, hand)
    return put_in(plan, hand, layer.id, made)


def put_in(plan: Plan, hand: Editor, layer_id: int, override: PlannedOverride) -> Done:
    """Put an override into a layer as it is, or in the place of the one of its number. Raises TakenError."""
    layer = _layer(plan, layer_id)
    others = [each for each in layer.overrides if each.id != override.id]
    in_the_way = (each for each in others if overlap(each, override.span.start, override.span.end))
    other = min(in_the_way, key=lambda each: each.span, default=None)
    if other is not None:
        by = f", by {other.made_by}" if other.made_by else ""
        there = f"{who_words(other, hand)} in {layer.name} already, {spelled(other.span, hand.zone)}{by}."
        raise TakenError(f"{there} Choose another time, or change that override.")
    made = replace(layer, overrides=tuple(sorted((*others, override), key=lambda each: each.span)))
    words, subject = words_of(override, layer, hand), Subject(override=override.span)
    return Done(plan.with_layer(made), words, subject, override.id)


def change_override(plan: Plan, hand: Editor, override_id: int, wish: OverrideRequest) -> Done:
    """Give an override another span, person, kind or note; it stays in its layer."""
    layer, before = _override(plan, override_id)
    _refuse_swapped(before)
    done = put_in(plan, hand, layer.id, _wished(before, wish, hand))
    return replace(done, words=f"{done.words} (before: {words_of(before, layer, hand)})")


def remove_override(plan: Plan, hand: Editor, override_id: int) -> Done:
    """Take an override away."""
    layer, override = _override(plan, override_id)
    _refuse_swapped(override)
    return Done(plan.with_layer(_without(layer, {override.id})), f"Removed: {words_of(override, layer, hand)}")


def add_layer(plan: Plan, hand: Editor, wish: LayerWish) -> Done:
    """Put a layer below the others."""
    made = _layer_wished(plan, PlannedLayer(plan.next_id(), "", ()), wish, hand)
    words = f"Layer {made.name} added: {rotations_words(wish)}"
    return Done(Plan((*plan.layers, made)), words, Subject(layer=made.name), made.id)


def change_layer(plan: Plan, hand: Editor, layer_id: int, wish: LayerWish) -> Done:
    """Give a layer another name, other hours, other rotations."""
    before = _layer(plan, layer_id)
    made = _layer_wished(plan, before, wish, hand)
    renamed = f" (was {before.name})" if before.name != made.name else ""
    words = f"Layer {made.name}{renamed} changed: {rotations_words(wish)}"
    return Done(plan.with_layer(made), words, Subject(layer=made.name))


def remove_layer(plan: Plan, hand: Editor, layer_id: int) -> Done:
    """Take a layer away, with its overrides; swaps that had to do with it are undone in other layers too."""
    gone = _layer(plan, layer_id)
    swaps = {each.swap_id for each in gone.overrides if each.swap_id is not None}
    left = [_without(layer, {e.id for e in layer.overrides if e.swap_id in swaps}) for layer in plan.layers]
    return Done(Plan(tuple(layer for layer in left if layer.id != gone.id)), f"Layer {gone.name} removed")


def move_layer(plan: Plan, hand: Editor, layer_id: int, position: int) -> Done:
    """Ring a layer earlier or later; `position` counts from 0."""
    layer = _layer(plan, layer_id)
    order = [each for each in plan.layers if each.id != layer_id]
    order.insert(max(0, min(position, len(order))), layer)
    return Done(Plan(tuple(order)), f"Ringing order: {', '.join(each.name for each in order)}")


def overlap(override: PlannedOverride, start: datetime, end: datetime) -> bool:
    """Whether the override holds at any time from `start` to `end`."""
    return override.span.start < end and start < override.span.end


def refuse_strangers(hand: Editor, people: Iterable[int], where: str) -> None:
    """Raises GoneError when one of these people (ids) has left, or is not there any more. `where`: "in this draft"."""
    wanted = set(people)
    left = sorted(hand.people[each] for each in wanted & hand.left)
    if left:
        has = "has" if len(left) == 1 else "have"
        raise GoneError(f"{' and '.join(left)} {has} left, but stands {where}: choose somebody else there first.")
    if wanted - hand.people.keys():
        raise GoneError(f"Somebody {where} is not there any more: choose other people there first.")


def _wished(override: PlannedOverride, wish: OverrideRequest, hand: Editor) -> PlannedOverride:
    if wish.kind == Kind.ADD and wish.person_id is None:
        raise RosterError("Nobody can't be added to a layer: choose a person, or replace its people by nobody.")
    if wish.person_id is not None and wish.person_id not in hand.people:
        raise GoneError("This person is not there any more: choose somebody else.")
    if wish.person_id in hand.left and wish.person_id != override.person_id:
        raise GoneError(f"{hand.people[wish.person_id]} has left, and is never on call: choose somebody else.")
    if hand.only_ahead and wish.span.end <= hand.now:
        raise RosterError("A draft plans what is to come, and this time is over: choose another one.")
    return replace(
        override, span=wish.span, person_id=wish.person_id, kind=wish.kind, note=wish.note,
        made_by=hand.name, made_at=hand.now,
    )  # fmt: skip


def _layer_wished(plan: Plan, layer: PlannedLayer, wish: LayerWish, hand: Editor) -> PlannedLayer:
    name = _good_name(wish.name, {each.name for each in plan.layers if each.id != layer.id})
    rotations = tuple(wish.rotations)
    if rotations != layer.rotations:
        refuse_strangers(hand, people_of(rotations), "in this rotation")
    return replace(layer, name=name, rotations=rotations, hours=tuple(wish.hours))


def _good_name(name: str, others: Iterable[str]) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise RosterError(f"A layer needs a name of 1 to {_LONGEST_NAME} letters, such as “first” or “backup”.")
    if name in others:
        raise TakenError(f"There is a layer {name} already: choose another name.")
    return name


def _refuse_swapped(override: PlannedOverride) -> None:
    """One half of a swap can't be changed alone."""
    if override.swap_id is not None:
        raise RosterError("This override belongs to a swap: cancel the swap first, and both shifts are as they were.")


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


def _without(layer: PlannedLayer, ids: set[int]) -> PlannedLayer:
    return replace(layer, overrides=tuple(each for each in layer.overrides if each.id not in ids))

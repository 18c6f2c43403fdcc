"""Layers and their rotations: making them, changing them, changing their order, taking them away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.rostering.asking import Subject
from oncall.rostering.editing import Author, editing
from oncall.rostering.errors import GoneError, RosterError, TakenError
from oncall.rostering.finding import layer_now, refuse_strangers
from oncall.rostering.models import RosterSwap
from oncall.rostering.versions import refuse_changed_layer
from oncall.rosters import Roster, RosterLayer, RosterOverride, RosterRotation, RosterTurn
from schedules.layers import WEEKDAYS, DutyHours
from schedules.rotation import Count, Every, Rotation
from schedules.wall_clock import written_wall

_LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class LayerWish:
    """A layer as somebody asks for it: rotations of people's ids, wall-clock times of the roster's zone."""

    name: str
    rotations: Sequence[Rotation]
    hours: Sequence[DutyHours] = ()


def add_layer(session: Session, author: Author, roster_id: int, wish: LayerWish) -> RosterLayer:
    """Put a layer below the others. Raises RosterErrors."""
    with editing(session, author, roster_id) as edit:
        roster = _roster(session, roster_id)
        layer = RosterLayer(position=len(roster.layers), rotations=[], overrides=[])
        set_layer(session, roster, layer, wish)
        roster.layers.append(layer)
        edit.words = f"Layer {layer.name} added: {rotations_words(wish)}"
        edit.subject = Subject(layer=layer.name)
    return layer


def change_layer(
    session: Session, author: Author, layer_id: int, wish: LayerWish, version: str | None = None
) -> RosterLayer:
    """Give a layer another name, other hours, other rotations; `version`: the one that the author has seen.

    Raises RosterErrors, ChangedError among them.
    """
    roster_id = layer_now(session, layer_id).roster_id
    with editing(session, author, roster_id) as edit:
        layer = layer_now(session, layer_id)
        refuse_changed_layer(session, layer, version)
        before = layer.name
        set_layer(session, layer.roster, layer, wish)
        renamed = f" (was {before})" if before != layer.name else ""
        edit.words = f"Layer {layer.name}{renamed} changed: {rotations_words(wish)}"
        edit.subject = Subject(layer=layer.name)
    return layer


def remove_layer(session: Session, author: Author, layer_id: int, version: str | None = None) -> None:
    """Take a layer away, with its overrides; swaps that had to do with it are undone in other layers too.

    `version`: the one that the author has seen. Raises RosterErrors.
    """
    roster_id = layer_now(session, layer_id).roster_id
    with editing(session, author, roster_id) as edit:
        layer = layer_now(session, layer_id)
        refuse_changed_layer(session, layer, version)
        edit.words = f"Layer {layer.name} removed"
        roster = layer.roster
        take_away(session, layer)
        number(roster.layers)


def move_layer(session: Session, author: Author, layer_id: int, position: int, version: str | None = None) -> None:
    """Ring a layer earlier or later; `position` counts from 0, `version` is the one that the author has seen.

    Raises RosterErrors: in another order than the one that was seen, "earlier" is another place.
    """
    roster_id = layer_now(session, layer_id).roster_id
    with editing(session, author, roster_id) as edit:
        layer = layer_now(session, layer_id)
        refuse_changed_layer(session, layer, version)
        order = [each for each in layer.roster.layers if each is not layer]
        order.insert(max(0, min(position, len(order))), layer)
        number(order)
        edit.words = f"Ringing order: {', '.join(each.name for each in order)}"


def wish_of(layer: RosterLayer) -> LayerWish:
    """A layer as it stands, to be shown and changed."""
    rotations = [
        Rotation(
            row.starts,
            Every.parse(f"{row.every_n} {row.every_unit}"),
            tuple(tuple(turn) for turn in _turns(row)),
            row.until,
            Count(row.count),
        )
        for row in layer.rotations
    ]
    hours = [DutyHours.parse(each["days"], each["from"], each["to"]) for each in layer.duty_hours]
    return LayerWish(layer.name, rotations, hours)


def good_name(name: str, others: Iterable[str]) -> str:
    """A layer's name as it is kept. Raises RosterErrors when it is empty, too long or another layer's."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise RosterError(f"A layer needs a name of 1 to {_LONGEST_NAME} letters, such as “first” or “backup”.")
    if name in others:
        raise TakenError(f"There is a layer {name} already: choose another name.")
    return name


def set_layer(session: Session, roster: Roster, layer: RosterLayer, wish: LayerWish) -> None:
    """Write what is asked for into the layer's row. Raises RosterErrors."""
    name = good_name(wish.name, {other.name for other in roster.layers if other is not layer})
    changed = layer.id is None or list(wish_of(layer).rotations) != list(wish.rotations)
    if changed:
        refuse_strangers(session, people_of(wish), "in this rotation")
    if layer.name != name:
        layer.name = name
    hours = [stored_hours(each) for each in wish.hours]
    if layer.duty_hours != hours:
        layer.duty_hours = hours
    if changed:
        layer.rotations = [_rotation(place, each) for place, each in enumerate(wish.rotations)]


def people_of(wish: LayerWish) -> set[int]:
    """Everybody in the rotations."""
    return {int(person) for rotation in wish.rotations for turn in rotation.turns for person in turn}


def _rotation(place: int, rotation: Rotation) -> RosterRotation:
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


def _turns(row: RosterRotation) -> list[list[int]]:
    turns: dict[int, list[int]] = {}
    for each in row.turns:
        turns.setdefault(each.turn, []).append(each.person_id)
    return list(turns.values())


def stored_hours(hours: DutyHours) -> dict[str, object]:
    """Hours on duty as they are stored; `DutyHours.parse` reads them."""
    days = [WEEKDAYS[day] for day in sorted(hours.days)]
    return {"days": days, "from": f"{hours.from_:%H:%M}", "to": f"{hours.to:%H:%M}"}


def take_away(session: Session, layer: RosterLayer) -> None:
    """Remove the layer's row, its overrides, and swaps that had to do with it."""
    _undo_swaps(session, layer)
    layer.roster.layers.remove(layer)


def _undo_swaps(session: Session, layer: RosterLayer) -> None:
    """Here, and not by the database's cascade: history has to know of it."""
    query = select(RosterSwap).where((RosterSwap.layer_id == layer.id) | (RosterSwap.return_layer_id == layer.id))
    for swap in session.scalars(query).all():
        for override in session.scalars(select(RosterOverride).where(RosterOverride.swap_id == swap.id)):
            session.delete(override)
        session.flush()
        session.delete(swap)
    session.flush()


def number(layers: Sequence[RosterLayer]) -> None:
    """Ring them in this order."""
    for position, layer in enumerate(layers):
        if layer.position != position:
            layer.position = position


def rotations_words(wish: LayerWish) -> str:
    """For history."""
    if not wish.rotations:
        return "no rotation"
    return "; ".join(
        f"every {rotation.every}{_counted(rotation)} from {written_wall(rotation.start)}, {len(rotation.turns)} "
        + ("turn" if len(rotation.turns) == 1 else "turns")
        for rotation in wish.rotations
    )


def _counted(rotation: Rotation) -> str:
    return " on duty" if rotation.count is Count.ACTIVE else ""


def _roster(session: Session, roster_id: int) -> Roster:
    roster = session.get(Roster, roster_id, populate_existing=True)
    if roster is None:
        raise GoneError("This roster is not there any more: load the page again.")
    return roster

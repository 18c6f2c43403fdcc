"""Changes of the roster in force in tests: each finds the roster by the layer or override that it is about."""

from functools import partial

from sqlalchemy.orm import Session

from oncall.rostering import plan_edits
from oncall.rostering.editing import Author
from oncall.rostering.finding import layer_now, override_now
from oncall.rostering.plan import LayerWish, Wish
from oncall.rostering.plan_reading import planned_layer
from oncall.rostering.roster_edits import Seen, change
from oncall.rosters import RosterLayer, RosterOverride


def add_override(session: Session, author: Author, layer_id: int, wish: Wish) -> RosterOverride:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, wanted=wish.span)
    made = change(session, author, roster_id, seen, partial(plan_edits.add_override, layer_id=layer_id, wish=wish))
    return session.get_one(RosterOverride, made)


def change_override(
    session: Session, author: Author, override_id: int, wish: Wish, version: str | None = None
) -> RosterOverride:
    roster_id, seen = _roster_of(session, override_id), Seen(override_id=override_id, version=version, wanted=wish.span)
    change(session, author, roster_id, seen, partial(plan_edits.change_override, override_id=override_id, wish=wish))
    return session.get_one(RosterOverride, override_id)


def remove_override(session: Session, author: Author, override_id: int, version: str | None = None) -> None:
    roster_id, seen = _roster_of(session, override_id), Seen(override_id=override_id, version=version)
    change(session, author, roster_id, seen, partial(plan_edits.remove_override, override_id=override_id))


def add_layer(session: Session, author: Author, roster_id: int, wish: LayerWish) -> RosterLayer:
    made = change(session, author, roster_id, Seen(), partial(plan_edits.add_layer, wish=wish))
    return session.get_one(RosterLayer, made)


def change_layer(
    session: Session, author: Author, layer_id: int, wish: LayerWish, version: str | None = None
) -> RosterLayer:
    layer = layer_now(session, layer_id)
    seen = Seen(layer_id=layer_id, version=version)
    change(session, author, layer.roster_id, seen, partial(plan_edits.change_layer, layer_id=layer_id, wish=wish))
    return layer


def remove_layer(session: Session, author: Author, layer_id: int, version: str | None = None) -> None:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, version=version)
    change(session, author, roster_id, seen, partial(plan_edits.remove_layer, layer_id=layer_id))


def move_layer(session: Session, author: Author, layer_id: int, position: int, version: str | None = None) -> None:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, version=version)
    change(session, author, roster_id, seen, partial(plan_edits.move_layer, layer_id=layer_id, position=position))


def wish_of(layer: RosterLayer) -> LayerWish:
    """A layer as it stands, to be asked for with something else in it."""
    found = planned_layer(layer)
    return LayerWish(found.name, list(found.rotations), list(found.hours))


def _roster_of(session: Session, override_id: int) -> int:
    return layer_now(session, override_now(session, override_id).layer_id).roster_id

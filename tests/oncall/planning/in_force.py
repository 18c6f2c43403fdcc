"""Changes of the roster in force in tests: each finds the roster by the layer or override that it is about."""

from functools import partial

from sqlalchemy.orm import Session

from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.editing import Author
from oncall.planning.finding import layer_now, override_now
from oncall.planning.plans import edits as plans_edits
from oncall.planning.plans.plan import LayerWish, OverrideRequest
from oncall.planning.plans.reading import planned_layer
from oncall.planning.roster_edits import Seen, change


def add_override(session: Session, author: Author, layer_id: int, wish: OverrideRequest) -> RosterOverride:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, wanted=wish.span)
    made = change(session, author, roster_id, seen, partial(plans_edits.add_override, layer_id=layer_id, wish=wish))
    return session.get_one(RosterOverride, made)


def change_override(
    session: Session, author: Author, override_id: int, wish: OverrideRequest, version: str | None = None
) -> RosterOverride:
    roster_id, seen = _roster_of(session, override_id), Seen(override_id=override_id, version=version, wanted=wish.span)
    change(session, author, roster_id, seen, partial(plans_edits.change_override, override_id=override_id, wish=wish))
    return session.get_one(RosterOverride, override_id)


def remove_override(session: Session, author: Author, override_id: int, version: str | None = None) -> None:
    roster_id, seen = _roster_of(session, override_id), Seen(override_id=override_id, version=version)
    change(session, author, roster_id, seen, partial(plans_edits.remove_override, override_id=override_id))


def add_layer(session: Session, author: Author, roster_id: int, wish: LayerWish) -> RosterLayer:
    made = change(session, author, roster_id, Seen(), partial(plans_edits.add_layer, wish=wish))
    return session.get_one(RosterLayer, made)


def change_layer(
    session: Session, author: Author, layer_id: int, wish: LayerWish, version: str | None = None
) -> RosterLayer:
    layer = layer_now(session, layer_id)
    seen = Seen(layer_id=layer_id, version=version)
    change(session, author, layer.roster_id, seen, partial(plans_edits.change_layer, layer_id=layer_id, wish=wish))
    return layer


def remove_layer(session: Session, author: Author, layer_id: int, version: str | None = None) -> None:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, version=version)
    change(session, author, roster_id, seen, partial(plans_edits.remove_layer, layer_id=layer_id))


def move_layer(session: Session, author: Author, layer_id: int, position: int, version: str | None = None) -> None:
    roster_id, seen = layer_now(session, layer_id).roster_id, Seen(layer_id=layer_id, version=version)
    change(session, author, roster_id, seen, partial(plans_edits.move_layer, layer_id=layer_id, position=position))


def wish_of(layer: RosterLayer) -> LayerWish:
    """A layer as it stands, to be asked for with something else in it."""
    found = planned_layer(layer)
    return LayerWish(found.name, list(found.rotations), list(found.hours))


def _roster_of(session: Session, override_id: int) -> int:
    return layer_now(session, override_now(session, override_id).layer_id).roster_id

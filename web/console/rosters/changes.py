"""What the roster pages change: each a transaction that is made whole, or refused with a sentence.

Layers and overrides are changed in the roster in force and in drafts by the same views.
"""

from dataclasses import replace
from functools import partial

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.models.access.roles import Role
from oncall.models.people import Person
from oncall.models.planning.changes import TimeOff
from oncall.models.rosters import RosterLayer
from oncall.planning import leave, swapping
from oncall.planning.plans import edits as plans_edits
from oncall.planning.roster_edits import Seen, refuse_foreign
from oncall.rosters.errors import RosterError
from web.console.rosters.answers import author_now, author_of, refusals_told, saved, zone_of
from web.console.rosters.bodies import (
    Body,
    BodyError,
    ChangedLayerBody,
    ChangedOverrideBody,
    LayerBody,
    MoveBody,
    OverrideBody,
    SwapBody,
    TimeOffBody,
    UndoBody,
    VersionBody,
    read_body,
)
from web.console.rosters.targets import at_both, target
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("roster_changes", __name__)


@at_both(blueprint, "POST", "overrides", Role.MANAGER)
def add_override(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(OverrideBody)
    with target(roster_id, draft_id) as on:
        wish = body.wish(on.zone)
        seen = Seen(layer_id=body.layer_id, wanted=wish.span)
        return on.change(body, seen, partial(plans_edits.add_override, layer_id=body.layer_id, wish=wish)), 201


@at_both(blueprint, "PUT", "overrides/<id:override_id>", Role.MANAGER)
def change_override(roster_id: int, override_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(ChangedOverrideBody)
    with target(roster_id, draft_id) as on:
        wish = body.wish(on.zone)
        seen = Seen(override_id=override_id, version=body.version, wanted=wish.span)
        return on.change(body, seen, partial(plans_edits.change_override, override_id=override_id, wish=wish))


@at_both(blueprint, "DELETE", "overrides/<id:override_id>", Role.MANAGER)
def remove_override(roster_id: int, override_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(VersionBody)
    with target(roster_id, draft_id) as on:
        seen = Seen(override_id=override_id, version=body.version)
        return on.change(body, seen, partial(plans_edits.remove_override, override_id=override_id))


@at_both(blueprint, "POST", "layers", Role.MANAGER)
def add_layer(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(LayerBody)
    with target(roster_id, draft_id) as on:
        return on.change(body, Seen(), partial(plans_edits.add_layer, wish=body.wish())), 201


@at_both(blueprint, "PUT", "layers/<id:layer_id>", Role.MANAGER)
def change_layer(roster_id: int, layer_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(ChangedLayerBody)
    with target(roster_id, draft_id) as on:
        seen = Seen(layer_id=layer_id, version=body.version)
        return on.change(body, seen, partial(plans_edits.change_layer, layer_id=layer_id, wish=body.wish()))


@at_both(blueprint, "DELETE", "layers/<id:layer_id>", Role.MANAGER)
def remove_layer(roster_id: int, layer_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(VersionBody)
    with target(roster_id, draft_id) as on:
        return on.change(
            body, Seen(layer_id=layer_id, version=body.version), partial(plans_edits.remove_layer, layer_id=layer_id)
        )


@at_both(blueprint, "POST", "layers/<id:layer_id>/move", Role.MANAGER)
def move_layer(roster_id: int, layer_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(MoveBody)
    with target(roster_id, draft_id) as on:
        seen = Seen(layer_id=layer_id, version=body.version)
        return on.change(body, seen, partial(plans_edits.move_layer, layer_id=layer_id, position=body.position))


@at_both(blueprint, "POST", "undo", Role.MANAGER)
def undo(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    body = read_body(UndoBody)
    with target(roster_id, draft_id) as on:
        return on.undo(body)


@blueprint.post("/rosters/<id:roster_id>/time-off")
@needs(Role.TECHNICIAN)
@refusals_told
def add_time_off(roster_id: int) -> ResponseReturnValue:
    """Of anybody for managers, of oneself for technicians."""
    body = read_body(TimeOffBody)
    _refuse_others(body.person_id)
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        row = leave.add_time_off(session, author_of(body), body.person_id, body.span(zone), zone, body.note.strip())
        return saved(session, id=row.id), 201


@blueprint.delete("/rosters/<id:roster_id>/time-off/<id:time_off_id>")
@needs(Role.TECHNICIAN)
@refusals_told
def remove_time_off(roster_id: int, time_off_id: int) -> ResponseReturnValue:
    body = read_body(Body)
    with runtime().database.transaction() as session:
        row = session.get(TimeOff, time_off_id)
        if row is not None:
            _refuse_others(row.person_id)
        leave.remove_time_off(session, author_of(body), time_off_id, zone_of(session, roster_id))
        return saved(session, roster_id=roster_id)


@blueprint.post("/rosters/<id:roster_id>/swaps")
@needs(Role.TECHNICIAN)
@refusals_told
def propose_swap(roster_id: int) -> ResponseReturnValue:
    """The one who asks is the account's own person."""
    body = read_body(SwapBody)
    with runtime().database.transaction() as session:
        zone, asker = zone_of(session, roster_id), _myself(session)
        other = session.get(Person, body.other_id)
        if other is None:
            raise BodyError("other_id", "This person is not there any more: choose somebody else.")
        layer = session.get(RosterLayer, body.layer_id)
        if layer is not None:
            refuse_foreign(layer, roster_id)
        given = swapping.Shift(body.layer_id, body.span(zone))
        back = body.in_return
        taken = None if back is None else swapping.Shift(back.layer_id, back.span(zone))
        author = replace(author_now(), name=asker.name)
        return {"id": swapping.propose(session, author, asker, other, given, taken, body.note.strip()).id}, 201


@blueprint.post("/swaps/<id:swap_id>/<any(accept, refuse, cancel):answer>")
@needs(Role.TECHNICIAN)
@refusals_told
def answer_swap(swap_id: int, answer: str) -> ResponseReturnValue:
    """By the account's own person, whom `swapping` lets do only what is theirs."""
    body = read_body(Body)
    with runtime().database.transaction() as session:
        author = author_of(body)
        if answer == "cancel" and author.manages:
            return saved(session, state=swapping.cancel(session, author, swap_id, None).state)
        act = {"accept": swapping.accept, "refuse": swapping.refuse, "cancel": swapping.cancel}[answer]
        return saved(session, state=act(session, author, swap_id, _myself(session)).state)


def _myself(session: Session) -> Person:
    person_id = current_account().person_id
    if person_id is None:
        raise RosterError("Your account is nobody who can be on call: ask an administrator to tie it to a person.")
    return session.get_one(Person, person_id)


def _refuse_others(person_id: int) -> None:
    account = current_account()
    if not account.role.includes(Role.MANAGER) and account.person_id != person_id:
        abort(403, "You can enter your own time off; for others, ask a manager.")

"""`/rosters/<id>/drafts`: drafts of a roster beside the live roster. Everybody may look, managers change them.

Addresses and bodies are those of the roster's own page, so that its panels serve here too; each change names the
`version` of the draft that it was made on in its address; the versions of layers and overrides in bodies say no more.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.accounts.roles import Role
from oncall.rostering import drafting, drafting_asking, drafting_edits, drafting_force
from oncall.rostering.drafting_board import read_draft_board
from oncall.rostering.drafting_edits import Done, Hand
from oncall.rostering.drafting_models import RosterDraft
from oncall.rostering.drafting_plan import Plan
from oncall.rostering.drafting_reading import on_top, shown_plan
from schedules.wall_clock import wall_time
from web import roster_draft_json, roster_json
from web.access import needs, runtime
from web.compression import compressed
from web.roster_answers import author_now, day_asked, days_asked, midnight, refusals_told, saved, zone_of
from web.roster_bodies import (
    Body,
    BodyError,
    ChangedLayerBody,
    ChangedOverrideBody,
    DraftBody,
    LayerBody,
    MoveBody,
    OverrideBody,
    UndoBody,
    VersionBody,
    read_body,
)

P = ParamSpec("P")

blueprint = Blueprint("roster_drafts", __name__, url_prefix="/rosters/<id:roster_id>")


@blueprint.get("/drafts.json")
@needs(Role.VIEWER)
def listed(roster_id: int) -> ResponseReturnValue:
    """All drafts, open ones first."""
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        return {"drafts": [roster_draft_json.draft(each, zone) for each in drafting.drafts(session, roster_id)]}


@blueprint.post("/drafts")
@needs(Role.MANAGER)
@refusals_told
def begin(roster_id: int) -> ResponseReturnValue:
    """A new draft, which is a copy of the live roster."""
    body = read_body(DraftBody)
    with runtime().database.transaction() as session:
        zone_of(session, roster_id)
        return {"id": drafting.begin(session, author_now(body.accept_gaps, body.accept), roster_id, body.name).id}, 201


@blueprint.get("/drafts/<id:draft_id>/board.json")
@needs(Role.VIEWER)
@compressed
@refusals_told
def board(roster_id: int, draft_id: int) -> ResponseReturnValue:
    """The draft and the live roster, for `days` from the midnight of `from` on the roster's clock."""
    days, now = days_asked(), runtime().clock.now()
    with runtime().database.transaction() as session:
        draft = _found(session, roster_id, draft_id)
        zone = draft.roster.time_zone
        first = day_asked("from") or wall_time(now, zone).date()
        start, end = (midnight(day, zone) for day in (first, first + timedelta(days=days)))
        return roster_draft_json.board(read_draft_board(session, draft, start, end, now), first, days, now)


@blueprint.get("/drafts/<id:draft_id>/layers.json")
@needs(Role.VIEWER)
def layers(roster_id: int, draft_id: int) -> ResponseReturnValue:
    """The draft's layers as they can be edited."""
    with runtime().database.transaction() as session:
        draft = _found(session, roster_id, draft_id)
        plan = shown_plan(draft, on_top(session, draft, runtime().clock.now())[1])
        return {"layers": [roster_json.layer(layer.id, layer.wish, str(draft.version)) for layer in plan.layers]}


@blueprint.get("/drafts/<id:draft_id>/history.json")
@needs(Role.VIEWER)
def history(roster_id: int, draft_id: int) -> ResponseReturnValue:
    """The draft's changes, newest first."""
    with runtime().database.transaction() as session:
        zone = _found(session, roster_id, draft_id).roster.time_zone
        return {"changes": [roster_json.change(each, zone) for each in drafting.history(session, draft_id)]}


@blueprint.post("/drafts/<id:draft_id>/overrides")
@needs(Role.MANAGER)
@refusals_told
def add_override(roster_id: int, draft_id: int) -> ResponseReturnValue:
    body = read_body(OverrideBody)
    with runtime().database.transaction() as session:
        wish = body.wish(zone_of(session, roster_id))
        return _changed(session, roster_id, draft_id, drafting_edits.add_override, body.layer_id, wish), 201


@blueprint.put("/drafts/<id:draft_id>/overrides/<id:override_id>")
@needs(Role.MANAGER)
@refusals_told
def change_override(roster_id: int, draft_id: int, override_id: int) -> ResponseReturnValue:
    body = read_body(ChangedOverrideBody)
    with runtime().database.transaction() as session:
        wish = body.wish(zone_of(session, roster_id))
        return _changed(session, roster_id, draft_id, drafting_edits.change_override, override_id, wish)


@blueprint.delete("/drafts/<id:draft_id>/overrides/<id:override_id>")
@needs(Role.MANAGER)
@refusals_told
def remove_override(roster_id: int, draft_id: int, override_id: int) -> ResponseReturnValue:
    read_body(VersionBody)
    with runtime().database.transaction() as session:
        return _changed(session, roster_id, draft_id, drafting_edits.remove_override, override_id)


@blueprint.post("/drafts/<id:draft_id>/layers")
@needs(Role.MANAGER)
@refusals_told
def add_layer(roster_id: int, draft_id: int) -> ResponseReturnValue:
    wish = read_body(LayerBody).wish()
    with runtime().database.transaction() as session:
        return _changed(session, roster_id, draft_id, drafting_edits.add_layer, wish), 201


@blueprint.put("/drafts/<id:draft_id>/layers/<id:layer_id>")
@needs(Role.MANAGER)
@refusals_told
def change_layer(roster_id: int, draft_id: int, layer_id: int) -> ResponseReturnValue:
    wish = read_body(ChangedLayerBody).wish()
    with runtime().database.transaction() as session:
        return _changed(session, roster_id, draft_id, drafting_edits.change_layer, layer_id, wish)


@blueprint.delete("/drafts/<id:draft_id>/layers/<id:layer_id>")
@needs(Role.MANAGER)
@refusals_told
def remove_layer(roster_id: int, draft_id: int, layer_id: int) -> ResponseReturnValue:
    read_body(VersionBody)
    with runtime().database.transaction() as session:
        return _changed(session, roster_id, draft_id, drafting_edits.remove_layer, layer_id)


@blueprint.post("/drafts/<id:draft_id>/layers/<id:layer_id>/move")
@needs(Role.MANAGER)
@refusals_told
def move_layer(roster_id: int, draft_id: int, layer_id: int) -> ResponseReturnValue:
    body = read_body(MoveBody)
    with runtime().database.transaction() as session:
        return _changed(session, roster_id, draft_id, drafting_edits.move_layer, layer_id, body.position)


@blueprint.post("/drafts/<id:draft_id>/undo")
@needs(Role.MANAGER)
@refusals_told
def undo(roster_id: int, draft_id: int) -> ResponseReturnValue:
    body = read_body(UndoBody)
    with runtime().database.transaction() as session:
        _found(session, roster_id, draft_id)
        author = author_now(body.accept_gaps, body.accept)
        return _told(session, drafting.undo(session, author, draft_id, body.change_id))


@blueprint.post('/drafts/<id:draft_id>/<any(force, "take-over", discard):what>')
@needs(Role.MANAGER)
@refusals_told
def close(roster_id: int, draft_id: int, what: str) -> ResponseReturnValue:
    """Publish, take over the live roster where the two are in each other's way, or discard."""
    body, version = read_body(Body), _version()
    act = {"force": drafting_force.put_into_force, "take-over": drafting.take_over, "discard": drafting.discard}[what]
    with runtime().database.transaction() as session:
        _found(session, roster_id, draft_id)
        return _told(session, act(session, author_now(body.accept_gaps, body.accept), draft_id, version))


def _changed(
    session: Session,
    roster_id: int,
    draft_id: int,
    edit: Callable[Concatenate[Plan, Hand, P], Done],
    *args: P.args,
    **kwargs: P.kwargs,
) -> dict[str, Any]:
    version = _version()
    _found(session, roster_id, draft_id)
    author = author_now(*_accepted())
    return _told(session, drafting_asking.change_asking(session, author, draft_id, version, edit, *args, **kwargs))


def _accepted() -> tuple[bool, list[str]]:
    """What the body, which has been read as another one, says yes to."""
    sent = request.get_json()
    return sent.get("accept_gaps") is True, sent.get("accept") or []


def _told(session: Session, draft: RosterDraft) -> dict[str, Any]:
    return saved(session, id=draft.id, version=draft.version, state=draft.state)


def _found(session: Session, roster_id: int, draft_id: int) -> RosterDraft:
    draft = session.get(RosterDraft, draft_id)
    if draft is None or draft.roster_id != roster_id:
        abort(404)
    return draft


def _version() -> int:
    """That of the draft which the sender has looked at."""
    version = request.args.get("version", type=int)
    if version is None:
        raise BodyError("version", "Say in the address which version of the draft this changes: ?version=1.")
    return version

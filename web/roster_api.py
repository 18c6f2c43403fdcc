"""What the roster pages fetch and send, as JSON. Times are wall-clock times of the roster's zone, to the minute."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Final, ParamSpec

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.accounts.roles import Role
from oncall.customers import Customer, Region
from oncall.people import Person
from oncall.rostering import layering, leave, overriding, swapping, undoing
from oncall.rostering.board import read_board
from oncall.rostering.editing import Author
from oncall.rostering.errors import GapOpensError, RosterError
from oncall.rostering.models import TimeOff
from oncall.rostering.what_if import what_if
from oncall.rosters import Roster
from schedules.wall_clock import to_utc, wall_time
from web import roster_json
from web.access import current_account, needs, runtime
from web.roster_bodies import (
    Body,
    BodyError,
    LayerBody,
    MoveBody,
    OverrideBody,
    SwapBody,
    TimeOffBody,
    UndoBody,
    read_body,
)

blueprint = Blueprint("roster_api", __name__)

_MOST_DAYS: Final = 93
P = ParamSpec("P")


def _told(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Refusals as JSON: 409 with the sentence (and the gaps that can be accepted), 422 with the field."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except GapOpensError as error:
            return {"error": str(error), "confirm": True, "gaps": roster_json.gaps_in_utc(error.gaps)}, 409
        except RosterError as error:
            return {"error": str(error)}, 409
        except BodyError as error:
            return {"error": str(error), "field": error.field}, 422

    return answer


@blueprint.get("/rosters/<int:roster_id>/board.json")
@needs(Role.VIEWER)
@_told
def board(roster_id: int) -> ResponseReturnValue:
    """The roster for `days` from the midnight of `from` on its clock (today without)."""
    days = request.args.get("days", 14, type=int)
    if not 1 <= days <= _MOST_DAYS:
        raise BodyError("days", f"Between 1 and {_MOST_DAYS} days can be shown.")
    now, me = runtime().clock.now(), current_account().person_id
    with runtime().database.transaction() as session:
        zone = _zone(session, roster_id)
        first = _day("from") or wall_time(now, zone).date()
        start, end = (_midnight(day, zone) for day in (first, first + timedelta(days=days)))
        found = read_board(session, roster_id, start, end)
        swaps = [] if me is None else swapping.swaps_of(session, me)
        answer = roster_json.board(found, first, days, now)
        return answer | {"swaps": [roster_json.swap(session, each, me) for each in swaps]}


@blueprint.get("/rosters/<int:roster_id>/layers.json")
@needs(Role.VIEWER)
def layers(roster_id: int) -> ResponseReturnValue:
    """Layers and rotations as they can be edited."""
    with runtime().database.transaction() as session:
        roster = session.get(Roster, roster_id) or abort(404)
        return {"layers": [roster_json.layer(layer.id, layering.wish_of(layer)) for layer in roster.layers]}


@blueprint.get("/rosters/<int:roster_id>/history.json")
@needs(Role.VIEWER)
def history(roster_id: int) -> ResponseReturnValue:
    """Changes, newest first."""
    with runtime().database.transaction() as session:
        zone = _zone(session, roster_id)
        return {"changes": [roster_json.change(each, zone) for each in undoing.history(session, roster_id)]}


@blueprint.get("/rosters/<int:roster_id>/what-if.json")
@needs(Role.VIEWER)
@_told
def ask(roster_id: int) -> ResponseReturnValue:
    """Who would be rung `at` a time for a `customer` (id), or for a `region`."""
    with runtime().database.transaction() as session:
        zone = _zone(session, roster_id)
        at = _time("at", zone) or runtime().clock.now()
        return roster_json.answer(what_if(session, _region(session, roster_id), at), zone)


@blueprint.post("/rosters/<int:roster_id>/overrides")
@needs(Role.MANAGER)
@_told
def add_override(roster_id: int) -> ResponseReturnValue:
    body = read_body(OverrideBody)
    with runtime().database.transaction() as session:
        wish = body.wish(_zone(session, roster_id))
        return {"id": overriding.add_override(session, _author(body), body.layer_id, wish).id}, 201


@blueprint.put("/rosters/<int:roster_id>/overrides/<int:override_id>")
@needs(Role.MANAGER)
@_told
def change_override(roster_id: int, override_id: int) -> ResponseReturnValue:
    body = read_body(OverrideBody)
    with runtime().database.transaction() as session:
        wish = body.wish(_zone(session, roster_id))
        return {"id": overriding.change_override(session, _author(body), override_id, wish).id}


@blueprint.delete("/rosters/<int:roster_id>/overrides/<int:override_id>")
@needs(Role.MANAGER)
@_told
def remove_override(roster_id: int, override_id: int) -> ResponseReturnValue:
    body = read_body(Body)
    with runtime().database.transaction() as session:
        overriding.remove_override(session, _author(body), override_id)
        return {"roster_id": roster_id}


@blueprint.post("/rosters/<int:roster_id>/time-off")
@needs(Role.TECHNICIAN)
@_told
def add_time_off(roster_id: int) -> ResponseReturnValue:
    """Of anybody for managers, of oneself for technicians."""
    body = read_body(TimeOffBody)
    _refuse_others(body.person_id)
    with runtime().database.transaction() as session:
        zone = _zone(session, roster_id)
        row = leave.add_time_off(session, _author(body), body.person_id, body.span(zone), zone, body.note.strip())
        return {"id": row.id}, 201


@blueprint.delete("/rosters/<int:roster_id>/time-off/<int:time_off_id>")
@needs(Role.TECHNICIAN)
@_told
def remove_time_off(roster_id: int, time_off_id: int) -> ResponseReturnValue:
    body = read_body(Body)
    with runtime().database.transaction() as session:
        row = session.get(TimeOff, time_off_id)
        if row is not None:
            _refuse_others(row.person_id)
        leave.remove_time_off(session, _author(body), time_off_id, _zone(session, roster_id))
        return {"roster_id": roster_id}


@blueprint.post("/rosters/<int:roster_id>/layers")
@needs(Role.MANAGER)
@_told
def add_layer(roster_id: int) -> ResponseReturnValue:
    body = read_body(LayerBody)
    with runtime().database.transaction() as session:
        _zone(session, roster_id)
        return {"id": layering.add_layer(session, _author(body), roster_id, body.wish()).id}, 201


@blueprint.put("/rosters/<int:roster_id>/layers/<int:layer_id>")
@needs(Role.MANAGER)
@_told
def change_layer(roster_id: int, layer_id: int) -> ResponseReturnValue:
    body = read_body(LayerBody)
    with runtime().database.transaction() as session:
        layering.change_layer(session, _author(body), layer_id, body.wish())
        return {"roster_id": roster_id}


@blueprint.delete("/rosters/<int:roster_id>/layers/<int:layer_id>")
@needs(Role.MANAGER)
@_told
def remove_layer(roster_id: int, layer_id: int) -> ResponseReturnValue:
    body = read_body(Body)
    with runtime().database.transaction() as session:
        layering.remove_layer(session, _author(body), layer_id)
        return {"roster_id": roster_id}


@blueprint.post("/rosters/<int:roster_id>/layers/<int:layer_id>/move")
@needs(Role.MANAGER)
@_told
def move_layer(roster_id: int, layer_id: int) -> ResponseReturnValue:
    body = read_body(MoveBody)
    with runtime().database.transaction() as session:
        layering.move_layer(session, _author(body), layer_id, body.position)
        return {"roster_id": roster_id}


@blueprint.post("/rosters/<int:roster_id>/undo")
@needs(Role.MANAGER)
@_told
def undo(roster_id: int) -> ResponseReturnValue:
    body = read_body(UndoBody)
    with runtime().database.transaction() as session:
        _zone(session, roster_id)
        undoing.undo(session, _author(body), roster_id, body.change_id)
        return {"roster_id": roster_id}


@blueprint.post("/rosters/<int:roster_id>/swaps")
@needs(Role.TECHNICIAN)
@_told
def propose_swap(roster_id: int) -> ResponseReturnValue:
    """The one who asks is the account's own person."""
    body = read_body(SwapBody)
    with runtime().database.transaction() as session:
        zone, asker = _zone(session, roster_id), _myself(session)
        other = session.get(Person, body.other_id)
        if other is None:
            raise BodyError("other_id", "This person is not there any more: choose somebody else.")
        given = swapping.Shift(body.layer_id, body.span(zone))
        back = body.in_return
        taken = None if back is None else swapping.Shift(back.layer_id, back.span(zone))
        author = Author(asker.name, runtime().clock.now())
        return {"id": swapping.propose(session, author, asker, other, given, taken, body.note.strip()).id}, 201


@blueprint.post("/swaps/<int:swap_id>/<any(accept, refuse, cancel):answer>")
@needs(Role.TECHNICIAN)
@_told
def answer_swap(swap_id: int, answer: str) -> ResponseReturnValue:
    """By the account's own person, whom `swapping` lets do only what is theirs."""
    body = read_body(Body)
    act = {"accept": swapping.accept, "refuse": swapping.refuse, "cancel": swapping.cancel}[answer]
    with runtime().database.transaction() as session:
        return {"state": act(session, _author(body), swap_id, _myself(session)).state}


def _author(body: Body) -> Author:
    return Author(current_account().name, runtime().clock.now(), body.accept_gaps)


def _myself(session: Session) -> Person:
    person_id = current_account().person_id
    if person_id is None:
        raise RosterError("Your account is nobody who can be on call: ask an administrator to tie it to a person.")
    return session.get_one(Person, person_id)


def _refuse_others(person_id: int) -> None:
    account = current_account()
    if not account.role.includes(Role.MANAGER) and account.person_id != person_id:
        abort(403, "You can enter your own time off; for others, ask a manager.")


def _zone(session: Session, roster_id: int) -> str:
    roster = session.get(Roster, roster_id)
    if roster is None:
        abort(404)
    return roster.time_zone


def _region(session: Session, roster_id: int) -> str:
    customer = request.args.get("customer", type=int)
    if customer is not None:
        found = session.get(Customer, customer)
        if found is None or not found.contracts:
            raise BodyError("customer", "This customer has no contract, and so no region.")
        return str(found.contracts[-1].region_name)
    region = request.args.get("region") or next(iter(session.get_one(Roster, roster_id).regions), "")
    if session.get(Region, region) is None:
        raise BodyError("region", f"There is no region “{region[:40]}”.")
    return region


def _day(name: str) -> date | None:
    given = request.args.get(name)
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BodyError(name, "This is no date: write it such as 2026-06-01.") from None


def _time(name: str, zone: str) -> datetime | None:
    given = request.args.get(name)
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise BodyError(name, "This is no time: write it such as 2027-03-28T02:30.") from None
    return to_utc(at, zone) if at.tzinfo is None else at


def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, datetime.min.time()), zone)

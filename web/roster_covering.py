"""`cover.json` of a roster and of a draft: what a cover would meet, asked while its form is filled in."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.accounts.roles import Role
from oncall.roster_reading import load_roster
from oncall.rostering.covering import Covering, covering, read_from
from oncall.rostering.drafting_models import RosterDraft
from oncall.rostering.drafting_plan import Plan, as_roster
from oncall.rostering.drafting_reading import on_top, shown_plan
from oncall.rosters import Roster, RosterLayer, RosterOverride, span_of
from schedules.roster import Roster as RosterPlan
from schedules.spans import Span
from web import roster_json
from web.access import needs, runtime
from web.roster_answers import refusals_told, time_asked, zone_of
from web.roster_bodies import BodyError
from web.roster_json import Json

_LONGEST: Final = timedelta(days=731)
_LARGEST: Final = 2**31 - 1
_DIGITS: Final = 10

blueprint = Blueprint("roster_covering", __name__, url_prefix="/rosters/<id:roster_id>")


@blueprint.get("/cover.json")
@needs(Role.VIEWER)
@refusals_told
def cover(roster_id: int) -> ResponseReturnValue:
    """Of `layer_id` from `start` to `end`; `besides`: the override that is changed."""
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        span = _span(zone)
        layer = session.get(RosterLayer, _number("layer_id"))
        if layer is None or layer.roster_id != roster_id:
            raise BodyError("layer_id", "This layer is not there any more: load the page again.")
        around = read_from(span)
        roster = load_roster(session, layer.roster.name, around.start, around.end)
        row = session.get(RosterOverride, _number("besides"))
        besides = None if row is None or row.layer_id != layer.id else span_of(row.span)
        return _json(covering(roster, layer.name, span, besides), zone)


@blueprint.get("/drafts/<id:draft_id>/cover.json")
@needs(Role.VIEWER)
@refusals_told
def cover_in_draft(roster_id: int, draft_id: int) -> ResponseReturnValue:
    """The same by a draft's plan."""
    with runtime().database.transaction() as session:
        draft = session.get(RosterDraft, draft_id)
        if draft is None or draft.roster_id != roster_id:
            abort(404)
        zone = zone_of(session, roster_id)
        span = _span(zone)
        plan = shown_plan(draft, on_top(session, draft, runtime().clock.now())[1])
        layer = plan.layer(_number("layer_id"))
        if layer is None:
            raise BodyError("layer_id", "This layer is not in the draft any more: load the page again.")
        besides = next((each.span for each in layer.overrides if each.id == _number("besides")), None)
        return _json(covering(_planned(session, draft.roster, plan, span), layer.name, span, besides), zone)


def _planned(session: Session, row: Roster, plan: Plan, span: Span) -> RosterPlan:
    around = read_from(span)
    like = load_roster(session, row.name, around.start, around.end)
    return as_roster(plan, like, like.time_off)


def _span(zone: str) -> Span:
    start, end = time_asked("start", zone), time_asked("end", zone)
    if start is None or end is None or end <= start:
        raise BodyError("end", "It must end after it starts.")
    if end - start > _LONGEST:
        raise BodyError("end", "More than two years can't be looked through at once.")
    return Span(start, end)


def _number(name: str) -> int:
    """0 for what no row has."""
    given = request.args.get(name) or ""
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= _DIGITS else 0
    return number if number <= _LARGEST else 0


def _json(found: Covering, zone: str) -> Json:
    shift = found.shift
    return {
        "met": [
            roster_json.span(each.span.start, each.span.end, zone)
            | {"people": list(each.people), "absent": list(each.absent), "on_duty": each.on_duty}
            for each in found.met
        ],
        "busy": [
            {"person_id": each.person, "away": each.away, "wholly": each.wholly, "layers": list(each.layers)}
            for each in found.busy
        ],
        "shift": None if shift is None else roster_json.span(shift.start, shift.end, zone),
    }

"""`/rosters`: the pages on which rosters are read and edited.

What they fetch stands in `web.console.rosters.reads`, what they send in `web.console.rosters.changes`.
"""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from oncall.models.access.roles import Role
from oncall.models.planning.drafts import DraftState, RosterDraft
from oncall.models.rosters import Roster
from oncall.planning.views.board import fault_of
from web.console.rosters import draft_json
from web.platform.access import current_account, needs, runtime
from web.platform.compression import compressed

blueprint = Blueprint("rosters", __name__, url_prefix="/rosters")


@blueprint.get("")
@needs(Role.VIEWER)
@compressed
def index() -> ResponseReturnValue:
    """All rosters. The only one at once, at this very address: being sent on takes as long as the page itself."""
    rosters = _all()
    if len(rosters) == 1:
        return page(int(str(rosters[0]["id"])))
    return render_template("rosters.html", rosters=rosters)


@blueprint.get("/<id:roster_id>")
@needs(Role.VIEWER)
@compressed
def page(roster_id: int) -> ResponseReturnValue:
    """One roster's page; its script fetches the board."""
    with runtime().database.transaction() as session:
        query = select(func.count()).where(RosterDraft.roster_id == roster_id, RosterDraft.state == DraftState.OPEN)
        open_drafts = session.scalar(query)
        fault = fault_of(session, roster_id, runtime().clock.now())
    return _page(roster_id, "roster.html", open_drafts=open_drafts, fault=fault)


@blueprint.get("/<id:roster_id>/drafts/<id:draft_id>")
@needs(Role.VIEWER)
@compressed
def draft_page(roster_id: int, draft_id: int) -> ResponseReturnValue:
    """A draft on the page of its roster, beside the live roster."""
    with runtime().database.transaction() as session:
        draft = session.get(RosterDraft, draft_id)
        if draft is None or draft.roster_id != roster_id:
            abort(404)
        shown = {"id": draft.id, "name": draft.name, "closed": draft_json.closed(draft)}
    may_edit = not shown["closed"] and current_account().role.includes(Role.MANAGER)
    return _page(roster_id, "roster_draft.html", draft=shown, may_edit=may_edit)


def _page(roster_id: int, template: str, **more: object) -> ResponseReturnValue:
    rosters = _all()
    roster = next((each for each in rosters if each["id"] == roster_id), None)
    if roster is None:
        abort(404)
    account = current_account()
    return render_template(
        template,
        roster=roster,
        rosters=rosters,
        **{
            "may_edit": account.role.includes(Role.MANAGER),
            "sees_customers": account.role.includes(Role.TECHNICIAN),
            "me": {"person_id": account.person_id, "name": account.name},
            **more,
        },
    )


def _all() -> list[dict[str, object]]:
    with runtime().database.transaction() as session:
        query = select(Roster.id, Roster.name, Roster.time_zone).order_by(Roster.id)
        return [{"id": id_, "name": name, "zone": zone} for id_, name, zone in session.execute(query)]

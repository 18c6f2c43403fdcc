"""`/rosters`: the pages on which rosters are read and edited.

What they fetch stands in `web.roster_reads`, what they send in `web.roster_changes`.
"""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from oncall.accounts.roles import Role
from oncall.rosters import Roster
from web.access import current_account, needs, runtime

blueprint = Blueprint("rosters", __name__, url_prefix="/rosters")


@blueprint.get("")
@needs(Role.VIEWER)
def index() -> ResponseReturnValue:
    """All rosters; the only one at once."""
    rosters = _all()
    if len(rosters) == 1:
        return redirect(url_for("rosters.page", roster_id=rosters[0]["id"]))
    return render_template("rosters.html", rosters=rosters)


@blueprint.get("/<id:roster_id>")
@needs(Role.VIEWER)
def page(roster_id: int) -> ResponseReturnValue:
    """One roster's page; its script fetches the board."""
    rosters = _all()
    roster = next((each for each in rosters if each["id"] == roster_id), None)
    if roster is None:
        abort(404)
    account = current_account()
    return render_template(
        "roster.html",
        roster=roster,
        rosters=rosters,
        may_edit=account.role.includes(Role.MANAGER),
        sees_customers=account.role.includes(Role.TECHNICIAN),
        me={"person_id": account.person_id, "name": account.name},
    )


def _all() -> list[dict[str, object]]:
    with runtime().database.transaction() as session:
        query = select(Roster.id, Roster.name, Roster.time_zone).order_by(Roster.id)
        return [{"id": id_, "name": name, "zone": zone} for id_, name, zone in session.execute(query)]

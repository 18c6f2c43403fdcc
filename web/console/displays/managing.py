"""`/displays`: the addresses of screens, made and revoked by managers."""

from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.accounts.displays import LONGEST_NAME, DisplayError, displays, make_display, revoke_display
from oncall.models.access.displays import Display, DisplayKind
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from oncall.models.rosters import Roster
from schedules.wall_clock import written_time
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("displays", __name__)

KINDS: Final = {
    DisplayKind.WALL: "A wall: how the service is, without names",
    DisplayKind.WIDGET: "A widget: who is on call, for a page of your own",
}
# Where a browser keeps the address that it has just made, until the next page has shown it.
_NEW: Final = "new_display"


@blueprint.get("/displays")
@needs(Role.MANAGER)
def page() -> ResponseReturnValue:
    """Those in use and how to get more; the address of one just made, this once."""
    return _page(address=session.pop(_NEW, None))


@blueprint.post("/displays")
@needs(Role.MANAGER)
def make() -> ResponseReturnValue:
    """A new address, and on to the page that shows it. 422 with a sentence beside what is wrong."""
    kind, roster = request.form.get("kind", ""), request.form.get("roster", "")
    try:
        with runtime().database.transaction() as database:
            token = make_display(
                database,
                _kind(kind),
                request.form.get("name", ""),
                _roster_id(roster),
                current_account().email,
                real_now(),
            )
    except DisplayError as error:
        return _page(wrong={error.field: str(error)}), 422
    session[_NEW] = f"{runtime().settings.public_url}{url_for(f'screens.{kind}', token=token)}"
    return redirect(url_for("displays.page"), 303)


@blueprint.post("/displays/<id:display_id>/revoke")
@needs(Role.MANAGER)
def revoke(display_id: int) -> ResponseReturnValue:
    """What hangs there shows nothing from its next look on."""
    with runtime().database.transaction() as database:
        if not revoke_display(database, display_id, real_now()):
            abort(404, "There is no such screen: load the page again.")
    return redirect(url_for("displays.page", done="revoked"), 303)


def _kind(typed: str) -> DisplayKind:
    if typed not in list(DisplayKind):
        raise DisplayError("Choose what the screen should show.", "kind")
    return DisplayKind(typed)


def _roster_id(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise DisplayError("Choose one of the rosters, or all of them.", "roster")
    return int(typed)


def _page(address: str | None = None, wrong: dict[str, str] | None = None) -> str:
    with runtime().database.transaction() as database:
        zone = default_zone(database, runtime().settings.default_region)
        rosters = database.execute(select(Roster.id, Roster.name).order_by(Roster.id)).all()
        names = dict(rosters)
        known = [_told(database, each, names, zone) for each in displays(database)]
    return render_template(
        "displays/manage.html",
        address=address,
        displays=known,
        kinds=KINDS,
        rosters=names,
        typed=request.form,
        wrong=wrong or {},
        longest=LONGEST_NAME,
        revoked=request.args.get("done") == "revoked" and not wrong,
    )


def _told(database: Session, display: Display, rosters: dict[int, str], zone: str) -> dict[str, Any]:
    seen = display.last_seen_at
    shows = "the service, without names" if display.kind == DisplayKind.WALL else "who is on call"
    return {
        "id": display.id,
        "name": display.name,
        "shows": f"{shows} in {rosters[display.roster_id]}" if display.roster_id in rosters else shows,
        "made": f"made by {display.made_by}, {written_time(display.made_at, zone)}",
        "seen": f"last seen {written_time(seen, zone)}" if seen else "not seen yet",
    }

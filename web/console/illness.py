"""`/account/ill`: somebody on call is ill. First what it opens is shown, then it is done."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.years import is_in_our_times
from oncall.models.access.roles import Role
from oncall.models.people import Person
from oncall.paging.illness import LONGEST, Opened, ill_until, opened_by, report_ill, usual_end
from oncall.rosters.errors import RosterError
from schedules.wall_clock import to_local, to_utc, written_time
from web.console.rosters.answers import author_now
from web.platform.access import current_account, needs, runtime
from web.platform.viewer import on_both_clocks, viewer_zone

blueprint = Blueprint("illness", __name__)


@blueprint.get("/account/ill")
@needs(Role.TECHNICIAN)
def ask() -> ResponseReturnValue:
    """What it would open, until the end of one's shift or a time of one's own (`until`). 422 for one that is none."""
    person_id, now, typed = current_account().person_id, runtime().clock.now(), request.args.get("until", "")
    if person_id is None:
        return render_template("account/ill.html", tied=False)
    with runtime().database.transaction() as session:
        zone = viewer_zone(session)
        shown: dict[str, Any] = {"tied": True, "zone": zone, "until": typed, "days": LONGEST.days}
        ill = ill_until(session, person_id, now)
        if ill is not None:
            return render_template("account/ill.html", ill=written_time(ill, zone), **shown)
        try:
            end = _read(typed, zone) if typed else usual_end(session, person_id, now)
            found = opened_by(session, person_id, now, end)
        except (RosterError, ValueError) as error:
            return render_template("account/ill.html", wrong=_told(error), **shown), 422
    shown["until"] = f"{to_local(end, zone):%Y-%m-%dT%H:%M}"
    return render_template("account/ill.html", parts=_parts(found), end=written_time(end, zone), **shown)


@blueprint.post("/account/ill")
@needs(Role.TECHNICIAN)
def report() -> ResponseReturnValue:
    """From now on others are rung, and those in charge are told. Pressed twice it is done once."""
    person_id = current_account().person_id
    if person_id is None:
        return redirect(url_for("illness.ask"), 303)
    try:
        with runtime().work() as work:
            zone = viewer_zone(work.session)
            end = _read(request.form.get("until", ""), zone)
            person = work.session.get_one(Person, person_id)
            if ill_until(work.session, person_id, work.now) is None:
                report_ill(work, author_now(accepts_gaps=True), person, end, zone)
    except (RosterError, ValueError) as error:
        shown = {"tied": True, "zone": zone, "until": request.form.get("until", ""), "days": LONGEST.days}
        return render_template("account/ill.html", wrong=_told(error), **shown), 409
    return redirect(url_for("illness.ask", done=1), 303)


def _read(typed: str, zone: str) -> datetime:
    """Raises ValueError for what is no time."""
    at = datetime.fromisoformat(typed)
    if not is_in_our_times(at):
        raise ValueError(typed)
    return at if at.tzinfo is not None else to_utc(at, zone)


def _told(error: Exception) -> str:
    if isinstance(error, RosterError):
        return str(error)
    return "This is no time: write it such as 2026-06-14T18:00."


def _parts(found: Opened) -> list[dict[str, str]]:
    return [
        {
            "start": on_both_clocks(each.span.start, each.time_zone),
            "end": on_both_clocks(each.span.end, each.time_zone),
            "about": f"{each.roster}, {each.layer}",
            "instead": found.instead(each),
        }
        for each in found.parts
    ]

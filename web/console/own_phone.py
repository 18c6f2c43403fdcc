"""`/account/phone`: a test call and a test text to oneself, and what came of them."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from oncall.delivery.contact_faults import faults, remedy, shown_fault
from oncall.drills.own import MOST_AN_HOUR, own_drills, try_own_phone
from oncall.drills.words import call_words, text_words
from oncall.models.access.roles import Role
from oncall.models.drills import Drill, DrillState
from oncall.models.people import Person
from oncall.rosters.errors import RosterError
from schedules.wall_clock import written_time
from web.platform.access import current_account, needs, runtime
from web.platform.viewer import viewer_zone

blueprint = Blueprint("own_phone", __name__)


@blueprint.get("/account/phone")
@needs(Role.VIEWER)
def page() -> ResponseReturnValue:
    """One's number, what is wrong with it, and the latest tests."""
    return _page("")


@blueprint.post("/account/phone/test")
@needs(Role.VIEWER)
def test() -> ResponseReturnValue:
    """Call and text oneself now. 409 with a sentence where that can't be."""
    person_id = current_account().person_id
    if person_id is None:
        return redirect(url_for("own_phone.page"), 303)
    try:
        with runtime().work() as work:
            try_own_phone(work.session, work.session.get_one(Person, person_id), work.now)
    except RosterError as error:
        return _page(str(error)), 409
    return redirect(url_for("own_phone.page"), 303)


def _page(wrong: str) -> str:
    person_id = current_account().person_id
    if person_id is None:
        return render_template("account/phone.html", person=None)
    with runtime().database.transaction() as session:
        zone, person = viewer_zone(session), session.get_one(Person, person_id)
        drills = own_drills(session, person_id)
        red = [each for each in faults(session) if each.person_id == person_id]
        return render_template(
            "account/phone.html",
            person=person,
            hotline=runtime().settings.our_number,
            faults=[{"words": shown_fault(each), "remedy": remedy(each.fault_kind)} for each in red],
            drills=[_drill(each, zone) for each in drills],
            going=any(each.state == DrillState.OPEN for each in drills),
            most=MOST_AN_HOUR,
            wrong=wrong,
        )


def _drill(row: Drill, zone: str) -> dict[str, Any]:
    return {
        "state": row.state,
        "at": written_time(row.begun_at, zone),
        "by": row.made_by,
        "call": call_words(row),
        "text": text_words(row),
    }

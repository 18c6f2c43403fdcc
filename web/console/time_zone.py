"""On whose clock an account reads times: chosen on `/account`."""

from typing import Any, Final

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from pytz import common_timezones

from oncall.accounts.time_zone import choose_time_zone
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from schedules.wall_clock import UnknownZoneError
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("time_zone", __name__)

# What a browser is told on its next page, once: why the zone is none, and what was typed.
_REFUSED: Final = "zone_refused"


@blueprint.post("/account/time-zone")
@needs(Role.VIEWER)
def choose() -> ResponseReturnValue:
    """From now on times are shown on this clock; empty: on that of the service. What is no zone is told there."""
    typed = request.form.get("zone", "").strip()
    try:
        with runtime().database.transaction() as database:
            choose_time_zone(database, current_account().account_id, typed)
    except UnknownZoneError as error:
        session[_REFUSED] = {"words": f"{str(error)[:1].upper()}{str(error)[1:200]}.", "typed": typed[:60]}
    return redirect(url_for("account.page", done="zone", _anchor="zone"), 303)


def zone_words() -> dict[str, Any]:
    """What the form shows, and what was wrong with it before, once."""
    refused = session.pop(_REFUSED, {})
    with runtime().database.transaction() as database:
        service = default_zone(database, runtime().settings.default_region)
    return {
        "service_zone": service,
        "zones": common_timezones,
        "zone_wrong": refused.get("words", ""),
        "typed_zone": refused.get("typed", ""),
    }

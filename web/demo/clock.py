"""What the softphone page needs of the gateway while the simulator is the telephone network: clock and paging times.

Both take JSON only: a form on somebody else's page can't send that without asking first.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from core.clock import SharedClock, real_now
from demo import pretended_time
from oncall.models import stored_settings
from oncall.models.customers import default_zone
from oncall.models.stored_settings import PAGING
from oncall.paging.engine import LISTENING
from oncall.sla.paging_times import PagingTimes
from schedules.staffed_hours import Plan, is_staffed
from schedules.wall_clock import wall_time, written_wall
from web.platform.access import demo_only, runtime

blueprint = Blueprint("demo", __name__, url_prefix="/demo")


@blueprint.get("/clock")
@demo_only
def clock() -> ResponseReturnValue:
    """The pretended time, and whether the office is staffed for the plan that has the hotline."""
    with runtime().database.transaction() as session:
        zone = default_zone(session, runtime().settings.default_region)
    return clock_face(zone, runtime().clock.now())


@blueprint.post("/clock")
@demo_only
def set_clock() -> ResponseReturnValue:
    """`{"set": "Sunday 02:00"}` sets the time of web and worker alike; 422 with `error` when it makes no sense."""
    words = _json_object().get("set")
    if not isinstance(words, str):
        return _senseless('Say what time it should be: {"set": "Sunday 02:00"}.')
    shared = runtime().clock
    now, shift = shared.now(), shared.shift()
    try:
        with runtime().database.transaction() as session:
            zone = default_zone(session, runtime().settings.default_region)
            wanted = pretended_time.read_time(words, now, zone)
            pretended_time.set_time(session, real_now(), shift, wanted)
    except pretended_time.PretendError as error:
        return _senseless(str(error))
    if isinstance(shared, SharedClock):
        shared.forget()
    return clock_face(zone, runtime().clock.now())


@blueprint.get("/paging")
@demo_only
def paging() -> ResponseReturnValue:
    """The paging times in force, in seconds but for `rounds` and `readings`; and `listening`, which is fixed.

    That is how long somebody who has answered may listen before the page goes on, whatever `no_answer` is.
    """
    with runtime().database.transaction() as session:
        return _with_listening(vars(stored_settings.paging_times(session)))


@blueprint.post("/paging")
@demo_only
def set_paging() -> ResponseReturnValue:
    """Change some or all paging times; 422 with `error` when a name or a value makes no sense."""
    wanted = _json_object()
    with runtime().database.transaction() as session:
        times = vars(stored_settings.paging_times(session))
        unknown = sorted(set(wanted) - set(times))
        if unknown:
            return _senseless(f"There is no paging time {unknown[0]!r}; there are {', '.join(times)}.")
        try:
            times = vars(PagingTimes(**(times | wanted)))
        except ValueError as error:
            return _senseless(f"{error}.")
        stored_settings.write(session, PAGING, times)
    return _with_listening(times)


def _with_listening(times: dict[str, Any]) -> dict[str, Any]:
    return {**times, "listening": int(LISTENING.total_seconds())}


def clock_face(zone: str, now: datetime) -> dict[str, Any]:
    """The gateway's time as the pages show it."""
    local = wall_time(now, zone)
    return {
        "now": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "local": written_wall(local),
        "weekday": f"{local:%A}",
        "time": f"{local:%H:%M:%S}",
        "zone": zone,
        "staffed": is_staffed(Plan.PLATINUM, zone, now),
    }


def _json_object() -> dict[str, Any]:
    if not request.is_json:
        abort(415, "Send JSON, with Content-Type: application/json.")
    body = request.get_json()
    if not isinstance(body, dict):
        abort(422, "Send a JSON object.")
    return body


def _senseless(sentence: str) -> ResponseReturnValue:
    return {"error": sentence}, 422

"""`cover.json` of a roster and of a draft: what a cover would meet, asked while its form is filled in."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from oncall.models.access.roles import Role
from oncall.planning.views.cover import Covering, covering, read_from
from oncall.rosters.reading import load_roster
from schedules.spans import Span
from web.console.rosters import board_json
from web.console.rosters.answers import time_asked
from web.console.rosters.board_json import Json
from web.console.rosters.bodies import BodyError
from web.console.rosters.targets import at_both, target

_LONGEST: Final = timedelta(days=731)
_LARGEST: Final = 2**31 - 1
_DIGITS: Final = 10

blueprint = Blueprint("roster_covering", __name__)


@at_both(blueprint, "GET", "cover.json", Role.VIEWER)
def cover(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    """Of `layer_id` from `start` to `end`; `besides`: the override that is changed."""
    with target(roster_id, draft_id) as on:
        span = _span(on.zone)
        around = read_from(span)
        like = load_roster(on.session, on.roster.name, around.start, around.end)
        found = on.planned(like, _number("layer_id"), _number("besides"))
        if found is None:
            raise BodyError("layer_id", f"This layer is not {on.place} any more: load the page again.")
        roster, layer, besides = found
        return _json(covering(roster, layer, span, besides), on.zone)


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
            board_json.span(each.span.start, each.span.end, zone)
            | {"people": list(each.people), "absent": list(each.absent), "on_duty": each.on_duty}
            for each in found.met
        ],
        "busy": [
            {"person_id": each.person, "away": each.away, "wholly": each.wholly, "layers": list(each.layers)}
            for each in found.busy
        ],
        "shift": None if shift is None else board_json.span(shift.start, shift.end, zone),
    }

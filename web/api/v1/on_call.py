"""`GET /api/v1/on-call`: who is on call, by the rules that a page follows."""

import re
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from core.years import FIRST_YEAR, LAST_YEAR, is_in_our_times
from oncall.rosters.on_call import UnknownRosterError
from oncall.rosters.on_call_cache import Choice, KeptDuties, UnknownRegionError
from web.api.v1.shapes import instant
from web.platform.access import programs_only, runtime

blueprint = Blueprint("api_on_call", __name__)

PARAMETERS: Final = {
    "roster": "Only the roster of this name.",
    "region": "Only rosters that serve this region, such as europe.",
    "at": "Another instant than now, ISO 8601 with an offset, such as 2027-03-28T02:30:00Z.",
}
# In an address a plus sign that is not written %2B is a blank.
_LOST_PLUS: Final = re.compile(r" (?=\d\d:?\d\d$)")


@blueprint.get("/api/v1/on-call")
@programs_only
def on_call() -> ResponseReturnValue:
    """Who is on call now, or `at` another instant, in all rosters or in some."""
    asked = request.args
    for name in asked:
        if name not in PARAMETERS:
            return _refused(422, f"There is no parameter “{name[:40]}”: there are {', '.join(PARAMETERS)}.")
    choice = Choice(asked.get("roster"), asked.get("region"))
    duties: KeptDuties[str] = current_app.extensions["duties"]
    at = now = runtime().clock.now()
    try:
        if "at" in asked:
            at = _instant(asked["at"])
            found = duties.at(choice, at, now)
        else:
            found = duties.now(choice, now)
    except (UnknownRosterError, UnknownRegionError) as error:
        return _refused(404, f"{str(error)[0].upper()}{str(error)[1:]}.")
    except ValueError as error:
        return _refused(422, str(error))
    return Response(f'{{"at":"{instant(at)}","rosters":{found}}}', mimetype="application/json")


def _instant(text: str) -> datetime:
    """Raises ValueError with a sentence."""
    try:
        at = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
    except ValueError:
        raise ValueError(f"at: “{text[:40]}” is no instant: write it such as 2027-03-28T02:30:00Z.") from None
    if at.tzinfo is None:
        raise ValueError("at: it has no offset from UTC: write it such as 2027-03-28T02:30:00Z, or with +02:00.")
    if not is_in_our_times(at):
        raise ValueError(f"at: the year must be from {FIRST_YEAR} to {LAST_YEAR}.")
    return at.astimezone(UTC)


def _refused(status: int, words: str) -> ResponseReturnValue:
    return {"error": words}, status

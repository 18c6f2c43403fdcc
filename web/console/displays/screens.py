"""What a screen shows, at an address that is secret: a wall names nobody, a widget tells who is on call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.clock import real_now
from core.log import get_logger
from oncall.accounts.displays import find_display
from oncall.models.access.displays import DisplayKind
from oncall.models.customers import default_zone
from oncall.planning.editing import open_gaps
from oncall.planning.questions.surprises import region_zones
from oncall.rosters.ahead import RosterAhead, rosters_ahead
from oncall.tickets.figures import Figures, figures_now
from schedules.wall_clock import wall_time, written_time
from web.console.board.state import Light, read_lights
from web.console.on_call import roster_words
from web.console.tickets.words import minute
from web.platform.access import by_secret_address, runtime

logger = get_logger(__name__)
blueprint = Blueprint("screens", __name__)

# A wall looks as far ahead as the night that comes.
_TONIGHT: Final = timedelta(hours=24)
# A widget stands in somebody else's page: any may show it, and it can do nothing there.
_IN_ANY_PAGE: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors *"
)


@dataclass(frozen=True)
class Wall:
    """`state`: up, late or down, and why in `lights`. `as_of`: what the clock shows."""

    state: str
    lights: list[Light]
    as_of: str = ""
    figures: Figures | None = None
    due: str = ""
    late: bool = False
    gap: str = ""


@blueprint.get("/wall/<token>")
@by_secret_address
def wall(token: str) -> ResponseReturnValue:
    """How the service is and what is going on, without a name. 404 when the address is unknown or revoked.

    While the database is away the address can't be checked: everybody is told that alone, with 503.
    """
    try:
        with runtime().database.transaction() as session:
            if find_display(session, DisplayKind.WALL, token, real_now()) is None:
                abort(404)
            found = _wall(session)
    except SQLAlchemyError as error:
        logger.warning("a wall can't be shown", cause=type(error).__name__)
        away = Wall("down", [Light("Database", "bad", "does not answer: the hotline goes on from its snapshot")])
        return render_template("displays/wall.html", wall=away), 503
    return render_template("displays/wall.html", wall=found)


@blueprint.get("/widget/<token>")
@by_secret_address
def widget(token: str) -> ResponseReturnValue:
    """Who is on call now and next, with names and without numbers. 404 when the address is unknown or revoked."""
    now = runtime().clock.now()
    try:
        with runtime().database.transaction() as session:
            display = find_display(session, DisplayKind.WIDGET, token, real_now())
            if display is None:
                abort(404)
            zone = default_zone(session, runtime().settings.default_region)
            rosters = [roster_words(each, numbers=False) for each in _shown(session, display.roster_id, now)]
    except SQLAlchemyError as error:
        logger.warning("a widget can't be shown", cause=type(error).__name__)
        return _framed(render_template("displays/widget.html", away=True), 503)
    return _framed(render_template("displays/widget.html", rosters=rosters, now=written_time(now, zone)), 200)


def _shown(session: Session, roster_id: int | None, now: datetime) -> list[RosterAhead]:
    return [each for each in rosters_ahead(session, now) if roster_id in (None, each.id)]


def _framed(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _IN_ANY_PAGE
    return response


def _wall(session: Session) -> Wall:
    now = runtime().clock.now()
    zone = default_zone(session, runtime().settings.default_region)
    lights, figures = read_lights(session), figures_now(session)
    due = figures.soonest
    return Wall(
        _state(lights),
        lights,
        f"{wall_time(now, zone):%H:%M:%S}",
        figures,
        minute(due, now, zone) if due else "",
        due is not None and due <= now,
        _gap(session, now),
    )


def _state(lights: list[Light]) -> str:
    states = {each.state for each in lights}
    return "down" if "bad" in states else "late" if "late" in states else "up"


def _gap(session: Session, now: datetime) -> str:
    """The first hours of the next day in which nobody is on call, in words, each region on its own clock."""
    soon = [each for each in open_gaps(session, now) if each.span.start < now + _TONIGHT]
    if not soon:
        return ""
    first = min(soon, key=lambda each: each.span.start)
    zone = region_zones(session)[first.region]
    return f"{minute(first.span.start, now, zone)} to {minute(first.span.end, now, zone)}"

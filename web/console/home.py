"""The home page: what this is and whether it works; for whoever has signed in, the board."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from core.clock import real_now
from core.log import get_logger
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from schedules.wall_clock import written_time
from web.console.board.state import Light, read_lights
from web.console.board.stream import board_state
from web.console.tickets.words import millis
from web.demo import clock as demo_clock
from web.ops import health
from web.platform.access import open_to_all, runtime, visitor

logger = get_logger(__name__)
blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """Never fails, whatever is broken: it is where people look first."""
    try:
        return _shown()
    except SQLAlchemyError:
        light = Light("Database", "bad", "does not answer")
    except Exception:  # a region of a time zone that is none, say
        logger.exception("the home page can't be worked out")
        light = Light("Tonight", "bad", "can't be worked out: the log says why")
    return render_template("home.html", simulated=runtime().settings.simulated, lights=[light], clock=None)


def _shown() -> str:
    who, now, simulated = visitor(), runtime().clock.now(), runtime().settings.simulated
    with runtime().database.transaction() as session:
        if health.is_behind(health.schema_version(session)):
            lights = [Light("Database", "bad", "has to be prepared: run flask init")]
            return render_template("home.html", simulated=simulated, lights=lights, clock=None)
        zone = default_zone(session, runtime().settings.default_region)
        shown: dict[str, Any] = {"simulated": simulated}
        shown["clock"] = demo_clock.clock_face(zone, now) if simulated else None
        if who is None:
            return render_template("home.html", lights=read_lights(session), **shown)
    state = board_state().read(who.role.includes(Role.TECHNICIAN))
    parts = {name: Markup(html) for name, html in state.parts.items()}  # noqa: S704 - our own templates made it
    times = {"now": written_time(now, zone), "now_ms": millis(now), "real_ms": millis(real_now()), "zone": zone}
    return render_template("board/board.html", state=state, parts=parts, **shown, **times)

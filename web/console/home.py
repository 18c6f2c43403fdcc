"""The home page: what this is and whether it works; for whoever has signed in, how things stand tonight."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from core.clock import real_now
from core.log import get_logger
from oncall.delivery.contact_faults import account_faults
from oncall.delivery.provider_health import ProviderState, provider_state
from oncall.models.access.roles import Role
from oncall.models.customers import default_zone
from oncall.monitoring import metrics
from web.console import tonight
from web.demo import clock as demo_clock
from web.ops import health
from web.platform.access import open_to_all, runtime, visitor

logger = get_logger(__name__)
blueprint = Blueprint("home", __name__)


@dataclass(frozen=True)
class Light:
    """One part of the service and how it is. `state`: good, late or bad."""

    name: str
    state: str
    words: str


@blueprint.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """Never fails, whatever is broken: it is where people look first."""
    simulated, tonight_words = runtime().settings.simulated, None
    try:
        who = visitor()
        now = runtime().clock.now()
        with runtime().database.transaction() as session:
            if health.is_behind(health.schema_version(session)):
                lights, face = [Light("Database", "bad", "has to be prepared: run flask init")], None
            else:
                work = metrics.work(session)
                zone = default_zone(session, runtime().settings.default_region)
                lights = [*_lights(work), *_network(provider_state(session, real_now()), len(account_faults(session)))]
                face = demo_clock.clock_face(zone, now)
                if who is not None:
                    sees = who.role.includes(Role.TECHNICIAN)
                    tonight_words = tonight.words(session, now, zone, names_customers=sees)
    except SQLAlchemyError:
        lights, face = [Light("Database", "bad", "does not answer")], None
    except Exception:  # a region of a time zone that is none, say
        logger.exception("the home page can't be worked out")
        lights, face = [Light("Tonight", "bad", "can't be worked out: the log says why")], None
    shown = {"simulated": simulated, "lights": lights, "clock": face if simulated else None}
    if tonight_words is not None:
        return render_template("tonight.html", **shown, tonight=tonight_words)
    return render_template("home.html", **shown)


def _network(state: ProviderState, refused: int) -> list[Light]:
    """Nothing as long as it works: whether the next call will get through nobody knows before.

    `refused`: numbers that the account at the provider may not call or text.
    """
    if state.nothing_gets_through:
        return [Light("Telephone network", "bad", "takes no calls: people are paged by other channels")]
    if refused:
        return [Light("Telephone network", "late", "refuses some numbers by the account's settings: run flask check")]
    return []


def _lights(work: metrics.Work) -> list[Light]:
    lights = [Light("Database", "good", "answers")]
    if work.workers:
        late = work.overdue_seconds > metrics.LATE_SECONDS
        lights.append(Light("Worker", "late" if late else "good", "is behind" if late else "is running"))
    else:
        lights.append(Light("Worker", "bad", "is not running: nobody is rung"))
    return lights

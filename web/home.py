"""The home page: what this is, whether it works, and where to go from here."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from core.clock import real_now
from oncall import pretend, vitals
from oncall.provider_health import ProviderState, provider_state
from web import demo, health
from web.access import open_to_all, runtime

blueprint = Blueprint("home", __name__, template_folder="templates")


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
    simulated = runtime().settings.simulated
    try:
        now = runtime().clock.now()
        with runtime().database.transaction() as session:
            if health.is_behind(health.schema_version(session)):
                lights, face = [Light("Database", "bad", "has to be prepared: run flask init")], None
            else:
                work = vitals.work(session)
                zone = pretend.default_zone(session, runtime().settings.default_region)
                lights = [*_lights(work), *_network(provider_state(session, real_now()))]
                face = demo.clock_face(zone, now)
    except SQLAlchemyError:
        lights, face = [Light("Database", "bad", "does not answer")], None
    return render_template("home.html", simulated=simulated, lights=lights, clock=face if simulated else None)


def _network(state: ProviderState) -> list[Light]:
    """Nothing as long as it works: whether the next call will get through nobody knows before."""
    if not state.nothing_gets_through:
        return []
    return [Light("Telephone network", "bad", "takes no calls: people are paged by other channels")]


def _lights(work: vitals.Work) -> list[Light]:
    lights = [Light("Database", "good", "answers")]
    if work.workers:
        late = work.overdue_seconds > vitals.LATE_SECONDS
        lights.append(Light("Worker", "late" if late else "good", "is behind" if late else "is running"))
    else:
        lights.append(Light("Worker", "bad", "is not running: nobody is rung"))
    return lights

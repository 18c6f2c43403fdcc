"""Everything that people and machines other than the telephone network see: pages, health, metrics."""

from flask import Blueprint, Flask

from web.api import v1
from web.console import account, feeds, home, illness, my_work, on_call, own_phone, rosters, sign_in, time_zone
from web.console.board import stream
from web.console.displays import managing, screens
from web.console.tickets import link, listing, many, opening, page, saving, sounds
from web.demo import clock, simulator_proxy, timeline
from web.demo import sign_in as demo_sign_in
from web.ops import health, metrics
from web.platform import access, bodies, converters, csrf, errors, headers, hosts, static_files


def register(app: Flask) -> None:
    """Add the pages to the application, and the rule that each address must say who may reach it.

    `app.extensions["runtime"]` must be there. The demo's addresses exist only while the simulator is the telephone
    network.
    """
    app.register_blueprint(Blueprint("templates", __name__, template_folder="templates"))
    converters.register(app)
    metrics.register(app)
    hosts.register(app)
    bodies.register(app)
    access.guard(app)
    csrf.register(app)
    headers.register(app)
    errors.register(app)
    static_files.register(app)
    for blueprint in (health.blueprint, home.blueprint, page.blueprint, listing.blueprint, link.blueprint):
        app.register_blueprint(blueprint)
    for part in (
        sign_in,
        account,
        time_zone,
        illness,
        own_phone,
        feeds,
        opening,
        many,
        saving,
        sounds,
        my_work,
        on_call,
        managing,
        screens,
    ):
        app.register_blueprint(part.blueprint)
    stream.register(app, app.extensions["runtime"])
    rosters.register(app)
    v1.register(app)
    if app.extensions["runtime"].settings.simulated:
        app.register_blueprint(clock.blueprint)
        app.register_blueprint(timeline.blueprint)
        app.register_blueprint(demo_sign_in.blueprint)
        app.register_blueprint(simulator_proxy.blueprint)

"""Everything that people and machines other than the telephone network see: pages, health, metrics."""

from flask import Flask

from web import (
    access,
    account,
    api,
    bodies,
    converters,
    csrf,
    demo,
    errors,
    feeds,
    headers,
    health,
    home,
    hosts,
    metrics,
    roster_changes,
    roster_covering,
    roster_drafts,
    roster_drills,
    roster_import,
    roster_reads,
    rosters,
    sign_in,
    simulator_proxy,
    static_files,
    tickets,
    timeline,
)


def register(app: Flask) -> None:
    """Add the pages to the application, and the rule that each address must say who may reach it.

    `app.extensions["runtime"]` must be there. The demo's addresses exist only while the simulator is the telephone
    network.
    """
    converters.register(app)
    metrics.register(app)
    hosts.register(app)
    bodies.register(app)
    access.guard(app)
    csrf.register(app)
    headers.register(app)
    errors.register(app)
    static_files.register(app)
    for blueprint in (health.blueprint, home.blueprint, tickets.blueprint):
        app.register_blueprint(blueprint)
    parts = (
        sign_in,
        account,
        rosters,
        roster_reads,
        roster_changes,
        roster_covering,
        roster_drafts,
        roster_drills,
        roster_import,
        feeds,
    )
    for part in parts:
        app.register_blueprint(part.blueprint)
    api.register(app)
    if app.extensions["runtime"].settings.simulated:
        app.register_blueprint(demo.blueprint)
        app.register_blueprint(timeline.blueprint)
        app.register_blueprint(simulator_proxy.blueprint)

"""The phone side: Twilio's signed webhooks in, TwiML out, and Twilio's REST API as the telephony of `oncall`."""

from flask import Flask

from ivr.offline.answering import AwayDesk
from ivr.offline.replaying import replay
from ivr.routes import blueprint
from ivr.texts.apology import TextApologies
from oncall.monitoring.watchdog.watching import Watchdog
from oncall.outage.keeper import Keeper
from oncall.runtime import Runtime


def register(app: Flask) -> None:
    """Put the webhooks under /ivr."""
    runtime: Runtime = app.extensions["runtime"]
    app.extensions["away"] = AwayDesk(runtime)
    app.extensions["text_apologies"] = TextApologies()
    app.register_blueprint(blueprint)


def keep_ready(app: Flask) -> None:
    """Begin, in a web process, what lets the hotline go on without its database, and what watches over the workers.

    `gunicorn.conf.py` calls it.
    """
    Keeper(app.extensions["runtime"], replay).start()
    Watchdog().start(app.extensions["runtime"])

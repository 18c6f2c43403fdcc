"""The web process: `gunicorn 'app:create_app()'`. Wiring only."""

import sys

from flask import Flask

from core import log
from core.memory import share_heaps
from core.retry import HURRIED
from core.settings import Settings, SettingsError, load_settings
from oncall.runtime import Runtime, build_runtime


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Flask:
    """The gateway as a WSGI application.

    Stops the process with one line on standard error when the environment's settings are wrong.
    """
    try:
        settings = settings or load_settings()
    except SettingsError as error:
        sys.exit(f"nightline: {error}")
    log.configure(settings.log_level)
    share_heaps()
    app = Flask("nightline", static_folder=None)
    app.config.update(SECRET_KEY=settings.session_secret, MAX_CONTENT_LENGTH=1_000_000)
    app.extensions["runtime"] = runtime or build_runtime(settings, patience=HURRIED)

    import cli
    import ivr
    import web

    ivr.register(app)
    web.register(app)
    cli.register(app)
    return app

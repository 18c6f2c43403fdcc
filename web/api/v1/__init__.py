"""`/api/v1`: what programs ask for, with a token, and the description by which they know how."""

from flask import Flask

from core.change_listener import Watch
from oncall.rosters.on_call_cache import CHANGES, KeptDuties, KnownPrograms
from oncall.runtime import Runtime
from web.api.v1 import on_call, openapi
from web.api.v1.shapes import as_json


def register(app: Flask) -> None:
    """Add the addresses, and what this process keeps to answer them fast."""
    runtime: Runtime = app.extensions["runtime"]
    watch = app.extensions["watch"] = Watch(runtime.database.url, CHANGES)
    app.extensions["programs"] = KnownPrograms(runtime.database, watch)
    app.extensions["duties"] = KeptDuties(runtime.database, watch, as_json)
    app.register_blueprint(on_call.blueprint)
    app.register_blueprint(openapi.blueprint)

"""The phone side: Twilio's signed webhooks in, TwiML out, and Twilio's REST API as the telephony of `oncall`."""

from flask import Flask

from ivr.routes import blueprint


def register(app: Flask) -> None:
    """Put the webhooks under /ivr."""
    app.register_blueprint(blueprint)

"""The part of Twilio's REST API that a telephone gateway uses, with Twilio's shapes and errors."""

from simulator.rest.routes import add_routes

__all__ = ["add_routes"]

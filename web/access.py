"""Who may reach what. An address that does not say so is closed: forgetting is refused, not served.

Every view is marked with exactly one of the decorators below. A check before each request reads the mark, and a test
walks over all routes to see that none lacks one.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request

from oncall.runtime import Runtime

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "nightline_access"
# Blueprints whose every view stands behind its own check: Twilio's signature, on all of the telephone's webhooks.
_CHECKED_BY_THEMSELVES = frozenset({"ivr"})


class Access(StrEnum):
    """The kinds of visitors."""

    ALL = "everybody"
    DEMO = "everybody, while the simulator is the telephone network"
    TWILIO = "Twilio, by its signature"


def open_to_all(view: View) -> View:
    """Anybody may see it: nothing personal, nothing that changes anything."""
    return _mark(view, Access.ALL)


def demo_only(view: View) -> View:
    """Anybody, but only while the simulator is the telephone network; otherwise the address does not exist."""
    return _mark(view, Access.DEMO)


def declared_access(app: Flask, endpoint: str) -> Access | None:
    """What an endpoint declares, or None when it forgot."""
    if endpoint.partition(".")[0] in _CHECKED_BY_THEMSELVES:
        return Access.TWILIO
    return getattr(app.view_functions.get(endpoint), _MARK, None)


def guard(app: Flask) -> None:
    """Check the declaration before every request: 403 without one, 404 for the demo's parts outside the demo."""
    app.before_request(_check)


def runtime() -> Runtime:
    """The running process's settings, database and clock."""
    found: Runtime = current_app.extensions["runtime"]
    return found


def _check() -> None:
    if request.endpoint is None:
        return  # no such address or method: the router has its own answer
    match declared_access(current_app, request.endpoint):
        case Access.ALL | Access.TWILIO:
            return
        case Access.DEMO:
            if not runtime().settings.simulated:
                abort(404)
        case _:
            abort(403, "Nobody has said yet who may open this address.")


def _mark(view: View, access: Access) -> View:
    setattr(view, _MARK, access)
    return view

"""Requests that change something must come from our own pages: other sites' pages can't know the token.

Forms carry it as the field `csrf_token`, scripts as the header `X-CSRFToken`; templates get it from `csrf_token()`.
"""

from typing import Final

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]

from oncall.runtime import Runtime
from web.platform import browser

# Twilio's webhooks: no browser, and a signature on each.
EXEMPT_BLUEPRINTS: Final = frozenset({"ivr"})
# The demo's, used by people who haven't signed in. The first two take JSON only, which another site's page can't send;
# the telephones refuse what the browser itself marks as coming from another site.
EXEMPT_ENDPOINTS: Final = frozenset({"demo.set_clock", "demo.set_paging", "simulator.forward"})

_protection: Final = CSRFProtect()


def register(app: Flask) -> None:
    """Check all requests but those named above. After the guard, which sends people to sign in first."""
    runtime: Runtime = app.extensions["runtime"]
    if not app.secret_key:
        app.secret_key = runtime.settings.session_secret
    app.config.update(
        # The cookie that holds the secret behind the token, and an answer that the next page tells.
        SESSION_COOKIE_NAME=browser.cookie_name(runtime.settings, "nightline-form"),
        SESSION_COOKIE_SECURE=browser.secure(runtime.settings),
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # by the rule below: the webhooks' blueprint is not ours to import
        WTF_CSRF_TIME_LIMIT=None,  # a page left open overnight still works in the morning
        # It would compare with the host that a proxy claims; SameSite and __Host- serve against the same attacks.
        WTF_CSRF_SSL_STRICT=False,
    )
    _protection.init_app(app)
    app.before_request(_check)


def exempt(endpoint: str) -> bool:
    """Whether this endpoint answers without a token."""
    return endpoint in EXEMPT_ENDPOINTS or endpoint.partition(".")[0] in EXEMPT_BLUEPRINTS


def _check() -> None:
    if request.endpoint is None or exempt(request.endpoint):
        return
    try:
        _protection.protect()
    except CSRFError:
        abort(
            400, "It did not come from a page of ours, or the page is too old. Load the page again, and send it again."
        )

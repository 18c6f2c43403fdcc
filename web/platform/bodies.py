"""What a request to the pages and to the API may bring along: a form, an upload in a form, or JSON."""

from typing import Final

from flask import Flask, abort, request

_TAKEN: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "application/json"})
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
# Blueprints that look at bodies by rules of their own: Twilio's webhooks, and the way to the simulator.
_BY_THEMSELVES: Final = frozenset({"ivr", "simulator"})
_WORDS: Final = "Send a form, or JSON (Content-Type: application/json) where JSON is asked for, in UTF-8."


def register(app: Flask) -> None:
    """Refuse any other body with 415, before it is read."""
    app.before_request(_check)


def _check() -> None:
    if (request.endpoint or "").partition(".")[0] in _BY_THEMSELVES:
        return
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if not has_body:
        return
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if not (kind in _TAKEN or kind.endswith("+json")) or charset not in _CHARSETS:
        abort(415, _WORDS)

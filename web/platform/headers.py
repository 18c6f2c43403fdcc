"""Headers that keep a browser on our side."""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request

from web.platform.access import runtime

# Everything from this address; framed only by our own pages (the timeline beside the softphone).
_CONTENT_SECURITY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'self'"
)
# A year; not for subdomains, which are the operator's own business.
_HTTPS_ONLY: Final = f"max-age={365 * 24 * 3600}"
# What is the same for everybody: style sheets, scripts, pictures, music. All else is private, or changes.
_PUBLIC: Final = frozenset({"static"})
# May be kept where it was asked for, but must be asked about each time: a calendar hears then that nothing has changed.
_ASKED_AGAIN: Final = frozenset({"feeds.read"})
# Has a page and scripts of its own, and says itself what may be kept.
_SAYS_ITSELF: Final = frozenset({"simulator"})


def register(app: Flask) -> None:
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    part = (request.endpoint or "").partition(".")[0]
    if part in _SAYS_ITSELF:
        headers.setdefault("Cache-Control", "no-store")
    elif request.endpoint in _ASKED_AGAIN and response.status_code < 400:
        headers["Cache-Control"] = "private, no-cache"
    elif part not in _PUBLIC or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    if runtime().settings.https:
        headers["Strict-Transport-Security"] = _HTTPS_ONLY
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", _CONTENT_SECURITY)
        headers.setdefault("Referrer-Policy", "same-origin")
    if "Location" in headers:
        headers["Location"] = _within(headers["Location"])
    return response


def _within(address: str) -> str:
    """A redirect of the router's own, which repeats the header Host, as a path of this host."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}/" != request.host_url:
        return address
    return parts._replace(scheme="", netloc="").geturl()

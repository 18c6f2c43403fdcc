"""Pages answer only under names that are ours, so that another site's name for this address can't borrow a browser.

What machines ask for answers under any name: there the signature or the token proves the sender, and proxies and load
balancers send what Host they like. X-Forwarded-Host is never looked at.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Flask, abort, request

from core.log import get_logger
from core.security.hosts import host_name, host_of, is_this_machine, own_names
from core.settings import Settings
from web.platform.access import runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# First parts of addresses that answer whatever the header Host says.
ANY_HOST: Final = frozenset({"ivr", "api", "healthz", "readyz", "metrics"})

# Where a request keeps what was sent as Host.
_GIVEN: Final = "nightline.host"
_WORDS: Final = (
    "It was asked for under a host name that is not this hotline's. Use the address in PUBLIC_URL; whoever runs this"
    " hotline can list more names in TRUSTED_HOSTS."
)

_log = get_logger(__name__)


def register(app: Flask) -> None:
    """Check the header Host before everything else, also of addresses that don't exist.

    From there on a request is one to the host of PUBLIC_URL, so that no address that is built repeats what was sent,
    and what is no host at all keeps no webhook from its answer.
    """
    settings: Settings = app.extensions["runtime"].settings
    ours, inner = _host_header(settings.public_url), app.wsgi_app

    def under_our_name(environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        environ[_GIVEN], environ["HTTP_HOST"] = environ.get("HTTP_HOST", ""), ours
        return inner(environ, start)

    app.wsgi_app = under_our_name  # type: ignore[method-assign, assignment]  # Flask's documented way
    app.before_request(_check)


def is_ours(given: str) -> bool:
    """Whether people may reach the pages under what a browser sent as Host."""
    name = host_name(given)
    return name is not None and (name in runtime().settings.page_hosts or name in own_names() or is_this_machine(name))


def _host_header(address: str) -> str:
    """What a browser sends as Host for an address."""
    name, port = host_of(address), urlsplit(address).port
    return (f"[{name}]" if ":" in name else name) + (f":{port}" if port is not None else "")


def _check() -> None:
    if request.path.lstrip("/").partition("/")[0] in ANY_HOST:
        return
    given = request.environ.get(_GIVEN, "")
    if not is_ours(given):
        _log.warning("page refused under another host's name", host=given[:100])
        abort(400, _WORDS)

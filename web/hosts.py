"""Pages answer only under names that are ours, so that another site's name for this address can't borrow a browser.

What machines ask for answers under any name: there the signature or the token proves the sender, and proxies and load
balancers send what Host they like. X-Forwarded-Host is never looked at.
"""

from typing import Final

from flask import Flask, abort, request

from core.hosts import host_name, is_this_machine, own_names
from core.log import get_logger
from web.access import runtime

# First parts of addresses that answer whatever the header Host says.
ANY_HOST: Final = frozenset({"ivr", "api", "healthz", "readyz", "metrics"})

_WORDS: Final = (
    "It was asked for under a host name that is not this hotline's. Use the address in PUBLIC_URL; whoever runs this"
    " hotline can list more names in TRUSTED_HOSTS."
)

_log = get_logger(__name__)


def register(app: Flask) -> None:
    """Check the header Host before everything else, also of addresses that don't exist."""
    app.before_request(_check)


def is_ours(given: str) -> bool:
    """Whether people may reach the pages under what a browser sent as Host."""
    name = host_name(given)
    return name is not None and (name in runtime().settings.page_hosts or name in own_names() or is_this_machine(name))


def _check() -> None:
    if request.path.lstrip("/").partition("/")[0] in ANY_HOST:
        return
    given = request.environ.get("HTTP_HOST", "")
    if not is_ours(given):
        _log.warning("page refused under another host's name", host=given[:100])
        abort(400, _WORDS)

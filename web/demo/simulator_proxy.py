"""`/simulator/...` handed on to the phone simulator's own process, so that one address serves the whole demo.

Answers are streamed and never buffered: the page's requests for news wait until there is some (up to half a minute).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import requests
import urllib3
from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from requests.adapters import HTTPAdapter

from web.platform.access import demo_only, runtime
from web.platform.errors import wants_json

blueprint = Blueprint("simulator", __name__)

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_CONNECT_SECONDS, _READ_SECONDS = 2, 40
_CHUNK = 64 * 1024
# RFC 9110, 7.6.1: these belong to one connection, and mean nothing on the next.
_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
# Of this host, and none of the simulator's business.
_KEPT_HERE: Final = frozenset({"host", "cookie", "content-length"})


@blueprint.route("/simulator/", defaults={"rest": ""}, methods=_METHODS, provide_automatic_options=False)
@blueprint.route("/simulator/<path:rest>", methods=_METHODS, provide_automatic_options=False)
@demo_only
def forward(rest: str) -> ResponseReturnValue:
    """The simulator's answer to the same request; a page that says how to start it when it isn't there."""
    if any(part in {".", ".."} for part in rest.split("/")):
        abort(404)  # a client library would fold these into an address outside /simulator/
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.method not in {"GET", "HEAD", "OPTIONS"}:
        abort(403, "Another site's page may not use these telephones.")
    try:
        upstream = _session().request(
            request.method,
            _address(rest),
            headers=_handed_on(),
            data=request.get_data(),
            stream=True,
            allow_redirects=False,
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
        )
    except (requests.ConnectionError, requests.Timeout):
        return _absent()
    return _streamed(upstream)


@lru_cache(maxsize=1)
def _session() -> requests.Session:
    """One pool of connections for the process; made on first use, so never shared across a fork."""
    session = requests.Session()
    session.trust_env = False  # no proxy stands between a process and its neighbour
    session.headers.clear()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=32)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _address(rest: str) -> str:
    query = request.query_string.decode("latin-1")
    path = quote(f"/simulator/{rest}", safe="/+:@!$&'()*,;=~")
    return f"{runtime().settings.simulator_url}{path}" + (f"?{query}" if query else "")


def _handed_on() -> dict[str, str]:
    named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    dropped = _HOP_BY_HOP | _KEPT_HERE | named
    return {name: value for name, value in request.headers if name.lower() not in dropped}


def _streamed(upstream: requests.Response) -> Response:
    raw: urllib3.HTTPResponse = upstream.raw

    def chunks() -> Iterator[bytes]:
        # Still compressed if the simulator compressed it: the headers that say so go along.
        yield from raw.stream(_CHUNK, decode_content=False)

    headers = [(name, value) for name, value in raw.headers.items() if name.lower() not in _HOP_BY_HOP]
    answer = Response(chunks(), status=upstream.status_code, headers=headers, direct_passthrough=True)
    answer.call_on_close(upstream.close)
    return answer


def _absent() -> ResponseReturnValue:
    if request.path.startswith("/simulator/api/") or wants_json():
        return {"error": "The phone simulator is not running: start everything with `make run`."}, 502
    return render_template("simulator_absent.html"), 502

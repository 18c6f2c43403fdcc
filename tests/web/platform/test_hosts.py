"""Pages answer under the names that are ours; what machines ask for answers under any."""

import os
import socket
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from core.db import Database
from core.settings import Settings
from tests.web.conftest import build
from tests.web.console.rosters.roster_desk import MORNING
from tests.web.signing_in import BROWSER, JSON
from web.platform.hosts import ANY_HOST

PUBLIC = "https://hotline.example.org:8443"
OURS = [
    "hotline.example.org",
    "HOTLINE.Example.ORG",
    "hotline.example.org.",
    "hotline.example.org:1",
    "desk.example.org",
]
OURS += ["xn--bcher-kva.example", "[2001:DB8::1]:443", "192.0.2.7", "localhost", "localhost:8000", "127.0.0.1:8000"]
OURS += ["127.1.2.3", "[::1]", "[0:0:0:0:0:0:0:1]:8000", socket.gethostname()]
STRANGE = [
    "",
    "evil.example",
    "hotline.example.org.evil.example",
    "evilhotline.example.org",
    "example.org",
    "192.0.2.8",
]
STRANGE += ["sub.desk.example.org", "user@hotline.example.org", "hotline.example.org:x", "hotline.example.org:999999"]
STRANGE += ["hotline.example.org/", "hotline.example.org evil", "[::1", "[2001:db8::2]", "0x7f.1", "2130706433", "*"]
STRANGE += ["hotline.example.org, evil.example", "h\u00e4", "localhost.evil.example", "a" * 3000, "10.0.0.7"]
PAGES = [
    "/",
    "/sign-in",
    "/rosters",
    "/tickets/1042",
    "/static/style.css",
    "/no/such/page",
    "/simulator/",
    "//",
    "/ivrx",
]
MACHINES = ["/healthz", "/readyz", "/metrics", "/api/v1/on-call", "/api/v1/openapi.json", "/api/none", "/ivr/hold"]


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    settings = Settings(
        var_dir=tmp_path,
        public_url=PUBLIC,
        trusted_hosts="desk.example.org, B\u00fccher.example:443,2001:db8::1,192.0.2.7",
    )
    runtime = build(settings, database, MORNING).extensions["runtime"]
    return create_app(settings, runtime)


def ask(app: Flask, path: str, host: str, **headers: str) -> int:
    environ = {"HTTP_HOST": host.encode().decode("latin-1")}
    answer = app.test_client().get(path, environ_overrides=environ, headers=BROWSER | headers)
    answer.close()
    return answer.status_code


@pytest.mark.parametrize("host", OURS)
def test_our_own_names(app: Flask, host: str) -> None:
    assert ask(app, "/sign-in", host) == 200


@pytest.mark.parametrize("host", STRANGE)
def test_strange_names(app: Flask, host: str) -> None:
    for path in PAGES:
        assert ask(app, path, host) == 400, path


@pytest.mark.parametrize("host", ["evil.example", "", "10.0.0.7:8000", "user@x", "[::1"])
def test_machines_ask_under_any_name(app: Flask, host: str) -> None:
    for path in MACHINES:
        assert ask(app, path, host) == ask(app, path, "hotline.example.org"), path
        assert ask(app, path, host) != 400, path


def test_what_a_proxy_claims_does_not_count(app: Flask) -> None:
    for name in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"):
        value = "host=hotline.example.org" if name == "Forwarded" else "hotline.example.org"
        assert ask(app, "/sign-in", "evil.example", **{name: value}) == 400
        assert ask(app, "/sign-in", "hotline.example.org", **{name: value.replace("hotline", "evil")}) == 200


def test_it_says_what_to_do(app: Flask) -> None:
    environ = {"HTTP_HOST": "evil.example"}
    page = app.test_client().get("/rosters", environ_overrides=environ, headers=BROWSER).text
    assert "TRUSTED_HOSTS" in page
    assert "evil" not in page
    told = app.test_client().get("/rosters", environ_overrides=environ, headers=JSON)
    assert "TRUSTED_HOSTS" in told.get_json()["error"]


def test_every_address_is_a_page_or_a_machines(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        first = rule.rule.split("/")[1]
        endpoint = rule.endpoint.partition(".")[0]
        assert (first in ANY_HOST) == (endpoint in {"ivr", "health", "metrics"} or endpoint.startswith("api_")), rule


@pytest.mark.parametrize("path", ["/rosters", "/simulator", "/api//v1//on-call", "/ivr//hold", "//sign-in", "/account"])
def test_no_redirect_repeats_the_host(app: Flask, path: str) -> None:
    host = "hotline.example.org" if path.split("/")[1] not in {"api", "ivr"} else "evil.example"
    answer = app.test_client().get(path, environ_overrides={"HTTP_HOST": host}, headers=BROWSER)
    answer.close()
    assert host not in answer.headers.get("Location", "")
    assert not answer.headers.get("Location", "/").startswith("//")


def test_without_the_setting(database: Database, tmp_path: Path) -> None:
    app = build(Settings(var_dir=tmp_path, public_url=PUBLIC), database, MORNING)
    assert os.environ.get("TRUSTED_HOSTS") is None
    assert ask(app, "/sign-in", "hotline.example.org") == 200
    assert ask(app, "/sign-in", "desk.example.org") == 400

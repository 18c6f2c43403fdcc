"""The files of `deploy/` with the real programs: what is let through, as what, and what is not."""

import contextlib
import http.client
import re
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.stack import ROOT
from core.serving.intake import BODY_MAX_BYTES
from tests.deploy.site import HOST, PATIENCE_S, PUBLIC_URL, Door
from tests.programs_setup import proxy

both = pytest.mark.parametrize("door", ["nginx", "caddy"], indirect=True)


def test_caddy_accepts_its_file() -> None:
    file = str(ROOT / "deploy" / "Caddyfile")
    command = [proxy("caddy"), "validate", "--config", file, "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def test_both_files_let_connections_go_before_gunicorn_does() -> None:
    keeps = int(re.findall(r"^keepalive = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)[0])
    upstream = (ROOT / "deploy" / "nginx.conf").read_text().partition("upstream nightline")[2]
    assert int(re.findall(r"keepalive_timeout (\d+)s", upstream)[0]) < keeps
    assert int(re.findall(r"\bkeepalive (\d+)s", (ROOT / "deploy" / "Caddyfile").read_text())[0]) < keeps


@both
def test_the_signature_is_checked_against_the_public_address(door: Door) -> None:
    status, document = door.incoming_call()
    assert (status, "<Gather" in document) == (200, True)
    status, _ = door.incoming_call({"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    assert status == 403


@both
@pytest.mark.parametrize(
    "claim",
    [
        {"X-Forwarded-Proto": "http"},
        {"X-Forwarded-Ssl": "off"},
        {"X-Forwarded-Protocol": "http"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "for=192.0.2.1;proto=http;host=evil.example"},
    ],
    ids=lambda claim: next(iter(claim)),
)
def test_what_a_client_claims_about_its_way_changes_nothing(door: Door, claim: dict[str, str]) -> None:
    status, document = door.incoming_call(claim)
    assert (status, "evil" in document) == (200, False)


@both
def test_plain_http_leads_to_https(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.plain_port, timeout=PATIENCE_S)
    connection.request("GET", "/account", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()
    assert answer.status in {301, 308}
    assert answer.headers["Location"] in {f"{PUBLIC_URL}/account", f"https://{HOST}/account"}


@both
def test_pages_come_with_cookies_for_https_alone(door: Door) -> None:
    status, headers, page = door.ask("GET", "/sign-in")
    assert (status, "Sign in" in page) == (200, True)
    cookies = headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("Secure" in cookie and cookie.startswith("__Host-") for cookie in cookies)


@both
def test_this_machine_reads_the_metrics(door: Door) -> None:
    status, _, words = door.ask("GET", "/metrics")
    assert (status, "nightline_database_up" in words) == (200, True)


@both
@pytest.mark.parametrize("size", [BODY_MAX_BYTES + 1, 2_000_000, 20_000_000])
def test_a_body_that_is_too_large_is_refused(door: Door, size: int) -> None:
    status = 0
    with contextlib.suppress(ConnectionError, ssl.SSLError):  # it may be cut off while we still send
        status, _, _ = door.ask(
            "POST", "/ivr/voice", b"a" * size, {"Content-Type": "application/x-www-form-urlencoded"}
        )
    assert status in {0, 403, 413}
    assert door.incoming_call()[0] == 200


@both
def test_a_head_that_is_too_large_is_refused(door: Door) -> None:
    status, _, _ = door.ask("GET", "/", headers={"X-Long": "a" * 60_000})
    assert status in {400, 431}


@both
@pytest.mark.parametrize("beginning", ["GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\na"])
def test_a_request_that_never_ends_is_ended(door: Door, beginning: str) -> None:
    with door.connect() as line:
        line.sendall(beginning.encode())
        line.settimeout(90)
        begun = time.monotonic()
        while line.recv(4096):
            pass
        assert time.monotonic() - begun < 80


def test_nginx_limits_pages_but_no_calls(nginx: Door) -> None:
    statuses = [nginx.ask("GET", "/sign-in")[0] for _ in range(300)]
    assert set(statuses) <= {200, 429}
    assert [nginx.incoming_call()[0] for _ in range(30)] == [200] * 30


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/on-call", "/api/v1/openapi.json"])
def test_nginx_leaves_limits_on_programs_to_the_application(nginx: Door, path: str) -> None:
    """Its own 429 has neither JSON nor a word on when to ask again."""
    with ThreadPoolExecutor(60) as clients:
        answers = list(clients.map(lambda _: nginx.ask("GET", path), range(400)))
    for status, headers, body in answers:
        assert "nginx" not in body
        assert status != 429 or (headers["Retry-After"] and headers["Content-Type"] == "application/json")
    assert {status for status, _, _ in answers} <= {200, 401, 429, 503}


def test_nginx_asks_again_on_a_new_connection_what_may_be_asked_twice() -> None:
    """`error` alone: with `non_idempotent` beside it a POST would be carried out twice."""
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    said = dict(re.findall(r"location (?:= )?(\S+) \{\n(?:[^}]*\n)?? +proxy_next_upstream ([^;]+);", site))
    assert said == dict.fromkeys(("/", "/api/", "/healthz", "/readyz"), "error")
    assert "non_idempotent" not in site

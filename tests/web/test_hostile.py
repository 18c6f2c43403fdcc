"""Whatever is sent to whatever address, the gateway says what is wrong with it; it never fails over it."""

import json
from typing import Final
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from app import create_app
from core.db import Database
from oncall.models.access.roles import Role
from tests.web.signing_in import BROWSER, JSON, PASSWORD, add_account, form_token, signed_in

# As they stand in an address: NUL, latin-1, broken UTF-8, half a surrogate pair, long ones, directions, other digits.
TEXTS: Final = [
    "%00",
    "%E4",
    "%FF%FE",
    "%ED%A0%80",
    "%F0%9F%94%91",
    "%E2%80%AE",
    "x" * 5000,
    "%0D%0A",
    "..%2F..",
    "%D9%A3",
]
NUMBERS: Final = ["0", "2147483647", "2147483648", "9" * 30]
NAMES: Final = [
    "at",
    "from",
    "to",
    "key",
    "s",
    "turn",
    "roster",
    "region",
    "customer",
    "next",
    "layer",
    "priority",
    "q",
]


@pytest.fixture
def whole(roster_app: Flask, database: Database) -> Flask:
    runtime = roster_app.extensions["runtime"]
    add_account(database, Role.ADMINISTRATOR, "root@example.org")
    return create_app(runtime.settings, runtime)


def paths(app: Flask) -> list[tuple[str, str]]:
    """Every address and method, its parts replaced by what nobody expects there."""
    found = []
    for rule in app.url_map.iter_rules():
        values = TEXTS[:5] if rule.arguments else [""]
        if any(isinstance(rule._converters.get(name), IntegerConverter) for name in rule.arguments):
            values = [*NUMBERS, "%00"]
        for value in values:
            parts = [value if part.startswith("<") else part for part in _parts(rule.rule)]
            path = "".join(parts)
            found += [(path, method) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return [each for each in found if not each[0].startswith("/simulator")]


def _parts(rule: str) -> list[str]:
    out, rest = [], rule
    while "<" in rest:
        before, _, rest = rest.partition("<")
        inner, _, rest = rest.partition(">")
        out += [before, f"<{inner}>"]
    return [*out, rest]


def test_no_address_fails_over_its_parts_and_parameters(whole: Flask) -> None:
    client = signed_in(whole, "root@example.org")
    token = form_token(client, "/account")
    for path, method in paths(whole):
        queries = [f"?{'&'.join(f'{name}={text}' for name in NAMES)}" for text in TEXTS[:5]]
        for query in ["", *queries] if method == "GET" else [""]:
            with client.open(path + query, method=method, headers=JSON | {"X-CSRFToken": token}) as answer:
                assert answer.status_code != 500, f"{method} {path}{query[:200]}"


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_form_fails_over_its_fields(whole: Flask, text: str) -> None:
    client = signed_in(whole, "root@example.org")
    token = form_token(client, "/account")
    fields = [
        "email",
        "password",
        "current",
        "new",
        "again",
        "about",
        "do",
        "next",
        "text",
        "content",
        "kind",
        "source",
    ]
    body = "&".join(f"{field}={text}" for field in fields) + f"&csrf_token={quote(token)}"
    posts = {path for path, method in _plain(whole) if method == "POST"}
    for path in sorted(posts):
        with client.post(path, data=body, content_type="application/x-www-form-urlencoded", headers=BROWSER) as answer:
            assert answer.status_code != 500, path


def test_no_json_fails_over_its_values(whole: Flask) -> None:
    client = signed_in(whole, "root@example.org")
    token = form_token(client, "/account")
    values = ["\x00", "\ud800", "x" * 5000, 10**40, -1, None, [], {}, 1e308, "\u202e", [[[[]]]]]
    fields = [
        "at",
        "time",
        "shift",
        "name",
        "start",
        "end",
        "from",
        "to",
        "person",
        "people",
        "version",
        "layer",
        "no_answer",
    ]
    for path, method in _plain(whole):
        if method == "GET":
            continue
        for value in values:
            body = json.dumps(dict.fromkeys(fields, value))
            headers = JSON | {"X-CSRFToken": token}
            answer = client.open(path, method=method, data=body, content_type="application/json", headers=headers)
            assert answer.status_code != 500, f"{method} {path} {value!r:.20}"
    broken = client.post("/simulator-clock", data=b"{\xff", content_type="application/json", headers=JSON)
    assert broken.status_code != 500


def _plain(app: Flask) -> list[tuple[str, str]]:
    """Every address and method, with ids that exist."""
    found = []
    for rule in app.url_map.iter_rules():
        path = "".join("1" if part.startswith("<") else part for part in _parts(rule.rule))
        found += [(path, method) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return [each for each in found if not each[0].startswith(("/simulator", "/account/", "/sign-out"))]


SECRETS: Final = ["ä", "é" * 40, "\x7f", "x" * 7000, "🔑".encode().decode("latin-1"), "\xff\xfe", " ", "a b", "=" * 9]


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_tokens_keys_and_cookies_may_be_any_text(whole: Flask, secret: str) -> None:
    client = whole.test_client()
    for path in ("/api/v1/on-call", "/", "/account", "/metrics", "/ivr/voice", "/ivr/hold", "/rosters"):
        for name in (
            "Authorization",
            "X-Twilio-Signature",
            "X-CSRFToken",
            "X-Forwarded-For",
            "Accept",
            "If-None-Match",
        ):
            value = f"Bearer {secret}" if name == "Authorization" else secret
            environ = {f"HTTP_{name.upper().replace('-', '_')}": value}
            for method in ("GET", "POST"):
                with client.open(path, method=method, environ_overrides=environ) as answer:
                    assert answer.status_code < 500, f"{method} {path} {name}"
        for name in ("nightline", "nightline-browser", "nightline-form", "__Host-nightline"):
            with client.get(path, environ_overrides={"HTTP_COOKIE": f"{name}={secret}"}) as answer:
                assert answer.status_code < 500, f"{path} cookie {name}"


@pytest.mark.parametrize("password", ["\x00", "ä\x00", "\ud7ff", "x" * 5000, "\u202e"])
def test_a_sign_in_with_odd_letters_is_refused_not_failed(whole: Flask, password: str) -> None:
    client = whole.test_client()
    for email in ("root@example.org", "root\x00@example.org", "ä@example.org", "x" * 3000):
        data = {"email": email, "password": password, "csrf_token": form_token(client)}
        answer = client.post("/sign-in", data=data, headers=BROWSER)
        assert 400 <= answer.status_code < 500, email[:30]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("text/xml", 415),
        ("application/octet-stream", 415),
        ("", 415),
        ("application/json; charset=utf-16", 415),
        ("application/x-www-form-urlencoded; charset=utf-7", 415),
        ("application/x-www-form-urlencoded", 303),
    ],
)
def test_other_kinds_of_content_are_refused_with_a_sentence(whole: Flask, content_type: str, status: int) -> None:
    client = whole.test_client()
    body = f"email=root@example.org&password={quote(PASSWORD)}&csrf_token={quote(form_token(client))}".encode()
    answer = client.post("/sign-in", data=body, content_type=content_type, headers=BROWSER)
    assert answer.status_code == status
    if status == 415:
        assert "Send a form, or JSON" in answer.text


def test_json_where_a_form_is_meant_and_a_form_where_json_is(whole: Flask) -> None:
    client = signed_in(whole, "root@example.org")
    token = {"X-CSRFToken": form_token(client, "/account")}
    assert client.post("/account/password", json={"new": "x"}, headers=JSON | token).status_code < 500
    answer = client.put("/rosters/1/layers/1.json", data={"name": "x"}, headers=JSON | token)
    assert answer.status_code in {404, 405, 415}

"""Signing in and out as a person does it, and one's own account."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from tests.web.signing_in import (
    BROWSER,
    CHEAP,
    JSON,
    PASSWORD,
    add_account,
    cookie,
    form_token,
    let_expire,
    sessions,
    signed_in,
    submit,
)
from web.console.sign_in import local_path


@pytest.fixture
def app(demo_app: Flask, database: Database) -> Flask:
    """The pages, with one account: Ada's."""
    demo_app.extensions["passwords"] = CHEAP
    add_account(database)
    return demo_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# --- In


def test_the_form_is_made_for_people_and_their_password_managers(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    assert re.search(r'<label for="email">.*?<input id="email" [^>]*autocomplete="username"', page, re.S)
    assert re.search(r'<label for="password">.*?<input id="password" [^>]*autocomplete="current-password"', page, re.S)
    assert "<script" not in page
    assert "aria-invalid" not in page


def test_the_right_password_leads_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    asked = client.get("/account?x=1", headers=BROWSER)
    assert asked.headers["Location"] == "/sign-in?next=/account?x%3D1"
    assert 'name="next" value="/account?x=1"' in client.get(asked.headers["Location"]).text
    answer = submit(client, next="/account?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    page = client.get("/account").text
    assert "ada@example.org" in page
    assert ">Ada</a>" in page


def test_whoever_has_signed_in_goes_straight_on(client: FlaskClient) -> None:
    assert submit(client, " ADA@example.org ").headers["Location"] == "/"
    assert client.get("/sign-in?next=/demo/timeline").headers["Location"] == "/demo/timeline"


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.org", "guessed"), ("nobody@example.org", PASSWORD), ("ada@example.org\0", "x"), ("ada", "\0")],
)
def test_a_wrong_one_is_told_beside_the_field_and_the_same_for_all(
    client: FlaskClient, database: Database, email: str, password: str
) -> None:
    answer = submit(client, email, password)
    assert answer.status_code == 422
    assert "That e-mail address and password don&#39;t go together." in answer.text
    assert re.search(r'id="password" [^>]*aria-describedby="password-wrong" aria-invalid="true"', answer.text)
    assert 'id="password-wrong" role="alert"' in answer.text
    assert f'value="{password}"' not in answer.text
    assert (cookie(client), sessions(database)) == (None, 0)


@pytest.mark.parametrize(("email", "password", "field"), [("", PASSWORD, "email"), ("ada@example.org", "", "password")])
def test_an_empty_field_is_asked_for(client: FlaskClient, email: str, password: str, field: str) -> None:
    answer = submit(client, email, password)
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-wrong"' in answer.text


def test_without_the_forms_token_nothing_happens(client: FlaskClient, database: Database) -> None:
    right = {"email": "ada@example.org", "password": PASSWORD}
    assert client.post("/sign-in", data=right).status_code == 400
    form_token(client)
    assert client.post("/sign-in", data=right | {"csrf_token": "wrong"}).status_code == 400
    token = form_token(client)
    assert client.application.test_client().post("/sign-in", data=right | {"csrf_token": token}).status_code == 400
    assert (cookie(client), sessions(database)) == (None, 0)
    assert client.post("/sign-in", data=right, headers={"X-CSRFToken": token}).status_code == 303
    assert sessions(database) == 1


def test_a_session_put_into_the_browser_beforehand_does_not_go_on(app: Flask, database: Database) -> None:
    add_account(database, email="eve@example.org")
    eve = signed_in(app, "eve@example.org")
    planted = cookie(eve)
    assert planted is not None
    victim = app.test_client()
    victim.set_cookie("nightline", planted)
    answer = victim.get("/account")  # signed in as Eve, without knowing
    assert "eve@example.org" in answer.text
    token = form_token(victim, "/account")
    before = cookie(victim, "nightline-form")
    data = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": token}
    assert victim.post("/sign-in", data=data, headers=BROWSER).status_code == 303
    assert cookie(victim) not in {planted, None}
    assert cookie(victim, "nightline-form") != before
    assert "ada@example.org" in victim.get("/account").text
    assert eve.get("/account", headers=JSON).status_code == 401
    assert victim.post("/sign-out", data={"csrf_token": token}).status_code == 400  # the old form's token, too


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil.example",
        "/\t/evil.example",
        " //evil.example",
        "/%0a\\evil",
        "/ok\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_led_to_another_site(client: FlaskClient, elsewhere: str) -> None:
    assert local_path(elsewhere) is None
    assert 'name="next"' not in client.get("/sign-in", query_string={"next": elsewhere}).text
    assert submit(client, next=elsewhere).headers["Location"] == "/"
    assert client.get("/sign-in", query_string={"next": elsewhere}).headers["Location"] == "/"


@pytest.mark.parametrize("here", ["/", "/account", "/tickets/1042?tab=notes#last", "/a//b", "/r%20oster"])
def test_paths_of_our_own_are_kept(here: str) -> None:
    assert local_path(here) == here


# --- Cookies, and time


def test_over_http_cookies_are_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookies = submit(client).headers.getlist("Set-Cookie")
    kept = [each for each in cookies if each.startswith(("nightline=", "nightline-browser="))]
    assert len(kept) == 2
    for each in kept:
        assert "HttpOnly" in each
        assert "SameSite=Lax" in each
        assert "Path=/" in each
        assert "Domain" not in each


def test_over_https_they_are_bound_to_this_host_too(demo_settings: Settings, database: Database) -> None:
    from tests.web.conftest import build

    add_account(database)
    secure = demo_settings.model_copy(update={"public_url": "https://hotline.example.org"})
    app = build(secure, database, real_now())
    app.extensions["passwords"] = CHEAP
    client = app.test_client()
    https = "https://hotline.example.org"
    page = client.get("/sign-in", base_url=https)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    data = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": token.group(1)}
    answer = client.post("/sign-in", base_url=https, data=data)
    assert answer.status_code == 303
    cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert {each.partition("=")[0] for each in cookies} == {
        "__Host-nightline",
        "__Host-nightline-browser",
        "__Host-nightline-form",
    }
    for each in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(each.split("; "))
    assert client.get("/account", base_url=https).status_code == 200


def test_the_pretended_time_neither_ends_a_session_nor_keeps_one(app: Flask, database: Database) -> None:
    client = signed_in(app)
    client.post("/demo/clock", json={"set": "2031-01-01T12:00"})
    assert client.get("/account").status_code == 200
    client.post("/demo/clock", json={"set": "2026-01-01T12:00"})
    let_expire(database)
    assert client.get("/account", headers=JSON).status_code == 401


def test_pages_for_all_need_no_session_and_never_fail_for_one(client: FlaskClient) -> None:
    assert 'href="/sign-in">Sign in</a>' in client.get("/").text
    client.set_cookie("nightline", "made up")
    assert client.get("/").status_code == 200
    assert client.get("/nothing", headers=BROWSER).status_code == 404


def test_programs_that_send_json_are_told_so(client: FlaskClient) -> None:
    answer = client.post("/account/password", json={}, headers={"Accept": "*/*"})
    assert answer.status_code == 401
    assert "error" in answer.get_json()

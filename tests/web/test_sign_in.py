"""Signing in and out as a person does it, and one's own account."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from oncall.accounts.limits import ACCOUNT
from oncall.accounts.models import Account, AccountSession
from tests.web.signing_in import (
    BROWSER,
    CHEAP,
    JSON,
    PASSWORD,
    add_account,
    form_token,
    let_expire,
    signed_in,
    submit,
)
from web.account import ago
from web.sign_in import local_path

NEW = "five other unrelated words"


@pytest.fixture
def app(demo_app: Flask, database: Database) -> Flask:
    """The pages, with one account: Ada's."""
    demo_app.extensions["passwords"] = CHEAP
    add_account(database)
    return demo_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def cookie(client: FlaskClient, name: str = "nightline") -> str | None:
    found = client.get_cookie(name)
    return found.value if found else None


def sessions(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(AccountSession)) or 0


def post(client: FlaskClient, path: str, **data: str) -> tuple[int, str]:
    """Send a form of /account; status and page, or where it leads."""
    answer = client.post(path, data={"csrf_token": form_token(client, "/account"), **data}, headers=BROWSER)
    return answer.status_code, answer.headers.get("Location", answer.text)


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
    assert submit(client, " ADA@example.org ").headers["Location"] == "/account"
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
    assert submit(client, next=elsewhere).headers["Location"] == "/account"
    assert client.get("/sign-in", query_string={"next": elsewhere}).headers["Location"] == "/account"


@pytest.mark.parametrize("here", ["/", "/account", "/tickets/1042?tab=notes#last", "/a//b", "/r%20oster"])
def test_paths_of_our_own_are_kept(here: str) -> None:
    assert local_path(here) == here


# --- Too many tries


def test_too_many_tries_get_a_sentence_and_a_time(client: FlaskClient) -> None:
    for _ in range(ACCOUNT.hour):
        assert submit(client, password="wrong", address="198.51.100.7").status_code == 422
    answer = submit(client, address="203.0.113.9")
    assert answer.status_code == 429
    assert 3590 < int(answer.headers["Retry-After"]) <= 3600
    assert "Try again in 60 minutes" in answer.text
    assert '<form class="sign-in sheet" method="post" action="/sign-in" aria-describedby="form-wrong">' in answer.text
    assert "nobody" not in answer.text
    other = submit(client, "nobody@example.org", "wrong", address="203.0.113.9")
    assert other.status_code == 422


def test_addresses_are_those_of_the_clients_not_of_the_proxy(app: Flask, database: Database) -> None:
    guesser, colleague = app.test_client(), app.test_client()
    statuses = [
        submit(guesser, f"{place}@example.org", "wrong", address="10.9.9.9, 2001:db8::5").status_code
        for place in range(21)
    ]
    assert statuses == [422] * 20 + [429]
    assert submit(guesser, address="2001:db8::6").status_code == 429  # the same network
    assert submit(colleague, address="2001:db8:0:1::6").status_code == 303
    outside = {"REMOTE_ADDR": "9.9.9.9"}
    data = {"email": "x@example.org", "password": "wrong", "csrf_token": form_token(guesser)}
    for place in range(21):  # who comes directly can't choose an address
        headers = {"X-Forwarded-For": f"198.51.100.{place}"}
        last = guesser.post(
            "/sign-in", data=data | {"email": f"x{place}@example.org"}, headers=headers, environ_base=outside
        )
    assert last.status_code == 429


def test_the_owner_gets_in_from_a_browser_used_before_while_others_guess(app: Flask) -> None:
    own = signed_in(app)
    own.delete_cookie("nightline")
    stranger, fresh = app.test_client(), app.test_client()
    for place in range(ACCOUNT.hour):
        submit(stranger, password="wrong", address=f"198.51.100.{place}")
    assert submit(fresh, address="203.0.113.9").status_code == 429
    copied = cookie(own, "nightline-browser")
    assert copied is not None
    fresh.set_cookie("nightline-browser", copied[:-1] + ("a" if copied[-1] != "a" else "b"))  # made up
    assert submit(fresh, address="203.0.113.9").status_code == 429
    assert submit(own, address="203.0.113.9").status_code == 303
    own.delete_cookie("nightline")
    assert submit(own, "bruno@example.org", address="198.51.100.1").status_code == 422  # known for Ada alone


# --- Out, and one's own account


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(client: FlaskClient, database: Database) -> None:
    submit(client)
    token = cookie(client)
    assert token is not None
    assert post(client, "/sign-out") == (303, "/sign-in?signed=out")
    assert (cookie(client), sessions(database)) == (None, 0)
    client.set_cookie("nightline", token)
    assert client.get("/account", headers=JSON).status_code == 401
    assert "You have signed out" in client.get("/sign-in?signed=out").text


def test_signing_out_takes_a_form_of_ours(client: FlaskClient, database: Database) -> None:
    submit(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert sessions(database) == 1


def test_one_sees_ones_sessions_and_ends_another(app: Flask, database: Database) -> None:
    add_account(database, email="bruno@example.org")
    here, there, bruno = signed_in(app), app.test_client(), signed_in(app, "bruno@example.org")
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
    data = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": form_token(there)}
    there.post("/sign-in", data=data, headers={"User-Agent": agent})
    page = here.get("/account").text
    assert "Safari on iPhone" in page
    assert page.count("this one</span>") == 1
    keys = re.findall(r'action="/account/sessions/([0-9a-f]+)/end"', page)
    assert len(keys) == 1
    assert post(bruno, f"/account/sessions/{keys[0]}/end")[0] == 404
    assert there.get("/account").status_code == 200
    assert post(here, f"/account/sessions/{keys[0]}/end") == (303, "/account?done=session")
    assert there.get("/account", headers=JSON).status_code == 401
    assert post(here, f"/account/sessions/{keys[0]}/end")[0] == 404
    assert post(here, "/account/sessions/nonsense/end")[0] == 404
    assert here.get("/account").status_code == 200


def test_another_password_signs_all_other_browsers_out(app: Flask) -> None:
    here, there = signed_in(app), signed_in(app)
    answer = post(here, "/account/password", current=PASSWORD, new=NEW, again=NEW)
    assert answer == (303, "/account?done=password")
    assert here.get("/account").status_code == 200
    assert there.get("/account", headers=JSON).status_code == 401
    assert submit(there).status_code == 422
    assert submit(there, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "field", "words"),
    [
        ("wrong", NEW, NEW, "current", "This is not your present password."),
        (PASSWORD, NEW, NEW + "x", "again", "This is not the same as above."),
        (PASSWORD, "short", "short", "new", "That is too short: it takes at least 12 characters."),
        (PASSWORD, "ada@example.org", "ada@example.org", "new", "Your e-mail address or name is the first thing"),
    ],
)
def test_a_password_that_cannot_be_is_told_beside_its_field(
    app: Flask, database: Database, current: str, new: str, again: str, field: str, words: str
) -> None:
    here, there = signed_in(app), signed_in(app)
    status, page = post(here, "/account/password", current=current, new=new, again=again)
    assert status == 422
    assert re.search(rf'id="{field}-wrong" role="alert">{re.escape(words)}', page)
    assert re.search(rf'id="{field}" [^>]*aria-describedby="{field}-wrong', page)
    assert there.get("/account").status_code == 200
    with database.transaction() as session:
        assert CHEAP.matches(session.scalars(select(Account.password_hash)).one(), PASSWORD)


def test_the_pages_own_fields_tell_password_managers_what_they_are(app: Flask) -> None:
    page = signed_in(app).get("/account").text
    assert page.count('autocomplete="new-password"') == 2
    assert page.count('autocomplete="current-password"') == 1
    assert 'name="username" autocomplete="username" value="ada@example.org"' in page


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


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_how_long_ago(past: timedelta, words: str) -> None:
    assert ago(past) == words

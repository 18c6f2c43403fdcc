"""Signing out, and one's own account: another password, other browsers."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.db import Database
from oncall.models.access.accounts import Account
from tests.web.signing_in import (
    CHEAP,
    JSON,
    PASSWORD,
    add_account,
    cookie,
    form_token,
    post,
    sessions,
    signed_in,
    submit,
)
from web.console.account import ago

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
        ("wrong", NEW, NEW, "current", "This is not your current password."),
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


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
OFFICE = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "address", "told"),
    [
        (PHONE, "203.0.113.7", ("Safari on iPhone", "from 203.0.113.7, signed in ")),
        (OFFICE, "2001:db8:1:2:3:4:5:6", ("Firefox on Linux", "from 2001:db8:1:2::/64, signed in ")),
        ("curl/8", "", ("Unknown browser", "from 127.0.0.1, signed in ")),
    ],
)
def test_sessions_are_told_apart(app: Flask, agent: str, address: str, told: tuple[str, str]) -> None:
    """By browser, from where, and when: two of one kind differ at least in that."""
    here, there = signed_in(app), app.test_client()
    data = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": form_token(there)}
    there.post("/sign-in", data=data, headers={"User-Agent": agent, "X-Forwarded-For": address})
    _, mine, other = here.get("/account").text.split('<p class="name"')
    assert "this one</span>" in mine
    assert "this one</span>" not in other
    for words in told:
        assert words in other
    when = r"signed in [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d [A-Z]{3,4}</p>"
    assert re.search(when, other)
    assert "last seen just now" in other


def test_all_others_are_ended_at_once(app: Flask, database: Database) -> None:
    add_account(database, email="bruno@example.org")
    here, bruno, *others = signed_in(app), signed_in(app, "bruno@example.org"), signed_in(app), signed_in(app)
    assert "End all others" in here.get("/account").text
    assert post(here, "/account/sessions/end-others") == (303, "/account?done=others")
    assert [each.get("/account", headers=JSON).status_code for each in (here, bruno, *others)] == [200, 200, 401, 401]
    page = here.get("/account?done=others").text
    assert "All other browsers are signed out." in page
    assert "End all others" not in page
    assert post(here, "/account/sessions/end-others") == (303, "/account?done=none")
    assert here.get("/account/sessions/end-others").status_code == 405
    assert here.post("/account/sessions/end-others").status_code == 400  # no form of ours

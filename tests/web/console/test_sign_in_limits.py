"""Too many wrong passwords, as seen from outside: who has to wait, who hasn't."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import Database
from oncall.accounts.limits import ACCOUNT
from tests.web.signing_in import (
    CHEAP,
    add_account,
    cookie,
    form_token,
    signed_in,
    submit,
)


@pytest.fixture
def app(demo_app: Flask, database: Database) -> Flask:
    """The pages, with one account: Ada's."""
    demo_app.extensions["passwords"] = CHEAP
    add_account(database)
    return demo_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


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
    fresh.set_cookie("nightline-browser", ("a" if copied[0] != "a" else "b") + copied[1:])  # made up
    assert submit(fresh, address="203.0.113.9").status_code == 429
    assert submit(own, address="203.0.113.9").status_code == 303
    own.delete_cookie("nightline")
    for place in range(ACCOUNT.hour):
        submit(stranger, "bruno@example.org", "wrong", address=f"198.51.100.{place}")
    assert submit(own, "bruno@example.org", address="203.0.113.9").status_code == 429  # known for Ada alone

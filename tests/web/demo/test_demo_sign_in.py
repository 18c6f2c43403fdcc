"""One press signs a first visitor of the demo in; nowhere else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.clock import real_now
from core.db import Database
from demo.accounts import make_demo_accounts
from tests.web.signing_in import BROWSER, form_token


def press(client: FlaskClient, role: str, token: str = "") -> int:
    data = {"csrf_token": token or form_token(client, "/"), "role": role}
    return client.post("/demo/sign-in", data=data, headers=BROWSER).status_code


@pytest.mark.parametrize(("role", "who"), [("manager", "Paolo Greco"), ("technician", "Giulia Conti")])
def test_one_press(demo: FlaskClient, database: Database, role: str, who: str) -> None:
    with database.transaction() as session:
        make_demo_accounts(session, real_now())
    assert 'name="next" value="/"' in demo.get("/", headers=BROWSER).text
    assert press(demo, role) == 303
    assert who in demo.get("/account", headers=BROWSER).text


def test_without_the_accounts_or_the_form_nobody_gets_in(demo: FlaskClient, database: Database) -> None:
    assert press(demo, "manager") == 404
    assert press(demo, "administrator") == 400
    assert press(demo, "manager", token="wrong") == 400


def test_only_in_the_demo(twilio_app: Flask) -> None:
    client = twilio_app.test_client()
    assert press(client, "manager", form_token(client, "/sign-in")) == 404
    assert "/demo/sign-in" not in client.get("/", headers=BROWSER).text

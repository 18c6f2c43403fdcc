"""`flask token`: programs that may ask, and their tokens."""

import re

from flask import Flask

from tests.commands.conftest import Flasks


def test_made_listed_used_revoked(flask: Flasks, application: Flask) -> None:
    assert flask("token").stdout == "No program may ask yet: make a token with `flask token NAME`.\n"
    token = flask("token", "wallboard").stdout.strip()
    assert len(token) >= 40
    since = flask("token").stdout
    assert re.fullmatch(r"wallboard, since [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} 20\d\d\n", since)
    headers = {"Authorization": f"Bearer {token}"}
    client = application.test_client()
    try:
        assert client.get("/api/v1/on-call", headers=headers).status_code == 200
    finally:
        application.extensions["watch"].close()
    again = flask("token", "wallboard")
    assert (again.exit_code, again.stderr) == (
        1,
        "nightline: there is a program wallboard already: choose another name, or revoke that one first;"
        " nothing was changed\n",
    )
    assert flask("token", "wallboard", "--revoke").stdout == "The token of wallboard is revoked.\n"
    assert client.get("/api/v1/on-call", headers=headers).status_code == 401
    assert flask("token", "wallboard", "--revoke").exit_code == 1

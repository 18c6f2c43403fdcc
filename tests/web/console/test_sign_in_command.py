"""`flask account`: making accounts and changing them from the command line."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from core.db import Database
from oncall.accounts.administering import find_account
from oncall.accounts.passwords import Passwords
from tests.web.signing_in import PASSWORD, submit

Run = Callable[..., Result]
NEW_ADA = ("ada@example.org", "--name", "Ada Rossi", "--role", "manager")


@pytest.fixture
def app(demo_app: Flask) -> Flask:
    runtime = demo_app.extensions["runtime"]
    return create_app(runtime.settings, runtime)


@pytest.fixture
def run(app: Flask) -> Run:
    def run_account(*arguments: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=["account", *arguments], input=typed)

    return run_account


def test_makes_an_account_that_can_sign_in_and_shuts_it_again(app: Flask, run: Run) -> None:
    made = run(*NEW_ADA, typed=f"{PASSWORD}\n")
    assert (made.exit_code, made.output) == (0, "account ada@example.org: made\n")
    client = app.test_client()
    assert submit(client).status_code == 303
    assert client.get("/account").status_code == 200
    assert run("ADA@example.org", "--disable").output == "account ada@example.org: disabled, 1 session ended\n"
    assert client.get("/account", headers={"Accept": "application/json"}).status_code == 401
    assert submit(client).status_code == 422
    assert run("ada@example.org", "--enable").output == "account ada@example.org: enabled\n"
    assert submit(client).status_code == 303


def test_keeps_the_password_when_none_is_typed(run: Run, database: Database) -> None:
    run(*NEW_ADA, typed=f"{PASSWORD}\n")
    assert run("ada@example.org", "--role", "viewer").output == "account ada@example.org: role manager → viewer\n"
    assert run("ada@example.org").output == "nothing changed\n"
    with database.transaction() as session:
        found = find_account(session, "ada@example.org")
    assert found is not None
    assert (found.role, Passwords().matches(found.password_hash, PASSWORD)) == ("viewer", True)


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (NEW_ADA, "", "there is no account ada@example.org yet: a new one needs a name, a role and a password"),
        (NEW_ADA, "short\n", "That is too short: it takes at least 12 characters"),
        ((*NEW_ADA, "--person", "Nobody"), f"{PASSWORD}\n", "there is nobody called 'Nobody' in the directory"),
        (("ada@example.org", "--disable"), "", "there is no account ada@example.org"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    run: Run, database: Database, arguments: tuple[str, ...], typed: str, words: str
) -> None:
    result = run(*arguments, typed=typed)
    assert (result.exit_code, result.stderr) == (1, f"nightline: {words}; nothing was changed\n")
    with database.transaction() as session:
        assert find_account(session, "ada@example.org") is None
    assert PASSWORD not in result.output


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(run: Run) -> None:
    result = run("ada@example.org", "--role", "emperor")
    assert result.exit_code == 2
    assert "administrator" in result.stderr

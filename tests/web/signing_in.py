"""Accounts for tests of the pages, and a browser that signs in as a person does."""

import re
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from core.clock import real_now
from core.db import Database
from oncall.accounts.passwords import Passwords
from oncall.models.access.accounts import Account, AccountSession
from oncall.models.access.roles import Role

PASSWORD: Final = "four unrelated quiet words"
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON: Final = {"Accept": "application/json"}


class CountingPasswords(Passwords):
    """Counts the hashes that are computed; cheap ones, as nobody attacks a test."""

    def __init__(self, memory_kib: int = 64, passes: int = 1) -> None:
        super().__init__(memory_kib, passes)
        self.computed = 0

    def _computed(self, password: str, stored: str | None) -> str:
        self.computed += 1
        return super()._computed(password, stored)


CHEAP: Final = CountingPasswords()
_HASH: Final = CHEAP.hash(PASSWORD)


def add_account(database: Database, role: Role = Role.VIEWER, email: str = "ada@example.org") -> int:
    """An account whose password is PASSWORD; its id."""
    account = Account(email=email, name=email.partition("@")[0].capitalize(), role=role.value, created_at=real_now())
    account.password_hash = _HASH
    with database.transaction() as session:
        session.add(account)
    return account.id


def disable(database: Database, account: int) -> None:
    with database.transaction() as session:
        session.execute(update(Account).where(Account.id == account).values(disabled_at=real_now()))


def revoke_all(database: Database) -> None:
    with database.transaction() as session:
        session.execute(delete(AccountSession))


def let_expire(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(AccountSession).values(expires_at=real_now()))


def form_token(client: FlaskClient, path: str = "/sign-in") -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, headers=BROWSER).text)
    assert found, f"no form on {path}"
    return found.group(1)


def submit(
    client: FlaskClient, email: str = "ada@example.org", password: str = PASSWORD, address: str = "", **more: str
) -> TestResponse:
    """Fill in the form of /sign-in and send it, from an address of the internet if one is given."""
    headers = BROWSER | ({"X-Forwarded-For": address} if address else {})
    data = {"email": email, "password": password, "csrf_token": form_token(client), **more}
    return client.post("/sign-in", data=data, headers=headers)


def signed_in(app: Flask, email: str = "ada@example.org") -> FlaskClient:
    """A new browser in which this account is signed in."""
    client = app.test_client()
    assert submit(client, email).status_code == 303
    return client


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

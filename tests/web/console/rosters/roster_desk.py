"""A roster behind the pages, and browsers of a manager and of two technicians."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from core.db import Database
from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role
from oncall.models.people import Person
from tests.loading import load_directory
from tests.oncall.planning.conftest import DIRECTORY
from tests.web.signing_in import JSON, add_account, form_token, signed_in

# Monday 1 June 2026, 10:00 in Rome.
MORNING = datetime(2026, 6, 1, 8, tzinfo=UTC)


class Clerk:
    """A browser in which somebody is signed in, and what its scripts send."""

    def __init__(self, app: Flask, email: str) -> None:
        self.client: FlaskClient = signed_in(app, email)
        self.token = form_token(self.client, "/account")

    def send(self, method: str, path: str, **body: Any) -> TestResponse:
        return self.client.open(path, method=method, json=body, headers={**JSON, "X-CSRFToken": self.token})

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


def fill(database: Database) -> dict[str, int]:
    """Ada and Bruno by the week, and accounts: a manager, Ada's, Bruno's, and one that only looks. People's ids."""
    with database.transaction() as session:
        load_directory(session, DIRECTORY, MORNING, b"a key for the tests of rosters")
        people = {person.first_name: person.id for person in session.scalars(select(Person))}
    add_account(database, Role.MANAGER, "mara@example.org")
    add_account(database, Role.VIEWER, "vera@example.org")
    for name in ("Ada", "Bruno"):
        account = add_account(database, Role.TECHNICIAN, f"{name.lower()}@example.org")
        with database.transaction() as session:
            session.execute(update(Account).where(Account.id == account).values(person_id=people[name]))
    return people

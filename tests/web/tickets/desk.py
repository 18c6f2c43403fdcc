"""A night's tickets, accounts of those who look at them, and what browsers do on a ticket's page."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.db import Database
from oncall.models.access.accounts import Account
from oncall.models.access.roles import Role
from oncall.models.calls import PhoneCall
from oncall.models.pages import Page
from oncall.models.people import Person
from oncall.models.tickets import TicketEvent
from tests.web import night
from tests.web.signing_in import BROWSER, add_account, form_token

PATH = "/tickets/1043"


def fill(database: Database, now: datetime) -> None:
    """Ticket 1042 is done; for 1043 Ada's phone rings and the caller holds. An account for each kind of visitor."""
    with database.transaction() as session:
        night.a_night(session, now)
    for name, role in (
        ("ada", Role.TECHNICIAN),
        ("bruno", Role.MANAGER),
        ("vera", Role.VIEWER),
        ("tina", Role.TECHNICIAN),
    ):
        account = add_account(database, role, f"{name}@example.org")
        with database.transaction() as session:
            person = session.scalar(select(Person.id).where(Person.name.startswith(name.capitalize())))
            session.execute(update(Account).where(Account.id == account).values(person_id=person))


def look(client: FlaskClient, path: str = PATH) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def press(client: FlaskClient, do: str, path: str = PATH) -> str:
    """Press a button: the page that follows it."""
    token = form_token(client, path)
    answer = client.post(path, data={"csrf_token": token, "do": do}, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    return look(client, path)


def caller_leaves(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(PhoneCall).where(PhoneCall.direction == "in").values(waiting=False))


def page(database: Database) -> Page:
    with database.transaction() as session:
        return session.scalars(select(Page).order_by(Page.id.desc()).limit(1)).one()


def lines(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(TicketEvent.words).order_by(TicketEvent.id)))


def calls_to_join(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(PhoneCall.state).where(PhoneCall.purpose == "connect")))


def person_id(database: Database, name: str) -> int:
    with database.transaction() as session:
        return session.scalars(select(Person.id).where(Person.name == name)).one()

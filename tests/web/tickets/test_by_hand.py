"""Tickets that somebody of ours opens for a customer, and one action on many tickets."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.db import Database
from oncall.models.customers import Customer, Product
from oncall.models.pages import PageCause, PageState
from oncall.models.tickets import Ticket, TicketChannel, TicketState
from tests.web.signing_in import BROWSER, form_token, signed_in
from tests.web.tickets.desk import lines, look, page, person_id
from tests.web.tickets.test_acting import ticket

PROBLEM = {"channel": "e-mail", "priority": "P2", "words": "Every second fax is lost.", "number": "+390212345678"}


def new_form(client: FlaskClient, database: Database) -> dict[str, str]:
    """What the form for Acme has in it, found by way of its name."""
    with database.transaction() as session:
        acme = session.scalars(select(Customer).where(Customer.name == "Acme")).one()
        acme.contracts[0].products = [Product(name="UC Suite")]
    found = look(client, "/tickets/new?q=acm")
    way = re.search(r'href="(/tickets/new\?customer=\d+)">Acme</a>', found)
    assert way is not None
    assert "Harbour" not in found
    shown = look(client, way[1])
    assert "They have a right to the night service." in " ".join(shown.split())
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', shown))


def put(client: FlaskClient, form: dict[str, str]) -> tuple[int, str]:
    answer = client.post("/tickets/new", data=form, headers=BROWSER)
    return answer.status_code, answer.headers.get("Location", answer.text)


def newest(database: Database) -> Ticket:
    with database.transaction() as session:
        return session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def test_it_is_theirs_and_the_same_form_opens_one(ada: FlaskClient, database: Database) -> None:
    form = new_form(ada, database) | PROBLEM
    assert put(ada, form) == put(ada, form) == (303, "/tickets/1044")
    opened = newest(database)
    assert (opened.number, opened.channel, opened.state) == (1044, TicketChannel.MAIL, TicketState.TAKEN)
    assert (opened.assignee_id, opened.callback_number) == (person_id(database, "Ada Rossi"), "+390212345678")
    assert opened.due_at is not None
    assert (opened.due_at - opened.opened_at).total_seconds() == 120 * 60
    assert "Ada Rossi: Every second fax is lost." in lines(database)
    assert "1044" in look(ada, "/tickets?q=fax")


def test_or_who_is_on_call_is_called_for_it(ada: FlaskClient, database: Database) -> None:
    assert put(ada, new_form(ada, database) | PROBLEM | {"paged": "1"})[0] == 303
    assert (newest(database).state, newest(database).assignee_id) == (TicketState.OPEN, None)
    assert (page(database).cause, page(database).state) == (PageCause.BY_HAND, PageState.PAGING)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"words": ""}, "Fill this in."),
        ({"number": "12"}, "is not a phone number"),
        ({"priority": "P3", "paged": "1"}, "Nobody is called for P3"),
        ({"channel": "hotline"}, "Choose one of those that are offered."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_kept(
    ada: FlaskClient, database: Database, changed: dict[str, str], told: str
) -> None:
    status, shown = put(ada, new_form(ada, database) | PROBLEM | changed)
    assert (status, told in shown) == (422, True)
    assert ("Every second fax is lost.</textarea>" in shown) is ("words" not in changed)
    assert newest(database).number == 1043


def test_a_customer_who_would_be_refused_is_helped_all_the_same(ada: FlaskClient, database: Database) -> None:
    form = new_form(ada, database)
    with database.transaction() as session:
        acme = session.scalars(select(Customer).where(Customer.name == "Acme")).one()
        acme.contracts[0].paid = False
    shown = look(ada, f"/tickets/new?customer={form['customer']}")
    assert "On the hotline they would be refused now" in shown
    assert put(ada, form | PROBLEM)[0] == 303
    assert ada.get("/tickets/new?customer=9999", headers=BROWSER).status_code == 404


def many(client: FlaskClient, do: str, *numbers: int, **fields: str) -> tuple[int, str]:
    data = {"csrf_token": form_token(client, "/tickets"), "do": do, "number": [str(each) for each in numbers]}
    answer = client.post("/tickets/many", data=data | fields, headers=BROWSER)
    return answer.status_code, " ".join(answer.text.split())


def test_many_are_shown_before_they_are_changed(ada: FlaskClient, database: Database) -> None:
    status, shown = many(ada, "close", 1042, 1043)
    assert (status, "Close: 1 of 2 tickets" in shown) == (200, True)
    assert "Ticket 1042 is closed: open it again first." in shown
    assert ticket(database).state == TicketState.OPEN, "nothing is done yet"
    seen = re.search(r'name="seen-1043" value="(\d+)"', shown)
    assert seen is not None
    assert many(ada, "close", 1043, sure="1", words="")[0] == 422
    status, shown = many(ada, "close", 1043, sure="1", words="Restarted it.", **{"seen-1043": seen[1]})
    assert (status, "Done for 1 of 1 tickets" in shown) == (200, True)
    assert ticket(database).state == TicketState.CLOSED
    assert "Ada Rossi: Restarted it." in lines(database)
    assert many(ada, "close", 1043, sure="1", words="Restarted it.", **{"seen-1043": seen[1]})[0] == 200
    assert lines(database).count("Ada Rossi: Restarted it.") == 1, "the same form is one press"


def test_accepting_many(ada: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    assert "Accept: 1 of 2 tickets" in many(ada, "accept", 1042, 1043)[1]
    assert "You have accepted ticket 1043." in many(ada, "accept", 1043, sure="1")[1]
    assert "Ada Rossi has accepted ticket 1043 already." in many(bruno, "accept", 1043, sure="1")[1]
    assert many(ada, "explode", 1043)[0] == 400
    assert "No ticket was chosen." in many(ada, "note")[1]


def test_only_for_technicians_who_can_be_rung(dark: Flask, database: Database) -> None:
    vera, tina = signed_in(dark, "vera@example.org"), signed_in(dark, "tina@example.org")
    for path in ("/tickets/new", "/tickets/many"):
        token = form_token(vera, "/account")
        assert vera.post(path, data={"csrf_token": token, "do": "close"}, headers=BROWSER).status_code == 403
    with database.transaction() as session:
        session.execute(update(Ticket).where(Ticket.number == 1043).values(assignee_id=None))
    assert "Close: 0 of 1 tickets" in many(tina, "close", 1043)[1]
    assert (
        tina.post("/tickets/new", data={"csrf_token": form_token(tina, "/account")}, headers=BROWSER).status_code == 403
    )

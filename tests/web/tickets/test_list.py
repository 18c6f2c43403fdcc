"""The list of tickets: what is found, what is told of bad filters, and the table for spreadsheets."""

import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.db import Database
from oncall.models.customers import Customer
from oncall.models.tickets import Ticket
from oncall.tickets.finding import ON_A_PAGE
from tests.web import night
from tests.web.signing_in import BROWSER, form_token, signed_in
from tests.web.tickets.desk import look


def shown(page: str) -> list[int]:
    """The numbers in what was found, not in what is one's own."""
    found = page.partition('id="found-title"')[2]
    return [int(number) for number in re.findall(r'href="/tickets/(\d+)"', found)]


def test_open_tickets_come_first_of_all(ada: FlaskClient) -> None:
    page = look(ada, "/tickets")
    assert shown(page) == [1043]
    assert "1 ticket<" in page
    assert shown(look(ada, "/tickets?state=all")) == [1043, 1042]
    assert shown(look(ada, "/tickets?state=closed&q=acme")) == [1042]


def test_ones_own_stand_above(ada: FlaskClient, database: Database) -> None:
    assert "Yours" not in look(ada, "/tickets")
    with database.transaction() as session:
        session.execute(update(Ticket).where(Ticket.number == 1043).values(assignee_id=1))
    page = look(ada, "/tickets?q=&order=newest&state=unclosed")
    assert page.index("Yours") < page.index("found-title")
    assert "Yours" not in look(ada, "/tickets?q=acme")


def test_a_number_leads_to_its_ticket(ada: FlaskClient) -> None:
    for more in ("", "&state=all", "&priority=&person=&order=newest&from=&to=&state=unclosed"):
        answer = ada.get(f"/tickets?q=%231042{more}", headers=BROWSER)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/tickets/1042")
    assert shown(look(ada, "/tickets?q=999999")) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=yesterday", "Write a day like 2026-06-14."),
        ("from=1066-10-14", "The year must be from 2000 to 2099."),
        ("from=2026-06-14&to=2026-06-13", "The last day lies before the first one."),
        ("state=lost", "Choose one of: unclosed, open, taken, waiting, closed, all."),
        ("priority=P9", "Choose one of: P1, P2, P3, P4."),
        ("order=%27%3B--", "Choose one of: newest, due, priority."),
        ("person=ada", "This is not one that there is."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(ada: FlaskClient, query: str, told: str) -> None:
    answer = ada.get(f"/tickets?{query}&q=keep-me", headers=BROWSER)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="keep-me"' in answer.text
    assert ada.get(f"/tickets.csv?{query}", headers=BROWSER).status_code == 303


def test_days_are_those_of_the_region(ada: FlaskClient, database: Database, now: datetime) -> None:
    """`now` is 02:00 in Rome on 14 June: an hour before midnight in UTC is that day already."""
    with database.transaction() as session:
        session.execute(update(Ticket).where(Ticket.number == 1043).values(opened_at=now - timedelta(hours=1)))
    assert shown(look(ada, "/tickets?from=2026-06-14")) == [1043]
    assert shown(look(ada, "/tickets?to=2026-06-14")) == [1043]
    assert shown(look(ada, "/tickets?to=2026-06-13")) == []


def test_pages_lead_on_with_the_filters(ada: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        harbour = session.scalars(select(Customer).where(Customer.name == "Harbour Clinic")).one()
        for number in range(ON_A_PAGE + 5):
            night.ticket(session, harbour.contracts[0], now + timedelta(minutes=number + 1), "P2")
    page = look(ada, "/tickets?priority=P2&order=newest")
    first = shown(page)
    assert len(first) == ON_A_PAGE
    onward = re.search(r'rel="next" href="([^"]+)"', page)
    assert onward is not None
    rest = shown(look(ada, onward[1].replace("&amp;", "&")))
    assert first + rest == sorted(first + rest, reverse=True)
    assert len(set(first + rest)) == ON_A_PAGE + 5


def test_the_table_tells_what_the_list_tells(ada: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Customer).where(Customer.name == "Acme").values(name='=cmd|" /C calc"!A0'))
    answer = ada.get("/tickets.csv?state=all", headers=BROWSER)
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["number"] for row in rows] == ["1043", "1042"]
    assert rows[1]["customer"] == '\'=cmd|" /C calc"!A0'
    assert rows[1]["state"] == "closed"
    assert datetime.fromisoformat(rows[0]["opened"]).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("path", ["/tickets", "/tickets.csv"])
def test_only_for_technicians_and_above(dark: Flask, ada: FlaskClient, path: str) -> None:
    assert signed_in(dark, "vera@example.org").get(path, headers=BROWSER).status_code == 403
    assert dark.test_client().get(path, headers=BROWSER).status_code == 303
    assert ada.get(path, headers=BROWSER).status_code == 200
    assert 'href="/tickets"' not in look(signed_in(dark, "vera@example.org"), "/")


def post(browser: FlaskClient, path: str, **form: str) -> str:
    """Send a form as the list does; the path that it leads to."""
    token = form_token(browser, "/account")
    answer = browser.post(path, data={"csrf_token": token, **form}, headers=BROWSER)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def saved(page: str) -> list[tuple[str, str]]:
    """Names of saved views, with their addresses."""
    found = page.partition('aria-label="Saved views"')[2].partition("</ul>")[0]
    return [(name, unescape(href)) for href, name in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)<', found)]


def test_views_are_saved_come_back_and_are_ones_own(ada: FlaskClient, bruno: FlaskClient) -> None:
    assert "Save this view" not in look(ada, "/tickets")
    where = post(ada, "/tickets/views?state=all&q=acme&order=due&after=1042", name="  Acme,  all ")
    assert where == "/tickets?q=acme&state=all&order=due"
    page = look(ada, where)
    assert saved(page) == [("Acme, all", "/tickets?q=acme&order=due&state=all")]
    assert "Remove the saved view Acme, all" in page
    assert "Save this view" not in page
    post(ada, "/tickets/views?state=closed", name="Acme, all")
    [(_, address)] = saved(look(ada, "/tickets"))
    assert address == "/tickets?state=closed", "the same name is the same view"
    assert saved(look(bruno, "/tickets")) == []
    view = re.search(r"/tickets/views/\d+/remove", look(ada, address))
    assert view
    post(bruno, view.group())
    assert saved(look(ada, "/tickets")) != []
    post(ada, view.group())
    post(ada, view.group())
    assert saved(look(ada, "/tickets")) == []


def test_a_view_that_cannot_be_saved_is_told_once_with_its_name_kept(ada: FlaskClient) -> None:
    page = look(ada, post(ada, "/tickets/views?state=all", name="x" * 41))
    assert "Give the view a name of 1 to 40 characters." in page
    assert f'value="{"x" * 41}"' in page
    assert "Give the view a name" not in look(ada, "/tickets?state=all")
    for number in range(20):
        post(ada, "/tickets/views?state=all", name=f"View {number}")
    assert "as many as there can be" in look(ada, post(ada, "/tickets/views?state=closed", name="One more"))
    post(ada, "/tickets/views?state=lost", name="Lost")
    assert len(saved(look(ada, "/tickets"))) == 20

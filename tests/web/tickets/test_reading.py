"""The page of a ticket: who sees it, and what it shows."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.db import Database
from oncall.models.tickets import Ticket
from tests.web import night
from tests.web.signing_in import BROWSER, add_account, form_token, signed_in
from tests.web.tickets.desk import PATH, look, page, press


@pytest.mark.parametrize("number", [1042, 1043, 7])
def test_in_the_demo_it_leads_to_signing_in_and_to_the_timeline(demo: FlaskClient, number: int) -> None:
    """One click leads to where the ticket can be taken, and back to it; whether it exists is not told."""
    answer = demo.get(f"/tickets/{number}")
    assert answer.status_code == 200
    assert f'href="/sign-in?next=/tickets/{number}">Sign in to take it here</a>' in answer.text
    assert f'href="/demo/timeline?ticket={number}"' in answer.text
    assert "Tickets are not shown here" not in answer.text


def test_a_real_network_has_no_timeline_to_lead_to(dark: Flask) -> None:
    assert "timeline" not in look(dark.test_client())


def test_signed_in_the_demo_shows_the_page_as_well(demo_app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        night.a_night(session, now)
    add_account(database)
    assert "Harbour Clinic" in look(signed_in(demo_app))


def test_signed_out_it_says_what_to_do_and_nothing_of_the_ticket(dark: Flask) -> None:
    client = dark.test_client()
    shown = look(client)
    assert "ACK" in shown
    assert "Harbour" not in shown
    assert shown.replace("1043", "7") == look(client, "/tickets/7")


def test_signing_in_comes_back_to_it(dark: Flask) -> None:
    client = dark.test_client()
    assert 'href="/sign-in?next=/tickets/1043">Sign in to take it here</a>' in look(client)
    assert f'name="next" value="{PATH}"' in client.get(f"/sign-in?next={PATH}", headers=BROWSER).text


def test_a_press_after_the_session_has_ended_comes_back_to_it_too(dark: Flask, database: Database) -> None:
    answer = dark.test_client().post(PATH, data={"do": "accept"}, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={PATH}")
    assert page(database).state == "paging"


def test_a_viewer_reads_all_of_it(dark: Flask) -> None:
    shown = look(signed_in(dark, "vera@example.org"))
    for words in (
        "Ticket 1043",
        "Harbour Clinic",
        "Critical, severe impact",
        "59 minutes</span>",
        "left to take charge, until 02:59",
        "Nobody has it yet",
        "Calling Ada, first technician…",
        "The caller is on the line.",
        'href="tel:+390212345678"',
        "Calling and texting Ada Rossi (first).",
        "so you can only read here",
    ):
        assert words in shown
    assert 'value="accept"' not in shown
    assert "Paging steps" not in shown


def test_a_ticket_that_is_done(bruno: FlaskClient) -> None:
    shown = look(bruno, "/tickets/1042")
    for words in ("Closed", "Taken in charge after 1 min 11 s", "11 min 27 s", "Restarted the VoIP stack", "34 s"):
        assert words in shown
    assert 'value="accept"' not in shown
    assert shown.index("No answer from Ada Rossi.") < shown.index("Closed by Bruno Verdi.")


def test_an_unknown_ticket(ada: FlaskClient) -> None:
    for number in ("7", "99999999999999"):
        assert ada.get(f"/tickets/{number}", headers=BROWSER).status_code == 404
    assert "There is no ticket 7." in ada.get("/tickets/7", headers=BROWSER).text
    token = form_token(ada, PATH)
    answer = ada.post("/tickets/7", data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert (answer.status_code, "There is no ticket 7." in answer.text) == (404, True)


def test_managers_see_who_moved_the_page(bruno: FlaskClient, ada: FlaskClient) -> None:
    assert "Page 1 begun: a call to the hotline" in look(bruno)
    press(bruno, "accept")
    assert "Page 1 accepted by Bruno Verdi on the web page" in look(bruno)
    assert "Page 1 begun" not in look(ada)


def test_no_script_or_style_in_the_page_and_no_cache(ada: FlaskClient) -> None:
    answer = ada.get(PATH, headers=BROWSER)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script type="module" src="/static/ticket.js?v=') == 1


@pytest.mark.parametrize(
    ("taken_after", "words"),
    [(None, "overdue since Sat 13 Jun 2026, 02:59"), (timedelta(minutes=5), "Taken in charge after 5 min")],
)
def test_the_promise(
    ada: FlaskClient, database: Database, now: datetime, taken_after: timedelta | None, words: str
) -> None:
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        ticket.opened_at -= timedelta(hours=24)
        ticket.due_at = ticket.opened_at + timedelta(hours=1)
        ticket.taken_at = None if taken_after is None else ticket.opened_at + taken_after
    assert words in look(ada)

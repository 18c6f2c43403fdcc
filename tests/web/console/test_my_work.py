"""A technician's page for the phone: what rings them, what they have in hand, shifts, and who is on call with them."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.db import Database
from oncall.models.customers import CustomerPhone
from oncall.models.pages import Attempt
from oncall.models.people import Person
from oncall.models.tickets import Intervention, Ticket
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.console.test_tonight import look, part
from tests.web.night import being_paged, customer
from tests.web.signing_in import BROWSER, form_token, signed_in

PATH = "/my-work"


@pytest.fixture
def paged(database: Database, ada: Clerk, people: dict[str, int]) -> FlaskClient:
    """Ada's phone rings for a ticket of Harbour Clinic."""
    with database.transaction() as session:
        being_paged(session, customer(session, "Harbour Clinic"), session.get_one(Person, people["Ada"]), MORNING)
    return ada.client


def number_of(database: Database) -> int:
    with database.transaction() as session:
        return session.scalars(select(Ticket.number)).one()


def sections(client: FlaskClient) -> dict[str, str]:
    page = look(client, PATH)
    return {each: part(page, each) for each in ("rings", "mine", "shifts", "duty")}


def test_from_the_ring_to_the_note(paged: FlaskClient, database: Database) -> None:
    """Every form is the ticket's own, as the page without scripts sends it."""
    number = number_of(database)
    before = sections(paged)
    assert f"P1 {number} Harbour Clinic" in before["rings"]
    assert "You have no open ticket." in before["mine"]
    token = form_token(paged, PATH)
    sent = paged.post(f"/tickets/{number}", data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/tickets/{number}")
    assert f"You have accepted ticket {number}." in look(paged, f"/tickets/{number}")
    page = look(paged, PATH)
    assert 'id="rings-title"' not in page
    assert f"{number} Harbour Clinic" in part(page, "mine")
    assert 'href="tel:+390212345678"' in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    note = {"csrf_token": token, "seen": seen.group(1), "do": "note", "words": "Disk was full."}
    for _ in range(2):  # a thumb that presses twice writes once
        assert paged.post(f"/tickets/{number}", data=note, headers=BROWSER).status_code == 303
    with database.transaction() as session:
        assert list(session.scalars(select(Intervention.note))) == ["Disk was full."]


def test_it_shows_nobody_elses_work(paged: FlaskClient, roster_app: Flask, mara: Clerk, database: Database) -> None:
    bruno = signed_in(roster_app, "bruno@example.org")
    assert (sections(bruno)["rings"], sections(bruno)["mine"]) == ("", "Yours You have no open ticket.")
    assert "Harbour" not in look(bruno, PATH)
    assert "not tied to anybody who can be rung" in look(mara.client, PATH)
    vera = signed_in(roster_app, "vera@example.org")
    assert vera.get(PATH, headers=BROWSER).status_code == 403
    assert roster_app.test_client().get(PATH, headers=BROWSER).status_code == 303


def test_shifts_and_who_is_on_call(mara: Clerk, ada: Clerk, people: dict[str, int]) -> None:
    """A swap changes both; who is on call with one can be called."""
    before = sections(ada.client)
    body = {"layer_id": 1, "start": "2026-06-01T09:00", "end": "2026-06-01T12:00", "kind": "replace", "note": ""}
    body |= {"person_id": people["Ada"], "accept_gaps": True}
    assert mara.send("POST", "/rosters/1/overrides", **body).status_code == 201
    after = sections(ada.client)
    assert "On call now until Mon 1 Jun 2026, 12:00 CEST Nights, first" in after["shifts"]
    assert after["shifts"] != before["shifts"]
    assert 'id="duty-title">On call with you' in look(ada.client, PATH)


def test_a_number_that_earns_is_not_offered(paged: FlaskClient, database: Database, people: dict[str, int]) -> None:
    """The customer's registered one is, in its place."""
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.assignee_id, ticket.caller_number = people["Ada"], "+39899123456"
        session.add(CustomerPhone(customer_id=ticket.customer_id, number="+390255500001"))
        session.execute(update(Attempt).values(outcome="passed", ended_at=MORNING))
    page = look(paged, PATH)
    assert 'href="tel:+390255500001"' in page
    assert "899123456" not in page


def test_it_can_be_installed(twilio_app: Flask, database: Database) -> None:
    """Everything that the manifest names is there, and as large as it says."""
    client = twilio_app.test_client()
    answer = client.get("/static/nightline.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert (manifest["start_url"], manifest["display"]) == (PATH, "standalone")
    for icon in manifest["icons"]:
        picture = client.get(f"/static/{icon['src']}").data
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        size = "x".join(str(int.from_bytes(picture[at : at + 4], "big")) for at in (16, 20))
        assert size == icon["sizes"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}

"""The home page tells how things stand, and never breaks itself."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy import select, text

from core.db import Database
from core.settings import Settings
from oncall.delivery.contact_faults import note_fault
from oncall.models.contacts.contact_faults import ContactWay
from oncall.models.contacts.faults import Fault, FaultKind
from oncall.models.people import Person
from tests.oncall.delivery.night_queue import fill
from tests.web.conftest import build


def test_the_demo_leads_to_the_telephones(demo: FlaskClient) -> None:
    page = demo.get("/")
    assert page.status_code == 200
    assert 'href="/simulator/"' in page.text
    assert "Sun 14 Jun 2026, 02:00" in page.text


def test_outside_the_demo_it_says_that_it_runs_and_no_more(twilio: FlaskClient) -> None:
    page = twilio.get("/").text
    assert "on duty" in page
    assert "README.md" in page
    assert "/simulator/" not in page
    assert "/demo/" not in page
    assert "584943299" not in page


def test_a_missing_worker_is_seen(demo: FlaskClient, database: Database) -> None:
    assert "is not running" in demo.get("/").text
    with database.transaction() as session:
        session.execute(text("SELECT procrastinate_register_worker_v1()"))
    assert "is running" in demo.get("/").text


def test_numbers_that_the_account_may_not_call_are_the_networks_affair(
    demo: FlaskClient, database: Database, now: datetime
) -> None:
    """Without names, as anybody sees this page; a bad number is nothing of the network's."""
    with database.transaction() as session:
        fill(session, now)
        person = session.scalars(select(Person).order_by(Person.id).limit(1)).one()
        note_fault(session, person, ContactWay.CALL, Fault(FaultKind.NUMBER, "1", "it does not exist"), now)
    assert "Telephone network" not in demo.get("/").text
    with database.transaction() as session:
        person = session.scalars(select(Person).order_by(Person.id).limit(1)).one()
        note_fault(session, person, ContactWay.TEXT, Fault(FaultKind.ACCOUNT, "2", "not permitted"), now)
    page = demo.get("/").text
    assert "Telephone network" in page
    assert "refuses some numbers by the account&#39;s settings: run flask check" in page
    assert person.name not in page


def test_shows_up_even_without_a_database(demo_settings: Settings, now: datetime) -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/nothing")
    page = build(demo_settings, away, now).test_client().get("/")
    assert page.status_code == 200
    assert "does not answer" in page.text


def test_style_and_pictures_are_served(demo: FlaskClient) -> None:
    for name, kind in (
        ("nightline.css", "text/css"),
        ("icons.svg", "image/svg+xml"),
        ("timeline.js", "text/javascript"),
    ):
        answer = demo.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.mimetype == kind
        assert "ETag" in answer.headers
    assert demo.get("/static/../access.py").status_code == 404

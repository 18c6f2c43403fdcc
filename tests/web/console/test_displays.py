"""Screens: made and revoked by managers, seen by whoever has the address; a wall names nobody, a widget no number."""

import re
from datetime import datetime
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core.db import Database
from oncall.models.access.accounts import Account
from oncall.models.access.displays import Display, DisplayKind
from oncall.models.rosters import Roster
from oncall.tickets.figures import Figures, figures_now
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.night import a_night
from tests.web.signing_in import BROWSER


def make(mara: Clerk, **form: str) -> str:
    """The path of a new address, as the page shows it."""
    sent = mara.client.post("/displays", data={"csrf_token": mara.token, "name": "Hall", **form}, headers=BROWSER)
    assert sent.status_code == 303, sent.text
    found = re.search(r"/(wall|widget)/[\w-]{20,}", mara.client.get("/displays", headers=BROWSER).text)
    assert found
    return found.group()


def look(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def stranger(roster_app: Flask) -> FlaskClient:
    return roster_app.test_client()


def test_a_wall_says_how_the_service_is_and_names_nobody(
    mara: Clerk, stranger: FlaskClient, database: Database, people: dict[str, int]
) -> None:
    path = make(mara, kind="wall", roster="1")
    shown = look(stranger, path)
    assert "Down" in shown, "no worker runs here"
    assert "is not running: nobody is rung" in shown
    assert "Somebody is on call for all of the next 24 hours" in shown
    assert not [name for name in (*people, "+39", "Nights") if name in shown]
    with database.transaction() as session:
        display = session.scalars(select(Display)).one()
        assert (display.kind, display.roster_id, display.made_by) == (DisplayKind.WALL, None, "mara@example.org")
        assert display.last_seen_at is not None


def test_a_widget_tells_who_is_on_call_in_its_roster_and_may_stand_in_any_page(
    mara: Clerk, stranger: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        session.add(Roster(name="Days", regions=[], time_zone="UTC"))
    answer = stranger.get(make(mara, kind="widget", roster="1"), headers=BROWSER)
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "Nights" in answer.text
    assert "Days" not in answer.text
    assert re.search(r"then (Ada Rossi|Bruno Verdi)", answer.text)
    assert "+39" not in answer.text
    assert "Days" in stranger.get(make(mara, kind="widget"), headers=BROWSER).text


def test_a_revoked_address_and_that_of_a_disabled_account_show_nothing(
    mara: Clerk, stranger: FlaskClient, database: Database, now: datetime
) -> None:
    first, second = make(mara, kind="wall"), make(mara, kind="wall")
    assert first.rsplit("/", 1)[1] not in mara.client.get("/displays", headers=BROWSER).text, "shown once"
    with database.transaction() as session:
        ids = session.scalars(select(Display.id).order_by(Display.id)).all()
    for _ in range(2):
        gone = mara.client.post(f"/displays/{ids[0]}/revoke", data={"csrf_token": mara.token}, headers=BROWSER)
        assert gone.status_code == 303
    look(stranger, first, 404)
    look(stranger, second.replace("wall", "widget"), 404)
    look(stranger, second)
    with database.transaction() as session:
        session.execute(update(Account).where(Account.email == "mara@example.org").values(disabled_at=now))
    look(stranger, second, 404)
    look(stranger, "/wall/%00%ff", 404)


def test_managers_alone_make_them_and_faults_stand_beside_their_field(mara: Clerk, ada: Clerk) -> None:
    assert ada.client.get("/displays", headers=BROWSER).status_code == 403
    form = {"csrf_token": ada.token, "kind": "wall", "name": "Hall"}
    assert ada.client.post("/displays", data=form, headers=BROWSER).status_code == 403
    for wrong, words in (
        ({"kind": "door"}, "Choose what the screen should show."),
        ({"kind": "widget", "roster": "99"}, "This roster is not there any more"),
        ({"kind": "widget", "roster": "x"}, "Choose one of the rosters"),
        ({"kind": "wall", "name": " "}, "Say where it hangs"),
        ({"kind": "wall", "name": "x" * 81}, "Say where it hangs"),
    ):
        answer = mara.client.post(
            "/displays", data={"csrf_token": mara.token, "name": "Kept here", **wrong}, headers=BROWSER
        )
        assert (answer.status_code, words in answer.text) == (422, True), wrong
        assert "Kept here" in answer.text or "name" in wrong


def test_while_the_database_is_away_both_say_so(mara: Clerk, stranger: FlaskClient) -> None:
    wall, widget = make(mara, kind="wall"), make(mara, kind="widget")
    away = OperationalError("SELECT", {}, Exception("gone"))
    with patch("web.console.displays.screens.find_display", side_effect=away):
        assert "Down Database does not answer" in look(stranger, wall, 503)
        assert "Not known: the database does not answer" in look(stranger, widget, 503)


def test_figures_of_a_night(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        a_night(session, now)
        session.flush()
        found = figures_now(session)
    assert found == Figures(calls=found.calls, talks=0, paging=1, untaken=1, taken=0, soonest=found.soonest)
    assert found.calls > 0
    assert found.soonest is not None

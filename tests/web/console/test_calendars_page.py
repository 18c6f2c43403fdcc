"""The page of calendar links: one is made once, shown once, has a name, tells when it was fetched, and asks first."""

import re

import pytest
from flask import Flask
from icalendar import Calendar

from core.db import Database
from core.settings import Settings
from tests.web.conftest import build
from tests.web.console.rosters.roster_desk import MORNING, Clerk
from tests.web.console.test_feeds import get_feed
from tests.web.signing_in import BROWSER

ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/calendar/[\w-]{40,}\.ics)")


def send(clerk: Clerk, **form: str) -> tuple[int, str]:
    """Send the form; status, and the page or where it leads."""
    answer = clerk.client.post("/calendars", data={"csrf_token": clerk.token, **form}, headers=BROWSER)
    return answer.status_code, answer.headers.get("Location", answer.text)


def look(clerk: Clerk, path: str = "/calendars") -> str:
    answer = clerk.client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def test_made_by_a_redirect_and_shown_once(ada: Clerk) -> None:
    assert send(ada, about="me", name="My nights") == (303, "/calendars")
    shown = look(ada)
    [path] = set(ADDRESS.findall(shown))
    assert f'href="webcal://127.0.0.1:8000{path}"' in shown
    assert "New calendar link: My nights" in shown
    again = look(ada)  # a reload, or the way back
    assert not ADDRESS.search(again)
    assert again.count('<p class="name"') == 1


def test_an_address_is_shown_to_nobody_else_at_the_same_browser(roster_app: Flask, ada: Clerk) -> None:
    assert send(ada, about="1") == (303, "/calendars")
    bruno = Clerk(roster_app, "bruno@example.org")
    cookie = ada.client.get_cookie("nightline-form")
    assert cookie is not None
    bruno.client.set_cookie("nightline-form", cookie.value)
    assert not ADDRESS.search(look(bruno))


@pytest.mark.parametrize(
    ("typed", "called"),
    [
        ("", "On call: Ada Rossi"),
        ("  My   nights ", "My nights"),
        ("Notti è <b>così</b>; a, b", "Notti è <b>così</b>; a, b"),
    ],
)
def test_the_name_is_the_calendars(roster_app: Flask, ada: Clerk, typed: str, called: str) -> None:
    path = get_feed(ada, name=typed)
    calendar = Calendar.from_ical(roster_app.test_client().get(path).data)
    assert str(calendar["x-wr-calname"]) == called
    assert "<b>" not in look(ada)


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"about": "1", "name": "x" * 81}, 422, "This name has 81 characters: choose one of at most 80."),
        ({"about": "1", "name": "Nights\x07"}, 422, "This name has characters that can&#39;t be shown"),
        ({"about": "1", "name": "Nights\x00"}, 422, "This name has characters that can&#39;t be shown"),
        ({"about": ""}, 422, "Choose whose calendar it should be."),
        ({"about": "layer-"}, 422, "Choose whose calendar it should be."),
        ({"about": "layer-١"}, 422, "Choose whose calendar it should be."),
        ({"about": "person-1"}, 422, "Choose whose calendar it should be."),
        ({"about": "9"}, 409, "is not there any more: load the page again"),
        ({"about": "layer-999999999"}, 409, "is not there any more: load the page again"),
    ],
)
def test_refused_beside_the_field_and_nothing_is_lost(
    ada: Clerk, form: dict[str, str], status: int, words: str
) -> None:
    found, page = send(ada, **form)
    assert (found, words in page, 'aria-invalid="true"' in page) == (status, True, True)
    if form["about"] == "1":
        assert '<option value="1" selected>' in page
    assert "None yet." in look(ada)


def test_a_layer_is_offered_and_shown_by_name(ada: Clerk, roster_app: Flask) -> None:
    page = look(ada)
    [about] = re.findall(r'<option value="(layer-\d+)">Nights, only the layer first</option>', page)
    path = get_feed(ada, about)
    assert "Nights, first" in look(ada)
    assert b"On call: Ada Rossi (Nights\\, first)" in roster_app.test_client().get(path).data


def test_when_it_was_fetched(demo_settings: Settings, database: Database, roster_app: Flask, ada: Clerk) -> None:
    path = get_feed(ada)
    assert "not fetched yet" in look(ada)
    assert build(demo_settings, database, MORNING).test_client().get(path).status_code == 200
    assert "last fetched Mon 1 Jun 2026, 10:0" in look(ada)


def test_revoking_asks_first_and_tells_what_it_has_done(roster_app: Flask, ada: Clerk) -> None:
    path = get_feed(ada, name="Old phone")
    page = look(ada)
    question = page.partition('<details class="confirm">')[2].partition("</details>")[0]
    assert "Revoke “Old phone”? Every calendar that reads it stops at once. This can’t be undone." in question
    [where] = re.findall(r'action="(/calendars/\d+/revoke)"', question)
    assert page.count(where) == 1  # nowhere outside the question
    answer = ada.client.post(where, data={"csrf_token": ada.token}, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/calendars?done=revoked")
    assert "The calendar link is revoked" in look(ada, "/calendars?done=revoked")
    assert roster_app.test_client().get(path).status_code == 404
    assert ada.client.get(where, headers=BROWSER).status_code == 405  # a link that is followed revokes nothing

"""The link in a technician's text: one ticket, one person, once, for a while; looking at it changes nothing."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from core.clock import real_now
from core.db import Database
from core.text.letters import segments
from oncall.accounts.ticket_links import LASTS, link_token, read_link
from oncall.models.access.accounts import Account
from oncall.models.access.ticket_passes import TicketPass
from oncall.models.pages import Page
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.paging.bundling import page_words
from oncall.runtime import Work
from oncall.tickets.actions.offers import Do
from tests.web.signing_in import BROWSER, form_token, signed_in
from tests.web.tickets.desk import PATH, lines, look, page, person_id, press
from tests.web.tickets.test_acting import done, offers


def link_for(app: Flask, database: Database, name: str = "Ada Rossi", sent: datetime | None = None) -> str:
    """The address that a text about ticket 1043 has for somebody."""
    with database.transaction() as session:
        ticket_id = session.scalars(select(Ticket.id).where(Ticket.number == 1043)).one()
    secret = app.extensions["runtime"].settings.session_secret
    return f"/t/{link_token(secret, ticket_id, person_id(database, name), sent or real_now())}"


def use(client: FlaskClient, link: str, token: str = "") -> int:
    token = token or form_token(client, link)
    return client.post(link, data={"csrf_token": token}, headers=BROWSER).status_code


def passes(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(TicketPass)) or 0


@pytest.fixture
def pocket(dark: Flask) -> FlaskClient:
    """A phone's browser that nobody has signed in with."""
    return dark.test_client()


def test_it_opens_its_ticket_without_a_password(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    link = link_for(dark, database)
    assert use(pocket, link) == 303
    shown = look(pocket)
    assert "for this ticket alone, until" in shown
    assert "The caller holds. Accept, and your phone rings" in shown
    assert 'href="/account"' not in shown
    assert "Ada Rossi opened the ticket by the link in a text (Unknown browser)." in lines(database)
    assert "You have accepted ticket 1043." in press(pocket, "accept")
    assert "The note is on the ticket." in done(pocket, Do.NOTE, words="On my way.")
    assert "Ada Rossi: On my way." in lines(database)


def test_looking_at_it_uses_nothing_up_and_shows_nothing(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    link, before = link_for(dark, database), lines(database)
    for _ in range(5):
        shown = dark.test_client().get(link, headers={"User-Agent": "WhatsApp/2"})
        assert (shown.status_code, dark.test_client().head(link).status_code) == (200, 200)
        assert "Harbour" not in shown.text
        assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert (passes(database), lines(database)) == (0, before)
    assert use(pocket, link) == 303


def test_only_that_ticket_and_only_what_technicians_do(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    use(pocket, link_for(dark, database))
    assert not offers(look(pocket)) & {Do.STOP, Do.CORRECT}
    for path in ("/tickets/1042", "/tickets", "/account", "/rosters/1", "/board/state"):
        answer = pocket.get(path, headers=BROWSER)
        assert "Harbour" not in answer.text, path
        assert "Acme" not in answer.text, path
    token = form_token(pocket, PATH)
    answer = pocket.post("/tickets/1042", data={"csrf_token": token, "do": "note", "words": "x"}, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")


def test_a_second_tap_is_the_same_use(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    """The answer to the first one was lost on a bad line."""
    link = link_for(dark, database)
    token = form_token(pocket, link)
    assert use(pocket, link, token) == 303
    pocket.delete_cookie("nightline-tickets")
    assert use(pocket, link, token) == 303
    assert "for this ticket alone" in look(pocket)
    assert (passes(database), sum("by the link in a text" in words for words in lines(database))) == (1, 1)


def test_used_once_by_whoever_is_first(dark: Flask, database: Database) -> None:
    link = link_for(dark, database)
    clients = [dark.test_client() for _ in range(2)]
    tokens, together = [form_token(client, link) for client in clients], threading.Barrier(2)

    def go(client: FlaskClient, token: str) -> int:
        together.wait()
        return client.post(link, data={"csrf_token": token}, headers=BROWSER).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, clients, tokens)) == [303, 410]
    forwarded = dark.test_client().get(link, headers=BROWSER)
    assert (forwarded.status_code, "This link was used already" in forwarded.text) == (410, True)
    assert sum("by the link in a text" in words for words in lines(database)) == 1
    assert sum("was refused to another browser" in words for words in lines(database)) == 1
    won = next(client for client in clients if client.get(link, headers=BROWSER).status_code == 303)
    assert "for this ticket alone" in look(won), "in its own browser it leads on"


@pytest.mark.parametrize(("sent", "status"), [(timedelta(0), 200), (-LASTS, 410), (timedelta(minutes=5), 410)])
def test_half_an_hour(pocket: FlaskClient, dark: Flask, database: Database, sent: timedelta, status: int) -> None:
    link = link_for(dark, database, sent=real_now() + sent)
    assert pocket.get(link, headers=BROWSER).status_code == status
    if status == 410:
        token = form_token(pocket, "/sign-in")
        assert pocket.post(link, data={"csrf_token": token}, headers=BROWSER).status_code == 410
    assert passes(database) == 0


def test_the_pass_ends(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    use(pocket, link_for(dark, database))
    with database.transaction() as session:
        session.execute(update(TicketPass).values(expires_at=real_now()))
    assert "Take this ticket" in look(pocket), "the page of whoever is signed out"


@pytest.mark.parametrize("gone", ["left", "shut"])
def test_who_has_left_or_is_shut_out_gets_nowhere(
    pocket: FlaskClient, dark: Flask, database: Database, now: datetime, gone: str
) -> None:
    early, late = link_for(dark, database), link_for(dark, database, sent=real_now() - timedelta(minutes=1))
    use(pocket, early)
    with database.transaction() as session:
        if gone == "left":
            session.execute(update(Person).where(Person.name == "Ada Rossi").values(retired_at=now))
        else:
            session.execute(update(Account).where(Account.email == "ada@example.org").values(disabled_at=real_now()))
    assert "Take this ticket" in look(pocket)
    assert dark.test_client().get(late, headers=BROWSER).status_code == 410


@pytest.mark.parametrize("change", ["another key", "a bit", "cut", "padding", "letters"])
def test_nobody_makes_one(pocket: FlaskClient, dark: Flask, database: Database, change: str) -> None:
    good = link_for(dark, database).removeprefix("/t/")
    bad = {
        "another key": link_token("another key", 2, 1, real_now()),
        "a bit": ("B" if good[0] == "A" else "A") + good[1:],
        "cut": good[:-1],
        "padding": good + "A",
        "letters": "%C3%A4" * 8,
    }[change]
    answer = pocket.get(f"/t/{bad}", headers=BROWSER)
    assert (answer.status_code, "not one of ours" in answer.text) == (404, True)


def test_who_is_signed_in_goes_on_as_themselves(bruno: FlaskClient, dark: Flask, database: Database) -> None:
    answer = bruno.get(link_for(dark, database), headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
    assert passes(database) == 0
    vera = signed_in(dark, "vera@example.org").get(link_for(dark, database), headers=BROWSER)
    assert vera.status_code == 200, "a viewer who has it is asked as anybody"


def test_another_sites_form_opens_nothing(pocket: FlaskClient, dark: Flask, database: Database) -> None:
    assert pocket.post(link_for(dark, database), data={}, headers=BROWSER).status_code == 400
    assert passes(database) == 0


def test_the_text_has_it_and_keeps_to_two_segments(dark: Flask, database: Database, now: datetime) -> None:
    runtime = dark.extensions["runtime"]
    with database.transaction() as session:
        found = session.get_one(Page, page(database).id)
        words = page_words(Work(session, runtime, now), found, person_id(database, "Ada Rossi"), True)
    token = re.search(r"/t/([\w-]+)$", words)
    assert token is not None
    link = read_link(runtime.settings.session_secret, token[1])
    assert link is not None
    assert (link.ticket_id, link.person_id) == (found.ticket_id, person_id(database, "Ada Rossi"))
    assert segments(words) == 2

"""Technicians take a ticket on its page, or pass it on, and are told so when they come too late."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from core.clock import real_now
from core.db import Database
from oncall.models.access.accounts import Account
from oncall.models.calls import PhoneCall
from oncall.models.operations.provider_health import ProviderOutage
from oncall.models.pages import Attempt, Page, PageCause, Via
from oncall.models.people import Person
from oncall.models.tickets import Intervention, Ticket, TicketState
from oncall.paging.acknowledge import accept, stop_page
from oncall.paging.engine import open_page
from oncall.runtime import Work
from tests.web import night
from tests.web.signing_in import BROWSER, form_token, signed_in
from tests.web.tickets.desk import PATH, caller_leaves, calls_to_join, lines, look, page, person_id, press


def test_accepting_while_the_caller_holds(ada: FlaskClient, database: Database) -> None:
    assert "The caller holds. Accept, and your phone rings: press 1 to talk." in look(ada)
    shown = press(ada, "accept")
    assert 'role="status">You have accepted ticket 1043.' in shown
    assert "The caller holds, and your phone rings" in shown
    assert 'value="accept"' not in shown
    taken = page(database)
    assert (taken.state, taken.accepted_via) == ("accepted", "web")
    assert "Ada Rossi accepted on the web page." in lines(database)
    assert calls_to_join(database) == [], "the call that rings her already is used"


def test_no_ringing_is_promised_while_nothing_gets_through(ada: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        began = real_now()
        session.add(ProviderOutage(since=began, noticed_at=began, open=True, words="503"))
    assert "the telephone network takes no calls from us now" in look(ada)
    shown = press(ada, "accept")
    assert "call the customer yourself" in shown
    assert "your phone rings" not in shown


def test_a_silent_phone_is_rung(bruno: FlaskClient, database: Database) -> None:
    shown = press(bruno, "accept")
    assert "You have accepted ticket 1043." in shown
    assert "Bruno Verdi accepted on the web page after" in shown
    assert calls_to_join(database) == ["queued"]


def test_accepting_without_a_caller(ada: FlaskClient, database: Database) -> None:
    caller_leaves(database)
    shown = press(ada, "accept")
    assert "Call the customer back:" in shown
    assert calls_to_join(database) == []


def test_a_second_press_changes_nothing(bruno: FlaskClient, database: Database) -> None:
    token = form_token(bruno, PATH)
    press(bruno, "accept")
    before = page(database), lines(database), calls_to_join(database)
    bruno.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert "Ticket 1043 is yours already." in look(bruno)
    after = page(database), lines(database), calls_to_join(database)
    assert (after[0].accepted_at, *after[1:]) == (before[0].accepted_at, *before[1:])
    assert "Ticket 1043 is yours already." not in look(bruno), "said once"


def test_the_first_wins(ada: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    token = form_token(ada, PATH)
    press(bruno, "accept")
    ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert 'role="alert">Bruno Verdi has accepted ticket 1043 already.' in look(ada)
    assert 'value="accept"' not in look(ada)
    assert page(database).accepted_by_id == person_id(database, "Bruno Verdi")


def test_two_at_once_one_wins(ada: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    tokens = [form_token(client, PATH) for client in (ada, bruno)]
    together = threading.Barrier(2)

    def go(client: FlaskClient, token: str) -> int:
        together.wait()
        return client.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(go, (ada, bruno), tokens)) == [303, 303]
    said = [look(client) for client in (ada, bruno)]
    assert sum("You have accepted ticket 1043." in words for words in said) == 1
    assert sum("has accepted ticket 1043 already." in words for words in said) == 1
    assert sum("accepted on the web page." in words for words in lines(database)) == 1


def _stop(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        stop_page(session, ticket.id, PageCause.HOTLINE, "It works again.", now)


def _close(database: Database, now: datetime) -> None:
    _stop(database, now)
    with database.transaction() as session:
        session.execute(update(Ticket).where(Ticket.number == 1043).values(state="closed", closed_at=now))


def _talk(database: Database, now: datetime) -> None:
    """Ada is in a room with another caller."""
    with database.transaction() as session:
        session.execute(
            update(PhoneCall).where(PhoneCall.direction == "out", PhoneCall.state != "ended").values(step="left")
        )


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (_stop, "The page for ticket 1043 is over: nobody needs to take it any more."),
        (_close, "Ticket 1043 is closed."),
        (_talk, "You are in a conversation, and ticket 1043&#39;s caller waits: the next person is called."),
    ],
)
def test_what_happened_meanwhile(
    ada: FlaskClient, database: Database, now: datetime, meanwhile: Callable[[Database, datetime], None], said: str
) -> None:
    token = form_token(ada, PATH)
    meanwhile(database, now)
    before = page(database).state
    ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert f'role="alert">{said}' in look(ada)
    assert page(database).state == before != "accepted"


def test_a_ticket_that_nobody_was_called_for(ada: FlaskClient, database: Database, now: datetime) -> None:
    token = form_token(ada, PATH)
    with database.transaction() as session:
        number = night.ticket(session, night.customer(session, "Quiet"), now, "P3").number
    assert 'value="accept"' not in look(ada, f"/tickets/{number}")
    ada.post(f"/tickets/{number}", data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert "Nobody is called for ticket" in look(ada, f"/tickets/{number}")


def test_a_page_that_began_anew_is_the_one_that_is_taken(
    dark: Flask, ada: FlaskClient, database: Database, now: datetime
) -> None:
    """Accepted, but nothing was done: the same address takes the newest page."""
    caller_leaves(database)
    runtime = dark.extensions["runtime"]
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        bruno = session.scalars(select(Person).where(Person.name == "Bruno Verdi")).one()
        old = session.scalars(select(Page).where(Page.ticket_id == ticket.id)).one()
        accept(Work(session, runtime, now), old.id, bruno, Via.PHONE)
        open_page(Work(session, runtime, now), ticket, PageCause.PROMISE)
    press(ada, "accept")
    newest = page(database)
    assert (newest.cause, newest.state, newest.accepted_by_id) == (
        "promise",
        "accepted",
        person_id(database, "Ada Rossi"),
    )


def test_a_colleague_who_asks_for_help_needs_a_call(ada: FlaskClient, database: Database) -> None:
    """Accepting here would silence the phone that brings her into the conversation."""
    token = form_token(ada, PATH)
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        ticket.state, ticket.assignee_id = (
            TicketState.TAKEN,
            session.scalar(select(Person.id).where(Person.name == "Bruno Verdi")),
        )
        session.execute(update(Page).where(Page.ticket_id == ticket.id).values(cause="colleague"))
    shown = look(ada)
    assert "Answer your phone and press 1" in shown
    assert 'value="accept"' not in shown
    assert 'value="pass"' in shown
    ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert "Only a call brings you in." in look(ada)
    assert page(database).state == "paging"


def test_whose_ticket_it_is_while_a_colleague_is_looked_for(ada: FlaskClient, database: Database) -> None:
    press(ada, "accept")
    assert "This ticket is yours" in look(ada)
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        session.add(
            Page(
                ticket_id=ticket.id, cause="colleague", code="9999", opened_at=ticket.opened_at, due_at=ticket.opened_at
            )
        )
    assert "This ticket is yours" in look(ada)


def test_passing_it_on(ada: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    assert 'value="pass"' not in look(bruno), "nobody is trying him"
    shown = press(ada, "pass")
    assert "Passed on: ticket 1043 goes to the next person." in shown
    assert 'value="pass"' not in shown
    assert 'value="accept"' in shown, "until somebody has accepted, one may think better of it"
    with database.transaction() as session:
        assert session.scalars(select(Attempt.outcome).order_by(Attempt.id.desc()).limit(1)).one() == "passed"
    assert "Ticket 1043 is not with you at this moment: nothing to pass on." in press(ada, "pass")


def test_an_account_that_is_nobodys_only_reads(dark: Flask, database: Database) -> None:
    tina = signed_in(dark, "tina@example.org")
    shown = look(tina)
    assert "not tied to anybody who can be rung" in shown
    assert 'value="accept"' not in shown
    answer = tina.post(PATH, data={"csrf_token": form_token(tina, PATH), "do": "accept"}, headers=BROWSER)
    assert (answer.status_code, "not tied to anybody" in answer.text) == (403, True)
    assert page(database).state == "paging"


def test_a_viewer_who_can_be_rung_only_reads(dark: Flask, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Account).where(Account.email == "ada@example.org").values(role="viewer"))
    ada = signed_in(dark)
    shown = look(ada)
    assert "accepting takes the role of technician" in shown
    assert 'value="accept"' not in shown
    answer = ada.post(PATH, data={"csrf_token": form_token(ada, PATH), "do": "accept"}, headers=BROWSER)
    assert answer.status_code == 403
    assert page(database).state == "paging"


@pytest.mark.parametrize("token", ["", "wrong"])
def test_only_our_own_page_can_ask_for_it(ada: FlaskClient, database: Database, token: str) -> None:
    answer = ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert (answer.status_code, page(database).state) == (400, "paging")


def test_nothing_else_can_be_asked_for(ada: FlaskClient, database: Database) -> None:
    answer = ada.post(PATH, data={"csrf_token": form_token(ada, PATH), "do": "explode"}, headers=BROWSER)
    assert (answer.status_code, page(database).state) == (400, "paging")


def test_a_page_that_looks_again_leaves_the_answer_to_whoever_pressed(ada: FlaskClient, database: Database) -> None:
    """The script of another window must not swallow it."""
    token = form_token(ada, PATH)
    ada.post(PATH, data={"csrf_token": token, "do": "accept"}, headers=BROWSER)
    assert "You have accepted" not in look(ada, f"{PATH}?again")
    assert "You have accepted ticket 1043." in look(ada)


def test_nothing_is_promised_to_somebody_in_a_conversation(ada: FlaskClient, database: Database, now: datetime) -> None:
    _talk(database, now)
    shown = look(ada)
    assert "You are in a conversation" in shown
    assert "your phone rings" not in shown
    assert 'value="accept"' not in shown


def test_who_talks_with_the_customer(bruno: FlaskClient, ada: FlaskClient, database: Database, now: datetime) -> None:
    """Bruno calls the customer for Ada, whose ticket it is: no keys are hers to press."""
    caller_leaves(database)
    press(ada, "accept")
    with database.transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        session.execute(insert(Intervention).values(
            ticket_id=ticket.id, person_id=person_id(database, "Bruno Verdi"), kind="call", channel="phone", note="",
            started_at=now, key="test",
        ))  # fmt: skip
    shown = look(ada)
    assert "Bruno Verdi talks with the customer." in shown
    assert "press star" not in shown

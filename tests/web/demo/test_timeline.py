"""A ticket as it happens: what is read, and how it is put for the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.db import Database
from oncall.models.pages import Attempt, AttemptOutcome, Page
from oncall.models.people import Person, Role
from oncall.models.tickets import EventKind, Intervention, Ticket, record_event
from oncall.tickets.timeline import latest_refusals, latest_tickets, read_ticket
from tests.web import night


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def seen(demo: FlaskClient, database: Database, now: datetime) -> FlaskClient:
    with database.transaction() as session:
        night.a_night(session, now)
    return demo


def shown(client: FlaskClient, number: int | None = None) -> dict[str, Any]:
    answer = client.get("/demo/timeline.json", query_string={} if number is None else {"ticket": number})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.get_json()
    return found


def test_no_ticket_yet(session: Session, now: datetime) -> None:
    assert read_ticket(session, None, now) is None
    assert read_ticket(session, 1042, now) is None
    assert latest_tickets(session) == []
    assert latest_refusals(session) == []


def test_the_newest_ticket_unless_another_is_asked_for(session: Session, now: datetime) -> None:
    night.a_night(session, now)
    newest, older = read_ticket(session, None, now), read_ticket(session, 1042, now)
    assert newest is not None
    assert older is not None
    assert (newest.number, newest.customer, newest.state) == (1043, "Harbour Clinic", "open")
    assert (older.number, older.customer, older.state, older.holder) == (1042, "Acme", "closed", "Bruno Verdi")
    assert [each.number for each in latest_tickets(session)] == [1043, 1042]


def test_lines_stand_in_the_order_of_time(session: Session, now: datetime) -> None:
    night.a_night(session, now)
    view = read_ticket(session, 1042, now)
    assert view is not None
    assert [line.at for line in view.lines] == sorted(line.at for line in view.lines)
    assert view.lines[0].kind == "opened"
    assert view.lines[-1].words == "Closed by Bruno Verdi."


def test_the_number_of_queries_does_not_grow(session: Session, now: datetime) -> None:
    night.a_night(session, now)
    session.flush()
    session.expire_all()
    with counted(session) as few:
        read_ticket(session, 1043, now)
    ticket = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
    page = session.scalars(select(Page).where(Page.ticket_id == ticket.id)).one()
    for index in range(30):
        person = Person(name=f"Technician {index}", phone=f"+3905841000{index:02}", role=Role.TECHNICIAN)
        session.add(person)
        session.flush()
        night.ringing(session, page, person, now)
        record_event(session, ticket.id, now, EventKind.NOTE, "More.", key=f"more{index}")
        session.add(
            Intervention(
                ticket_id=ticket.id,
                person_id=person.id,
                kind="note",
                channel="text",
                started_at=now,
                ended_at=now,
                key=f"note{index}",
            )
        )
    session.flush()
    session.expire_all()
    with counted(session) as many:
        view = read_ticket(session, 1043, now)
    assert view is not None
    assert len(view.work) == 30
    assert len(many) == len(few) == 8


def test_work_that_goes_on_counts_up_to_now(session: Session, now: datetime) -> None:
    night.a_night(session, now)
    work = session.scalars(select(Intervention)).one()
    work.started_at, work.ended_at = now - timedelta(minutes=3), None
    session.flush()
    view = read_ticket(session, 1042, now)
    assert view is not None
    assert view.work[0].length == timedelta(minutes=3)


def test_ranks_count_technicians_and_name_those_above_them(session: Session, now: datetime) -> None:
    ada, bruno = night.people(session)
    carla = Person(name="Carla Neri", phone="+390584000003", role=Role.TEAM_LEADER)
    session.add(carla)
    night.a_region(session)
    ticket = night.being_paged(session, night.customer(session, "Acme"), ada, now)
    page = session.scalars(select(Page).where(Page.ticket_id == ticket.id)).one()
    night.ringing(session, page, bruno, now)
    night.ringing(session, page, carla, now)
    view = read_ticket(session, ticket.number, now)
    assert view is not None
    assert view.page is not None
    assert [each.rank for each in view.page.attempts] == ["first technician", "second technician", "team leader"]


def test_refused_callers_are_told_in_a_managers_words(session: Session, now: datetime) -> None:
    night.a_night(session, now)
    [refusal] = latest_refusals(session)
    assert (refusal.words, refusal.who) == ("The contract has lapsed", "Northwind")
    assert refusal.at == now - timedelta(minutes=30)


def test_while_somebody_is_rung(seen: FlaskClient) -> None:
    data = shown(seen)
    ticket = data["ticket"]
    assert ticket["page"]["words"] == "Calling Ada, first technician…"
    assert ticket["page"]["attempts"][0]["words"] == "ringing…"
    assert ticket["waits"] is True
    assert ticket["holder"] is None
    response = ticket["response"]
    assert response["state"] == "running"
    assert response["words"] == "to take charge, until 02:59"
    assert 3500_000 < response["due"] - data["now"] < 3600_000
    assert ticket["lines"][0] == {
        "id": ticket["lines"][0]["id"],
        "day": "Sun 14 Jun 2026",
        "at": "01:59:29",
        "kind": "opened",
        "words": "Ticket opened by phone from +39********78, P1.",
        "icon": "ticket",
        "tone": "moon",
    }
    assert data["offset"] == 7200


def test_when_all_is_done(seen: FlaskClient) -> None:
    ticket = shown(seen, 1042)["ticket"]
    assert ticket["response"] == {"state": "kept", "words": "Taken in charge after 1 min 11 s"}
    assert ticket["page"]["words"] == "Bruno Verdi accepted on the phone after 1 min 11 s."
    assert [each["words"] for each in ticket["page"]["attempts"]] == ["no answer", "accepted"]
    [work] = ticket["work"]
    assert (work["person"], work["start"], work["end"]) == ("Bruno Verdi", "01:01:13", "01:12:40")
    assert work["length"] == "11 min 27 s"
    assert ticket["recordings"][0]["length"] == "34 s"


def test_taken_too_late(demo: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        night.a_night(session, now)
        row = session.scalars(select(Ticket).where(Ticket.number == 1042)).one()
        row.due_at = row.opened_at + timedelta(seconds=70)
    assert shown(demo, 1042)["ticket"]["response"]["state"] == "missed"


def test_best_effort_has_no_clock(demo: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        night.a_night(session, now)
        session.scalars(select(Ticket).where(Ticket.number == 1043)).one().due_at = None
    assert shown(demo)["ticket"]["response"] == {"state": "none", "words": "Best effort"}


def test_everybody_called_together(demo: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        night.a_night(session, now)
        page = session.scalars(select(Page).where(Page.state == "paging")).one()
        bruno = session.scalars(select(Person).where(Person.name == "Bruno Verdi")).one()
        night.ringing(session, page, bruno, now, "answered")
    ticket = shown(demo)["ticket"]
    assert ticket["page"]["words"] == "Calling Ada, Bruno together…"
    assert ticket["page"]["attempts"][1]["words"] == "listening, no key yet"


def test_between_two_calls(demo: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        night.a_night(session, now)
        attempt = session.scalars(select(Attempt).where(Attempt.outcome.is_(None))).one()
        attempt.outcome, attempt.ended_at = AttemptOutcome.BUSY, now
    assert shown(demo)["ticket"]["page"]["words"] == "Nobody has accepted yet; the next call follows."


def test_a_refusal_is_news_only_until_something_happens(demo_app: Flask, database: Database, now: datetime) -> None:
    client = demo_app.test_client()
    with database.transaction() as session:
        night.a_night(session, now)
    assert [each["latest"] for each in shown(client)["refusals"]] == [False]
    with database.transaction() as session:
        night.turned_away(session, night.customer(session, "Southwind"), now)
    refusals = shown(client)["refusals"]
    assert [(each["who"], each["at"], each["latest"]) for each in refusals] == [
        ("Southwind", "02:00", True),
        ("Northwind", "01:30", False),
    ]
    assert not any(each["latest"] for each in shown(client, 1042)["refusals"])


def test_a_number_that_is_none_shows_the_newest(seen: FlaskClient) -> None:
    assert seen.get("/demo/timeline.json?ticket=abc").get_json()["ticket"]["number"] == 1043
    assert shown(seen, 9999)["ticket"] is None


def test_only_the_present_round_is_shown(session: Session, now: datetime) -> None:
    ada, bruno = night.people(session)
    night.a_region(session)
    ticket = night.being_paged(session, night.customer(session, "Acme"), ada, now)
    page = session.scalars(select(Page).where(Page.ticket_id == ticket.id)).one()
    page.round = 2
    night.ringing(session, page, bruno, now)
    view = read_ticket(session, ticket.number, now)
    assert view is not None
    assert view.page is not None
    assert [(each.person, each.rank) for each in view.page.attempts] == [("Bruno Verdi", "first technician")]

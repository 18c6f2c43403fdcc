"""Impossible states and moves are refused by the database itself, whoever tries them: here by plain SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import permutations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Message, MessageState
from oncall.models.pages import Page, PageCause, PageMove, Via
from oncall.models.people import Person
from oncall.paging.acknowledge import accept, stop_page
from oncall.runtime import Runtime, Work
from tests.web.night import a_night

PAGES = {("paging", "accepted"), ("paging", "stopped")}
# A closed one may be opened again, for whoever had it or for nobody.
TICKETS = {("open", "taken"), ("open", "closed"), ("taken", "closed"), ("closed", "open"), ("closed", "taken")}
# A try again; every other move goes forward.
BACK = ("sending", "queued")


def forward(states: tuple[str, ...]) -> set[tuple[str, str]]:
    return {(one, other) for one, other in permutations(states, 2) if states.index(one) < states.index(other)}


CALLS = forward(tuple(CallState)) | {BACK}
# Delivered is the end: a late report of a failure would be a lie.
SENT = tuple(state for state in tuple(MessageState) if state != "merged")
TEXTS = {move for move in forward(SENT) if move[0] != "delivered"} | {BACK, ("queued", "merged")}
# Table, the row that is tried, its states, the moves that exist.
TABLES = [
    ("page", "id = 2", ("paging", "accepted", "stopped"), PAGES),
    ("ticket", "number = 1043", ("open", "taken", "closed"), TICKETS),
    ("phone_call", "purpose = 'page' AND sid LIKE 'CA0000000000000002%'", tuple(CallState), CALLS),
    ("message", "key = 'm'", tuple(MessageState), TEXTS),
]
# What goes with a state, by the tables' other rules.
WITH = {
    "page": "accepted_at = CASE WHEN '{0}' = 'accepted' THEN now() END,"
    " accepted_by_id = CASE WHEN '{0}' = 'accepted' THEN (SELECT min(id) FROM person) END",
    "ticket": "closed_at = CASE WHEN '{0}' = 'closed' THEN now() END",
    "phone_call": "ended_at = CASE WHEN '{0}' = 'ended' THEN now() END",
    "message": "error = NULL",
}


@pytest.fixture
def night(session: Session, now: datetime) -> Session:
    """Ticket 1042 is finished (page 1), 1043 is being paged (page 2): Ada's phone rings."""
    a_night(session, now)
    session.add(
        Message(key="m", channel="text", recipient="+390584000001", body="", provider_sid="SM1", created_at=now)
    )
    session.flush()
    return session


@contextmanager
def refused(session: Session, rule: str) -> Iterator[None]:
    """What is tried in the block fails by that rule at the end of the block, and leaves no trace."""
    with pytest.raises(IntegrityError) as caught, session.begin_nested():  # noqa: PT012
        yield
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    assert caught.value.orig is not None
    assert rule in (caught.value.orig.diag.constraint_name or ""), caught.value.orig  # type: ignore[attr-defined]


def put(session: Session, table: str, state: str, where: str) -> None:
    session.execute(text(f"UPDATE {table} SET state = '{state}', {WITH[table].format(state)} WHERE {where}"))  # noqa: S608


def state(session: Session, table: str, where: str) -> str:
    return str(session.scalar(text(f"SELECT state FROM {table} WHERE {where}")))  # noqa: S608


def begin_in(session: Session, table: str, before: str, where: str) -> None:
    """The row in a state that no move may lead to."""
    # A table can't be altered while checks of it are still to come.
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    triggers = ("moves", "moved") if table == "page" else ("moves",)
    for trigger in triggers:
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
    put(session, table, before, where)
    # A table can't be altered while checks of it are still to come.
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for trigger in triggers:
        session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"))


@pytest.mark.parametrize(("table", "where", "states", "moves"), TABLES)
def test_moves(night: Session, table: str, where: str, states: tuple[str, ...], moves: set[tuple[str, str]]) -> None:
    """Each pair of states: the moves that our rules make are taken, all others are refused."""
    night.execute(text("UPDATE page_attempt SET outcome = 'cut off', ended_at = now() WHERE outcome IS NULL"))
    for before, after in permutations(states, 2):
        at_first = night.begin_nested()
        begin_in(night, table, before, where)
        if (before, after) in moves:
            put(night, table, after, where)
            assert state(night, table, where) == after
        else:
            with refused(night, f"{table}_"):
                put(night, table, after, where)
            assert state(night, table, where) == before
        at_first.rollback()


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE page SET accepted_by_id = (SELECT min(id) FROM person) WHERE id = 1", "page_decided"),
        ("UPDATE page SET accepted_at = now() WHERE id = 1", "page_decided"),
        ("UPDATE page SET accepted_at = now() WHERE id = 2", "ck_page_taken"),
        ("UPDATE page SET round = 0 WHERE id = 2", "ck_page_round"),
        ("UPDATE page SET state = 'lost' WHERE id = 2", "page_moves"),
        ("UPDATE page SET state = 'stopped' WHERE id = 2", "page_attempt_of_open_page"),
        ("UPDATE page_attempt SET outcome = 'busy' WHERE page_id = 1", "page_attempt_decided"),
        ("UPDATE page_attempt SET outcome = NULL, ended_at = NULL WHERE page_id = 1", "page_attempt_decided"),
        ("UPDATE page_attempt SET outcome = 'accepted', ended_at = now() WHERE page_id = 2", "page_attempt_accepted"),
        ("UPDATE page_attempt SET outcome = 'busy' WHERE page_id = 2", "ck_page_attempt_ended"),
        ("INSERT INTO page_attempt (page_id, person_id, round, started_at)"
         " SELECT page_id, person_id, 2, now() FROM page_attempt WHERE page_id = 2", "uq_page_attempt_open"),
        ("INSERT INTO page_attempt (page_id, person_id, round, started_at)"
         " SELECT 1, min(id), 9, now() FROM person", "page_attempt_of_open_page"),
        ("INSERT INTO page_attempt (page_id, person_id, round, started_at, ended_at, outcome)"
         " SELECT 1, accepted_by_id, 9, now(), now(), 'accepted' FROM page WHERE id = 1", "uq_page_attempt_accepted"),
        ("INSERT INTO page (ticket_id, cause, code, state, round, opened_at, due_at)"
         " SELECT ticket_id, 'again', '1111', 'paging', 1, now(), now() FROM page WHERE id = 2", "uq_page_open_ticket"),
        ("UPDATE phone_call SET ended_at = now() WHERE state = 'answered'", "ck_phone_call_ended"),
        ("UPDATE phone_call SET sid = NULL WHERE state = 'ringing'", "ck_phone_call_known"),
        ("UPDATE phone_call SET state = 'ended', ended_at = now() WHERE waiting", "phone_call_waiting"),
        ("INSERT INTO phone_call (direction, purpose, person_id, ticket_id, state, waiting, step, turn, memo, tries,"
         " created_at) SELECT direction, purpose, person_id, ticket_id, 'queued', false, '', 0, '{}', 0, now()"
         " FROM phone_call WHERE state = 'ringing'", "uq_phone_call_live_person"),
        ("UPDATE ticket SET closed_at = now() WHERE number = 1043", "ck_ticket_closed"),
    ],
)  # fmt: skip
def test_impossible(night: Session, statement: str, rule: str) -> None:
    with refused(night, rule):
        night.execute(text(statement))


def test_each_move_of_a_page_is_kept(database: Database, now: datetime) -> None:
    """Who, when, why: also of moves that nobody thought of writing down."""
    runtime = Runtime(Settings(), database, ShiftedClock.starting_at(now))
    with database.transaction() as session:
        a_night(session, now)
        session.execute(text("UPDATE page SET round = 2 WHERE id = 2"))
        bruno = session.scalars(select(Person).where(Person.name == "Bruno Verdi")).one()
        accept(Work(session, runtime, now), 2, bruno, Via.TEXT)
        ticket = session.get_one(Page, 2).ticket_id
        session.add(Page(ticket_id=ticket, cause="promise", code="9", opened_at=now, due_at=now))
        session.flush()
        stop_page(session, ticket, PageCause.PROMISE, "No longer needed.", now)
    with database.transaction() as session:
        kept = session.scalars(select(PageMove).where(PageMove.page_id > 1).order_by(PageMove.id)).all()
        real = session.scalars(text("SELECT clock_timestamp()")).one()
    told = [(each.from_state, each.to_state, each.round, each.person_id, each.why) for each in kept]
    assert told == [
        (None, "paging", 1, None, "hotline"),
        ("paging", "paging", 2, None, "nobody accepted"),
        ("paging", "accepted", 2, bruno.id, "text"),
        (None, "paging", 1, None, "promise"),
        ("paging", "stopped", 1, None, "No longer needed."),
    ]
    assert all(0 <= (real - each.at).total_seconds() < 60 for each in kept)


def test_a_call_that_is_over_may_not_be_moved_by_the_program_either(night: Session) -> None:
    call = night.scalars(select(PhoneCall).where(PhoneCall.state == "ended").limit(1)).one()
    assert not call.move_to(CallState.ANSWERED)
    call.state = CallState.ANSWERED
    with pytest.raises(IntegrityError, match="phone_call"):
        night.flush()

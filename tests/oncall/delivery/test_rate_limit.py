"""Whose turn it is, and when: tokens for all workers together, the order of what is queued, thousands of rows."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from core.clock import real_now
from core.db import Database
from oncall.delivery.rate_limit import (
    LONGEST_PAUSE,
    next_row,
    pause,
    seconds_to_row,
    seconds_to_token,
    settle,
    use_token,
)
from oncall.models.calls import PhoneCall, Purpose, call_person
from oncall.models.messages import Channel, MessageState, post
from oncall.models.operations.provider_health import RequestKind
from oncall.models.operations.send_rates import SendRate
from oncall.models.pages import Attempt, Page
from oncall.models.people import Person
from oncall.models.ranks import DRILL, OTHER, P1, P2, rank_of
from oncall.models.tickets import Ticket
from tests.oncall.delivery.night_queue import fill, person, tickets, waits

MANY = 10_000
FEW = 50
# Of instants that are reckoned as fractions of a second, in seconds or tokens.
ROUNDING = 0.001


def database_time(session: Session) -> datetime:
    """The clock that tokens go by: what a busy machine does to this process can't shift it."""
    instant: datetime = session.scalars(select(func.clock_timestamp())).one()
    return instant


def taken(database: Database, kind: str, rate: float, seconds: float) -> list[tuple[datetime, datetime]]:
    """The instants between which one worker gets each of its tokens, for so long."""
    instants = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.transaction() as session:
            wait = seconds_to_token(session, RequestKind.CALL if kind == RequestKind.CALL else RequestKind.TEXT, rate)
            if wait == 0:
                before = database_time(session)
                use_token(session, RequestKind.CALL if kind == RequestKind.CALL else RequestKind.TEXT, rate)
                instants.append((before, database_time(session)))
        time.sleep(min(wait, 0.05))
    return instants


@pytest.mark.parametrize(("kind", "rate", "burst"), [(RequestKind.CALL, 10.0, 5), (RequestKind.TEXT, 40.0, 20)])
def test_tokens_are_shared_by_all_workers(database: Database, kind: str, rate: float, burst: int) -> None:
    with ThreadPoolExecutor(4) as workers:
        each = list(workers.map(lambda _: taken(database, kind, rate, 1.2), range(4)))
    instants = sorted(instant for one in each for instant in one)
    assert rate <= len(instants)
    for first, (start, _) in enumerate(instants):
        for count, (_, end) in enumerate(instants[first:], 1):
            assert count <= rate * (end - start).total_seconds() + burst + ROUNDING


def assert_next_call(session: Session, earliest: datetime, latest: datetime) -> None:
    """The next call's token is free a second after an instant between these two."""
    before = database_time(session)
    left = timedelta(seconds=seconds_to_token(session, RequestKind.CALL, 1.0))
    after = database_time(session)
    second = timedelta(seconds=1)
    assert before + left <= latest + second + timedelta(seconds=ROUNDING)
    assert after + left >= earliest + second - timedelta(seconds=ROUNDING)


def test_single_tokens_count_from_the_answer(session: Session) -> None:
    assert seconds_to_token(session, RequestKind.CALL, 1.0) == 0
    asked = database_time(session)
    use_token(session, RequestKind.CALL, 1.0)
    assert_next_call(session, asked, database_time(session))
    time.sleep(0.2)
    answered = database_time(session)
    settle(session, RequestKind.CALL, 1.0)
    assert_next_call(session, answered, database_time(session))
    use_token(session, RequestKind.TEXT, 10.0)
    settle(session, RequestKind.TEXT, 10.0)
    assert seconds_to_token(session, RequestKind.TEXT, 10.0) == 0, "half a second's worth of texts leaves at once"


def test_a_clock_that_is_set_back_holds_nothing_up(session: Session) -> None:
    """The bucket was last used by a clock that was an hour ahead."""
    ahead = real_now() + timedelta(hours=1)
    session.add_all(
        SendRate(kind=kind, next_at=ahead, paused_until=ahead) for kind in (RequestKind.CALL, RequestKind.TEXT)
    )
    session.flush()
    assert LONGEST_PAUSE - 10 < seconds_to_token(session, RequestKind.CALL, 1.0) <= LONGEST_PAUSE
    session.execute(update(SendRate).values(next_at=ahead, paused_until=None))
    assert 0.3 < seconds_to_token(session, RequestKind.CALL, 1.0) <= 1
    assert seconds_to_token(session, RequestKind.TEXT, 10.0) <= 0.1


def test_a_pause_is_for_one_kind_and_not_for_ever(session: Session) -> None:
    pause(session, RequestKind.TEXT, 5)
    assert 3 < seconds_to_token(session, RequestKind.TEXT, 10.0) <= 5
    assert seconds_to_token(session, RequestKind.CALL, 10.0) == 0
    pause(session, RequestKind.TEXT, 1)
    assert seconds_to_token(session, RequestKind.TEXT, 10.0) > 2, "the longer one counts"
    pause(session, RequestKind.TEXT, 86_400)
    assert seconds_to_token(session, RequestKind.TEXT, 10.0) <= LONGEST_PAUSE
    session.execute(update(SendRate).values(paused_until=real_now()))
    assert seconds_to_token(session, RequestKind.TEXT, 10.0) == 0


def call_about(session: Session, name: str, priority: str, now: datetime, *, waiting: bool = False) -> int:
    """A queued call that tells one page."""
    [ticket] = tickets(session, now, priority)
    if waiting:
        waits(session, ticket, now)
    rung = person(session, name)
    call_id = call_person(session, rung, Purpose.PAGE, now, ticket.id, rank_of(priority))
    assert call_id is not None
    tell_in(session, call_id, rung, ticket.id, priority, now)
    return call_id


def tell_in(session: Session, call_id: int, rung: Person, ticket_id: int, priority: str, now: datetime) -> None:
    page = Page(ticket_id=ticket_id, cause="test", code=f"{ticket_id:04}", opened_at=now, due_at=now)
    session.add(page)
    session.flush()
    rank = rank_of(priority)
    session.add(Attempt(page_id=page.id, person_id=rung.id, round=1, call_id=call_id, started_at=now, rank=rank))
    session.flush()


def order(session: Session, kind: str) -> list[int]:
    """All rows in the order in which they are taken."""
    found = []
    while (row := next_row(session, RequestKind.CALL if kind == RequestKind.CALL else RequestKind.TEXT)) is not None:
        row.state = MessageState.SENDING
        session.flush()
        found.append(row.id)
    return found


def test_the_order_of_calls(session: Session, now: datetime) -> None:
    fill(session, now)
    later = now + timedelta(seconds=9)
    drill = call_person(session, person(session, "Dino"), Purpose.DRILL, now, rank=DRILL)
    second = call_about(session, "Carla", "P2", now, waiting=True)
    first = call_about(session, "Bruno", "P1", now)
    urgent = call_about(session, "Ada", "P1", later, waiting=True)
    back = PhoneCall(direction="out", purpose="hotline", number="+390000000001", state="queued", memo={}, rank=P2)
    back.created_at = now
    session.add(back)
    session.flush()
    assert order(session, RequestKind.CALL) == [urgent, first, second, back.id, drill]


def test_a_call_goes_by_what_is_still_to_be_told_in_it(session: Session, now: datetime) -> None:
    """A P1 page makes a test call and a P2 page's call urgent; once it is over, they are not any more."""
    fill(session, now)
    drill = call_person(session, person(session, "Dino"), Purpose.DRILL, now, rank=DRILL)
    second = call_about(session, "Carla", "P2", now)
    first = call_about(session, "Bruno", "P1", now + timedelta(seconds=9))
    assert drill is not None
    [ticket] = tickets(session, now, "P1")
    tell_in(session, drill, person(session, "Dino"), ticket.id, "P1", now)
    assert order(session, RequestKind.CALL) == [drill, first, second]
    session.execute(update(PhoneCall).where(PhoneCall.direction == "out").values(state="queued"))
    over = update(Attempt).where(Attempt.call_id == first).values(outcome="cut off", ended_at=now)
    session.execute(over)
    tell_in(session, first, person(session, "Bruno"), tickets(session, now, "P2")[0].id, "P2", now)
    waits(session, session.get_one(PhoneCall, second).ticket or ticket, now)
    assert order(session, RequestKind.CALL) == [drill, second, first]


def test_the_order_of_texts(session: Session, now: datetime) -> None:
    fill(session, now)
    ada = person(session, "Ada")
    [plain, waiting] = tickets(session, now, "P1", 2)
    waits(session, waiting, now)

    def text_of(rank: int, ticket_id: int | None = None, seconds: int = 0) -> int:
        page = Page(ticket_id=ticket_id, cause="test", code=f"{ticket_id}", opened_at=now, due_at=now)
        if ticket_id is not None:
            session.add(page)
            session.flush()
        made = post(
            session,
            now + timedelta(seconds=seconds),
            key=f"{rank}:{ticket_id}:{seconds}",
            channel=Channel.TEXT,
            recipient=ada.phone,
            body="",
            person_id=ada.id,
            ticket_id=ticket_id,
            rank=rank,
            page_id=page.id,
        )
        assert made is not None
        return made

    drill, notice, second = text_of(DRILL), text_of(OTHER), text_of(P2)
    younger, older = text_of(P1, seconds=1), text_of(P1, plain.id)
    urgent = text_of(P1, waiting.id, seconds=5)
    assert order(session, RequestKind.TEXT) == [urgent, older, younger, second, notice, drill]


def test_a_back_off_is_waited_for(session: Session, now: datetime) -> None:
    fill(session, now)
    held = call_about(session, "Ada", "P1", now)
    assert seconds_to_row(session, RequestKind.TEXT) is None
    assert seconds_to_row(session, RequestKind.CALL) == 0
    session.execute(
        update(PhoneCall).where(PhoneCall.id == held).values(not_before=text("clock_timestamp() + interval '5 s'"))
    )
    assert next_row(session, RequestKind.CALL) is None
    assert 2 < (seconds_to_row(session, RequestKind.CALL) or 0) <= 5
    free = call_about(session, "Bruno", "P2", now)
    assert order(session, RequestKind.CALL) == [free]


def test_a_row_that_somebody_holds_is_passed_over(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        fill(session, now)
        first, second = call_about(session, "Ada", "P1", now), call_about(session, "Bruno", "P2", now)
    with database.transaction() as one, database.transaction() as other:
        found = [next_row(each, RequestKind.CALL) for each in (one, other)]
        assert [row.id for row in found if row is not None] == [first, second]


READ = text("""
SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables
WHERE seq_tup_read + coalesce(idx_tup_fetch, 0) > 0
""")

# Ten thousand pages told in Ada's one call, as many texts, and as many callers to ring back.
STORM = """
INSERT INTO ticket (origin, customer_id, contract_id, priority, channel, state, opened_at)
SELECT 'storm:' || n, contract.customer_id, contract.id, 'P1', 'hotline', 'open', :now
FROM generate_series(1, :many) n, (SELECT * FROM contract ORDER BY id LIMIT 1) contract;
INSERT INTO page (ticket_id, cause, code, state, round, opened_at, due_at)
SELECT id, 'test', id::text, 'paging', 1, :now, :now FROM ticket WHERE origin LIKE 'storm:%';
INSERT INTO page_attempt (page_id, person_id, round, call_id, started_at, rank)
SELECT page.id, :ada, 1, :call, :now, 1 FROM page;
INSERT INTO phone_call (direction, purpose, number, state, memo, created_at, waiting, step, turn, tries, rank)
SELECT 'out', 'hotline', '+39' || n, 'queued', '{}', :now, false, '', 0, 0, 3 FROM generate_series(1, :many) n;
INSERT INTO message
    (key, channel, recipient, subject, body, state, tries, created_at, rank, ticket_id, page_id, person_id)
SELECT 'storm:' || ticket_id, 'text', '+393470000009', '', '', 'queued', 0, :now, 1, ticket_id, id, :ada FROM page;
"""


@pytest.fixture
def storm(database: Database, now: datetime) -> Database:
    with database.transaction() as session:
        fill(session, now)
        ada = person(session, "Ada")
        call_id = call_person(session, ada, Purpose.PAGE, now, tickets(session, now, "P1")[0].id, P1)
        for statement in STORM.split(";\n"):
            if statement.strip():
                session.execute(text(statement), {"now": now, "many": MANY, "ada": ada.id, "call": call_id})
        waits(session, session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one(), now)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return database


def test_taking_one_of_ten_thousand_reads_few_rows(storm: Database) -> None:
    """However many wait: what is read for one is counted, as seconds say little on a busy machine."""
    for kind in (RequestKind.CALL, RequestKind.TEXT):
        with storm.transaction() as session:
            seconds_to_row(session, kind)
            row = next_row(session, kind)
            assert row is not None
            assert row.person is not None if isinstance(row, PhoneCall) else row.ticket_id is not None
            read: dict[str, int] = dict(session.execute(READ).all())
        # Queued calls are sorted, each read once (there are hardly more than people); of all else the few that matter.
        assert read.pop("phone_call") <= MANY + FEW
        assert max(read.values()) <= FEW, read

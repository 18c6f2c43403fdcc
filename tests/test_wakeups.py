"""Wake-ups go into the queue with the facts they are about, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.jobs import Urgency
from oncall.models import jobs as model_jobs

JOBS = text("SELECT task_name, priority, args, scheduled_at FROM procrastinate_jobs ORDER BY id")


def jobs(database: Database) -> list[tuple[object, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(JOBS)]


def test_wake_ups_of_a_transaction_are_written_in_their_order(database: Database) -> None:
    due, ahead = datetime(2026, 6, 14, 2, 0, tzinfo=UTC), timedelta(hours=5)
    with database.transaction() as session:
        model_jobs.send_message.wake(session, message_id=1)
        model_jobs.advance_page.wake_at(session, ShiftedClock(ahead), due, page_id=2)
        model_jobs.place_call.wake(session, call_id=3)
        assert jobs(database) == []
    assert jobs(database) == [
        ("send_message", 0, {"message_id": 1}, None),
        ("advance_page", 0, {"page_id": 2}, due - ahead),
        ("place_call", Urgency.URGENT, {"call_id": 3}, None),
    ]


def test_the_same_wake_up_twice_is_one_and_as_urgent_as_the_more_urgent(database: Database) -> None:
    with database.transaction() as session:
        model_jobs.check_room.with_urgency(Urgency.NORMAL).wake(session, room_id=1)
        model_jobs.check_room.wake(session, room_id=1)
        model_jobs.check_room.with_urgency(Urgency.NORMAL).wake(session, room_id=1)
        model_jobs.check_room.with_urgency(Urgency.NORMAL).wake(session, room_id=2)
    assert jobs(database) == [
        ("check_room", Urgency.URGENT, {"room_id": 1}, None),
        ("check_room", 0, {"room_id": 2}, None),
    ]


def test_what_is_rolled_back_wakes_nobody(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            model_jobs.place_call.wake(session, call_id=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with Session(database.engine) as session:
        model_jobs.place_call.wake(session, call_id=2)
        session.execute(text("SELECT 1"))
        session.rollback()
        model_jobs.place_call.wake(session, call_id=3)
        session.commit()
    assert jobs(database) == [("place_call", Urgency.URGENT, {"call_id": 3}, None)]


def test_savepoints_lose_no_wake_up_and_double_none(database: Database) -> None:
    with database.transaction() as session:
        model_jobs.place_call.wake(session, call_id=1)
        with session.begin_nested():
            model_jobs.place_call.wake(session, call_id=2)
        with session.begin_nested() as savepoint:
            savepoint.rollback()
        model_jobs.place_call.wake(session, call_id=3)
        with session.begin_nested() as savepoint:
            savepoint.rollback()
    assert [job[2] for job in jobs(database)] == [{"call_id": 1}, {"call_id": 2}, {"call_id": 3}]

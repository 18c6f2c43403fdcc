"""In a storm of pages, jobs about a caller on the line are fetched before all others (no limits on sending)."""

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.clock import real_now
from core.db import Database
from core.jobs import Urgency
from core.settings import Settings
from oncall.calls.call_end import end_call
from oncall.models.calls import CallState, PhoneCall, lock_call
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause
from oncall.paging.acknowledge import give_up
from oncall.paging.engine import call_ended, open_page
from oncall.runtime import Runtime, Work
from tests.calls.switchboard import StandingClock
from tests.oncall.delivery.night_queue import fill, page, tickets, waits
from worker.sweeper import wake_overdue

STORM = 30


def jobs(session: Session) -> list[tuple[str, int]]:
    """(task, id of its row) in the order in which workers fetch what is due; read once it is committed."""
    query = text(
        "SELECT task_name, coalesce(args->>'page_id', args->>'call_id', args->>'message_id')::int"
        " FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
        " ORDER BY priority DESC, id"
    )
    return [(task, row) for task, row in session.execute(query)]


def forget_jobs(session: Session) -> None:
    session.execute(text("DELETE FROM procrastinate_jobs"))


def storm(database: Database, runtime: Runtime, now: datetime) -> list[int]:
    """Ids of pages whose one call, to Ada, is ringing; the last one's caller is on the line."""
    with database.transaction() as session:
        fill(session, now)
        pages = [page(session, runtime, now) for _ in range(STORM)]
        waits(session, pages[-1].ticket, now)
        for call in session.scalars(select(PhoneCall).where(PhoneCall.direction == "out")):
            call.state, call.sid, call.ringing_from = CallState.PLACED, "CA1", now
        ids = [each.id for each in pages]
    with database.transaction() as session:  # they were put down with the commit
        forget_jobs(session)
    return ids


def test_the_page_of_a_caller_goes_on_before_thousands_that_were_told_in_the_same_call(
    database: Database, now: datetime
) -> None:
    runtime = Runtime(Settings(), database, StandingClock(now, now - real_now()))
    pages = storm(database, runtime, now)
    with database.transaction() as session:
        call_id = session.scalars(select(Attempt.call_id).limit(1)).one()
        assert call_id is not None
        call = lock_call(session, call_id)
        assert call is not None
        end_call(session, call, "no-answer", now)
        call_ended(session, call)
    with database.transaction() as session:
        found = [row for task, row in jobs(session) if task == "advance_page"]
    assert found[0] == pages[-1]
    assert sorted(found) == pages


def test_what_is_overdue_is_woken_with_callers_first(database: Database, now: datetime) -> None:
    runtime = Runtime(Settings(), database, StandingClock(now, now - real_now()))
    pages = storm(database, runtime, now)
    with database.transaction() as session:
        for each in session.scalars(select(Page)):
            each.due_at = real_now() - timedelta(minutes=1)
        session.flush()
        wake_overdue(session)
    with database.transaction() as session:
        found = [row for task, row in jobs(session) if task == "advance_page"]
    assert found[0] == pages[-1]
    assert sorted(found) == pages


def test_the_call_and_the_text_for_a_caller_are_sent_before_all_that_waits(database: Database, now: datetime) -> None:
    runtime = Runtime(Settings(), database, StandingClock(now, now - real_now()))
    with database.transaction() as session:
        fill(session, now)
        # Other people's calls and texts that nobody has got to yet.
        defer = text("SELECT procrastinate_defer_jobs_v1(array_agg(ROW('nightline', 'place_call', 10, NULL, NULL,"
                     " jsonb_build_object('call_id', n), NULL)::procrastinate_job_to_defer_v1))"
                     " FROM generate_series(900001, 900500) n")  # fmt: skip
        session.execute(defer)
    with database.transaction() as session:
        [ticket] = tickets(session, now, "P1")
        waits(session, ticket, now)
        opened = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
        call_id = session.scalars(select(Attempt.call_id).where(Attempt.page_id == opened.id)).one()
    with database.transaction() as session:
        first = jobs(session)[:3]
    assert ("place_call", call_id) in first
    assert "send_message" in {task for task, _ in first}


def test_a_caller_s_page_that_joins_a_call_brings_it_forward(database: Database, now: datetime) -> None:
    """Somebody's call is put down for an alarm and not asked for yet, behind many others."""
    runtime = Runtime(Settings(), database, StandingClock(now, now - real_now()))
    with database.transaction() as session:
        fill(session, now)
        page(session, runtime, now)
        call_id = session.scalars(select(PhoneCall.id)).one()
    with database.transaction() as session:
        forget_jobs(session)
    with database.transaction() as session:
        [ticket] = tickets(session, now, "P1")
        waits(session, ticket, now)
        opened = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE).id
    with database.transaction() as session:
        priorities: dict[str, int] = dict(
            session.execute(text("SELECT task_name, max(priority) FROM procrastinate_jobs GROUP BY 1")).all()
        )
        assert ("place_call", call_id) in jobs(session)
        attempt = session.scalars(select(Attempt.id).where(Attempt.page_id == opened)).one()
    assert (priorities["place_call"], priorities["advance_page"]) == (Urgency.FIRST, Urgency.FIRST)
    with database.transaction() as session:
        forget_jobs(session)
    with database.transaction() as session:
        assert give_up(session, attempt, AttemptOutcome.PASSED, now)
    with database.transaction() as session:
        found = session.execute(text("SELECT priority FROM procrastinate_jobs WHERE task_name = 'advance_page'"))
        assert list(found.scalars()) == [Urgency.FIRST]

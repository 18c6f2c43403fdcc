"""Who counts as dead, what becomes of what they held, and that whoever lives is left in peace."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from procrastinate import PsycopgConnector
from procrastinate.exceptions import AppNotOpen
from procrastinate.jobs import Job, Status
from sqlalchemy import make_url, select, text

from core.clock import ShiftedClock, real_now
from core.db import Database
from core.settings import Settings
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import DeclaredDeadError, Sender, claim, claimed, is_ours
from oncall.models import jobs as model_jobs
from oncall.models.calls import PhoneCall
from oncall.models.messages import Channel, Message, MessageState, post
from oncall.runtime import Runtime
from worker.fenced_jobs import JobKeeper, PatientConnection
from worker.liveness import CALM, FROZEN, SILENT, WITHOUT_LOCK, Lifeline, sweep
from worker.pacer import Pacers
from worker.process import work_until

PATIENCE = 90.0
LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7215011 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
JOBS = (
    "SELECT task_name || ' ' || (SELECT value FROM jsonb_each_text(args)), status::text, worker_id"
    " FROM procrastinate_jobs ORDER BY id"
)


@pytest.fixture(autouse=True)
def _calm(database: Database) -> None:
    """A database that has just been started is waited for, or nobody would be declared dead."""
    up = text("SELECT now() - pg_postmaster_start_time() > make_interval(secs => :calm)")
    await_(lambda: bool(scalar(database, up, calm=CALM)))


def await_(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


async def await_async(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        await asyncio.sleep(0.02)


async def is_dead(lifeline: Lifeline) -> bool:
    """Whether this worker id must not be used any more, by now."""
    try:
        await asyncio.wait_for(lifeline.until_dead(), 0.01)
    except TimeoutError:
        return False
    return True


def scalar(database: Database, query: object, **values: object) -> object:
    with database.engine.connect() as connection:
        return connection.scalar(query if not isinstance(query, str) else text(query), values)  # type: ignore[call-overload]


def worker(database: Database, silent: float, *, marked: bool = True) -> int:
    """A worker's row that was written so many seconds ago; `marked`: of a version with locks."""
    with database.engine.begin() as connection:
        query = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :age * interval '1 s') RETURNING id"
        worker_id = int(connection.scalar(text(query), {"age": silent}) or 0)
        if marked:
            mark = "INSERT INTO worker_lock (worker_id, host, pid, since) VALUES (:id, 'elsewhere', 1, now())"
            connection.execute(text(mark), {"id": worker_id})
        return worker_id


def holds(database: Database, worker_id: int) -> tuple[int, int]:
    """Give it a job, a call and a text in its hands; the ids of the two rows."""
    with database.transaction() as session:
        model_jobs.advance_page.wake(session, page_id=1)
        now = real_now()
        call = PhoneCall(direction="out", purpose="hotline", number="+390212345678", state="sending", created_at=now)
        call.claimed_at, call.claimed_by = now, worker_id
        session.add(call)
        post(session, now, key="a text", channel=Channel.TEXT, recipient="+390212345678", body="Hello")
        message = session.scalars(select(Message)).one()
        message.state, message.claimed_at, message.claimed_by = MessageState.SENDING, now, worker_id
        session.flush()
        ids = call.id, message.id
    with database.engine.begin() as connection:
        taken = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :id WHERE task_name = 'advance_page'"
        connection.execute(text(taken), {"id": worker_id})
    return ids


def look(database: Database, me: int = 0) -> list[object]:
    """One look for the dead."""

    async def once() -> list[object]:
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            return await sweep(connection, me)

    return asyncio.run(once())


def desk_of(database: Database, folder: Path, worker_id: int | None) -> Sender:
    settings = Settings.model_validate({"var_dir": folder})
    lifeline = Lifeline(database.url)
    lifeline.worker_id = worker_id
    runtime = Runtime(settings, database, ShiftedClock())
    return Sender(runtime, None, build_mailer(settings), lifeline)  # type: ignore[arg-type]  # nothing is sent


@asynccontextmanager
async def living(database: Database) -> AsyncIterator[tuple[Lifeline, JobKeeper, int]]:
    """A registered worker with its lifeline, as a worker process begins."""
    connector, lifeline = PsycopgConnector(conninfo=database.url), Lifeline(database.url)
    await connector.open_async()
    keeper = JobKeeper(connector, lifeline)
    worker_id = await keeper.register_worker()
    try:
        yield lifeline, keeper, worker_id
    finally:
        await keeper.unregister_worker(worker_id)
        await connector.close_async()


def test_what_a_dead_worker_held_is_given_back(database: Database, tmp_path: Path) -> None:
    dead = worker(database, SILENT + 1)
    call_id, message_id = holds(database, dead)
    desk = desk_of(database, tmp_path, None)
    with database.transaction() as session:
        assert claimed(desk, session.get_one(PhoneCall, call_id))
    assert look(database) == [dead]
    with database.transaction() as session:
        call, message = session.get_one(PhoneCall, call_id), session.get_one(Message, message_id)
        assert [(row.state, row.claimed_at, row.claimed_by) for row in (call, message)] == [("sending", None, None)] * 2
        assert not claimed(desk, call)
    with database.engine.connect() as connection:
        jobs = [tuple(row) for row in connection.execute(text(JOBS))]
    # The claims may be a pacer's, which has no job that could be given back.
    asked = ["advance_page 1", "send_message 1", f"place_call {call_id}", f"send_message {message_id}"]
    assert jobs == [(job, "todo", None) for job in asked]
    assert scalar(database, "SELECT count(*) FROM procrastinate_workers") == 0
    assert scalar(database, "SELECT count(*) FROM worker_lock") == 0


def test_a_claim_that_could_not_be_cleared_counts_no_more(database: Database, tmp_path: Path) -> None:
    """Its row was locked at that moment."""
    dead = worker(database, SILENT + 1)
    call_id, _ = holds(database, dead)
    with database.transaction() as session:
        session.get(PhoneCall, call_id, with_for_update=True)
        assert look(database) == [dead]
    with database.transaction() as session:
        call = session.get_one(PhoneCall, call_id)
        assert call.claimed_by == dead
        assert not claimed(desk_of(database, tmp_path, None), call)


@pytest.mark.parametrize(("silent", "dead"), [(SILENT - 0.8, False), (FROZEN - 5, False), (FROZEN + 1, True)])
def test_whoever_holds_the_lock_lives_unless_frozen(database: Database, silent: float, dead: bool) -> None:
    one = worker(database, silent)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7215011, %s)", (one,))
        assert look(database) == ([one] if dead else [])


@pytest.mark.parametrize(("silent", "dead"), [(WITHOUT_LOCK - 2, False), (WITHOUT_LOCK + 1, True)])
def test_a_worker_of_an_earlier_version_has_its_own_time(
    database: Database, tmp_path: Path, silent: float, dead: bool
) -> None:
    """It never had a lock, beats every two seconds, and does not leave its name on what it claims."""
    one = worker(database, silent, marked=False)
    call_id, _ = holds(database, one)
    with database.transaction() as session:
        session.get_one(PhoneCall, call_id).claimed_by = None
    assert look(database) == ([one] if dead else [])
    with database.transaction() as session:
        call = session.get_one(PhoneCall, call_id)
        assert claimed(desk_of(database, tmp_path, None), call)
        call.claimed_at = real_now() - timedelta(seconds=60)
        assert not claimed(desk_of(database, tmp_path, None), call)


def test_one_looks_at_a_time(database: Database) -> None:
    dead = worker(database, SILENT + 1)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7215012, 0)")
        assert look(database) == []
    assert look(database) == [dead]


def test_a_lost_lifeline_is_taken_up_again(database: Database) -> None:
    """As after a restart of the database: nobody is declared dead for it, and the lock is held again."""
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'nightline worker' AND datname = current_database()"
    )

    async def run() -> None:
        async with living(database) as (first, _, one), living(database) as (second, _, other):
            assert scalar(database, LOCKS) == 2
            with database.engine.begin() as connection:
                connection.execute(cut)
            await await_async(lambda: scalar(database, LOCKS) == 2)
            since = scalar(database, "SELECT clock_timestamp()")
            fresh = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > :since")
            await await_async(lambda: scalar(database, fresh, since=since) == 2)
            assert not await is_dead(first)
            assert not await is_dead(second)
            assert (first.worker_id, second.worker_id) == (one, other)

    asyncio.run(run())


def test_whoever_was_declared_dead_claims_nothing_and_ends_no_job(database: Database, tmp_path: Path) -> None:
    async def run() -> None:
        async with living(database) as (lifeline, keeper, worker_id):
            call_id, _ = holds(database, worker_id)
            with database.engine.begin() as connection:
                connection.execute(
                    text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
                )
            # As long as it beats it lives; so its row goes, as when it thaws after a minute.
            with database.engine.begin() as connection:
                connection.execute(text("DELETE FROM procrastinate_workers"))  # as when it thaws after a minute
            another = worker(database, 0)
            with database.engine.begin() as connection:
                taken = text("UPDATE procrastinate_jobs SET worker_id = :id WHERE status = 'doing' RETURNING id")
                job_id = connection.scalar(taken, {"id": another})
            desk = Sender(desk_of(database, tmp_path, None).runtime, None, None, lifeline)  # type: ignore[arg-type]
            with database.transaction() as session:
                row = session.get_one(PhoneCall, call_id)
                with pytest.raises(DeclaredDeadError):
                    claim(session, desk, row)
                row.claimed_by = another
                assert not is_ours(desk, row)
            job = Job(
                id=job_id,
                queue="nightline",
                lock=None,
                queueing_lock=None,
                task_name="advance_page",
                worker_id=worker_id,
            )
            await keeper.finish_job(job, Status.SUCCEEDED, delete_job=True)
            await keeper.retry_job(job)
            assert scalar(database, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 1
            await asyncio.wait_for(lifeline.until_dead(), 20)

    asyncio.run(run())


def test_a_job_whose_end_cannot_be_put_down_makes_its_worker_begin_anew(database: Database) -> None:
    async def run() -> None:
        async with living(database) as (lifeline, keeper, worker_id):
            job = Job(id=1, queue="nightline", lock=None, queueing_lock=None, task_name="x", worker_id=worker_id)
            assert not await is_dead(lifeline)
            await keeper.connector.close_async()
            with pytest.raises(AppNotOpen):
                await keeper.finish_job(job, Status.SUCCEEDED, delete_job=True)
            assert await is_dead(lifeline)

    asyncio.run(run())


def test_a_worker_whose_id_must_not_be_used_any_more_ends(database: Database, tmp_path: Path) -> None:
    """And gives back what it holds: the job whose end is unknown is done again, by whoever comes next."""
    pacers = Pacers(desk_of(database, tmp_path, None))
    lifeline = Lifeline(database.url)

    async def begun(stopping: asyncio.Event) -> tuple[asyncio.Task[None], int]:
        before = lifeline.worker_id
        working = asyncio.create_task(work_until(pacers, lifeline, stopping))
        await await_async(lambda: lifeline.worker_id not in {None, before} and scalar(database, LOCKS) == 1)
        return working, lifeline.worker_id or 0

    async def run() -> None:
        stopping = asyncio.Event()
        working, worker_id = await begun(stopping)
        holds(database, worker_id)
        lifeline.give_up()
        await asyncio.wait_for(working, PATIENCE)
        assert scalar(database, "SELECT count(*) FROM procrastinate_jobs WHERE worker_id IS NOT NULL") == 0
        working, another = await begun(stopping)
        assert another != worker_id
        assert not (await asyncio.wait({working}, timeout=1))[0], "the next one stays"
        stopping.set()
        await asyncio.wait_for(working, PATIENCE)

    asyncio.run(run())
    assert scalar(database, "SELECT count(*) FROM procrastinate_workers") == 0


def test_a_connection_is_tried_for_until_the_database_is_there(postgres_server: str) -> None:
    name = f"nightline_later_{secrets.token_hex(4)}"
    server = make_url(postgres_server).set(drivername="postgresql")
    url = server.set(database=name).render_as_string(hide_password=False)

    async def run() -> None:
        trying = asyncio.create_task(PatientConnection.connect(url))
        assert not (await asyncio.wait({trying}, timeout=0.2))[0]
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            try:
                async with await asyncio.wait_for(trying, PATIENCE) as connection:
                    found = await connection.execute("SELECT current_database()")
                    assert await found.fetchone() == (name,)
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    asyncio.run(run())


def test_a_worker_that_ends_gives_back_what_it_holds_and_then_its_lock(database: Database) -> None:
    async def run() -> None:
        async with living(database) as (_, _, worker_id):
            holds(database, worker_id)

    asyncio.run(run())
    assert scalar(database, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == 4
    assert scalar(database, "SELECT count(*) FROM phone_call WHERE claimed_at IS NULL AND claimed_by IS NULL") == 1
    assert scalar(database, "SELECT count(*) FROM procrastinate_workers") == 0
    assert scalar(database, LOCKS) == 0

"""The background worker: procrastinate tasks, each a wake-up that names a row and looks at the facts again."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import log
from core.tuning import settle
from oncall import steering
from oncall.away.settling import settle_away
from oncall.desk import Desk
from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.forgotten import resend_forgotten, wake_overdue
from oncall.hotline import page_of
from oncall.interventions import has_work
from oncall.mail import build_mailer
from oncall.pacing import pacers, place_call, send_message
from oncall.paging import engine
from oncall.paging.telling import accept_rest
from oncall.pin_guard import forget_old
from oncall.rostering.handoffs import watch_handoffs
from oncall.rostering.nightly import report_gaps
from oncall.runtime import Runtime
from oncall.send_queue import KINDS, rate_of
from oncall.telephony import Telephony
from oncall.tickets import Ticket, tell

logger = log.get_logger(__name__)

SWEEP_EVERY = 5
ROSTERS_EVERY = 60
HEARTBEAT = 2.0
STALLED_AFTER = 6.0
BEGIN_AGAIN_AFTER = 1.0


def advance_page(desk: Desk, page_id: int) -> None:
    """Take a page's next step if it is due."""
    with desk.runtime.database.transaction() as session:
        engine.advance(session, desk.runtime, page_id, desk.runtime.clock.now())


def check_promise(desk: Desk, page_id: int) -> None:
    """Page an accepted ticket again when no work on it was logged in time."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        page = engine.lock_page(session, page_id)
        if page is None or page.state != "accepted" or page.accepted_at is None:
            return
        newest = page_of(session, page.ticket_id)
        if newest is not None and newest.id != page.id:
            return  # a newer page has its own promise
        ticket = session.get_one(Ticket, page.ticket_id)
        if ticket.state == "closed" or has_work(session, ticket.id, page.accepted_at):
            return
        words = "Accepted, but no intervention or note since: paging again."
        tell(session, ticket.id, now, "warning", words, key=f"page:{page.id}:promise")
        engine.open_page(session, desk.runtime, ticket, now, "promise", first=page.accepted_by_id)


def sweep(desk: Desk) -> None:
    """Find what is overdue without a job: pages, calls, texts; and give back the jobs of dead workers."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        wake_overdue(session)
        resend_forgotten(session, {kind for kind in KINDS if rate_of(desk.runtime.settings, kind)})
        _retry_stalled(session)
        forget_old(session, now)


def watch_rosters(desk: Desk) -> None:
    """What rosters ask for by the clock: notices of handoffs, drills, and the nightly mail about gaps."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        watch_handoffs(session, now)
    with desk.runtime.database.transaction() as session:
        watch_drills(session, now)
    with desk.runtime.database.transaction() as session:
        report_gaps(session, desk.runtime, now)


def look_at_drill(desk: Desk, drill_id: int) -> None:
    """See what came of a test call and its text, and take the drill's next step."""
    with desk.runtime.database.transaction() as session:
        check_drill(session, desk.runtime, drill_id, desk.runtime.clock.now())


def _retry_stalled(session: Session) -> None:
    """Jobs that a worker held when its heart stopped go back into the queue."""
    session.execute(
        text(
            "SELECT procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL)"
            " FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id"
            " WHERE job.status = 'doing' AND (worker.id IS NULL"
            " OR worker.last_heartbeat < now() - make_interval(secs => :seconds))"
        ),
        {"seconds": STALLED_AFTER},
    )


TASKS: dict[str, Callable[..., None]] = {
    "advance_page": advance_page,
    "check_promise": check_promise,
    "check_drill": look_at_drill,
    "accept_rest": accept_rest,
    "place_call": place_call,
    "send_message": send_message,
    "bring_callers": steering.bring_callers,
    "check_room": steering.check_room,
    "move_call": steering.move_call,
    "repeat_move": steering.repeat_move,
    "cut_off": steering.cut_off,
    "hold_callers": steering.hold_callers,
    "hand_over": steering.hand_over,
    "finish_callers": steering.finish_callers,
    "check_connected": steering.check_connected,
    "check_waiting": steering.check_waiting,
    "settle_away": settle_away,
}


def build_worker(desk: Desk) -> App:
    """The procrastinate application with every task bound to this process's desk."""
    app = App(
        connector=PsycopgConnector(
            conninfo=desk.runtime.database.url, min_size=1, max_size=4, kwargs={"options": "-c synchronous_commit=off"}
        )
    )
    retry = RetryStrategy(max_attempts=8, exponential_wait=2)
    for name, function in TASKS.items():
        app.task(name=name, queue="nightline", retry=retry)(_bound(function, desk))
    return app


def _bound(function: Callable[..., None], desk: Desk) -> Callable[..., None]:
    def run(**args: Any) -> None:
        try:
            function(desk, **args)
        except Exception:
            logger.exception("job failed", job=function.__name__, **args)
            raise

    return run


def run_worker(runtime: Runtime, telephony: Telephony, more: Sequence[tuple[Callable[[Desk], None], float]]) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way and return.

    `more`: what else to look at, from the start on, and then every so many seconds.
    """
    settle()
    with pacers(Desk(runtime, telephony, build_mailer(runtime.settings))) as (desk, stop_taking):
        asyncio.run(_work(desk, more, stop_taking))


async def _work(
    desk: Desk, more: Sequence[tuple[Callable[[Desk], None], float]], stop_taking: Callable[[], None]
) -> None:
    """Until told to stop: a database that goes away ends procrastinate's worker, so another one is begun."""
    concurrency = desk.runtime.settings.worker_concurrency
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=concurrency + 2))
    stopping = asyncio.Event()

    def stop() -> None:
        stop_taking()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    looks = [
        asyncio.create_task(_for_ever(desk, sweep, SWEEP_EVERY, SWEEP_EVERY)),
        asyncio.create_task(_for_ever(desk, watch_rosters, ROSTERS_EVERY, ROSTERS_EVERY)),
        *(asyncio.create_task(_for_ever(desk, look, seconds, 0)) for look, seconds in more),
    ]
    while not stopping.is_set():
        try:
            await _work_until(desk, stopping)
        except Exception:
            logger.exception("worker interrupted, beginning again")
        if not stopping.is_set():
            await asyncio.sleep(BEGIN_AGAIN_AFTER)
    for look in looks:
        look.cancel()
    logger.info("worker stopped")


async def _work_until(desk: Desk, stopping: asyncio.Event) -> None:
    app = build_worker(desk)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=["nightline"],
                concurrency=desk.runtime.settings.worker_concurrency,
                fetch_job_polling_interval=0.5,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED_AFTER,
                shutdown_graceful_timeout=8,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        stop = asyncio.create_task(stopping.wait())
        logger.info("worker started", concurrency=desk.runtime.settings.worker_concurrency)
        await asyncio.wait({worker, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        worker.cancel()  # procrastinate's way to stop: what is under way is finished first
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def _for_ever(desk: Desk, look: Callable[[Desk], None], seconds: float, first: float) -> None:
    """Take that look after `first` seconds, then every so many; one that fails is followed by the next."""
    await asyncio.sleep(first)
    while True:
        try:
            await asyncio.to_thread(look, desk)
        except Exception:
            logger.exception("look failed", look=look.__name__)
        await asyncio.sleep(seconds)

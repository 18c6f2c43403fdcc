"""The background worker: procrastinate tasks, each a wake-up that names a row and looks at the facts again."""

from collections.abc import Callable
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import log
from oncall import steering
from oncall.after_goodbyes import check_call_back, check_rejoined, conclude_goodbye
from oncall.announcing import announce_caller
from oncall.away.settling import settle_away
from oncall.desk import Desk
from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.elsewhere import seek_elsewhere
from oncall.forgotten import resend_forgotten, wake_overdue
from oncall.hotline import page_of
from oncall.interventions import has_work
from oncall.job_keeper import JobKeeper, PatientConnection
from oncall.lifeline import Lifeline
from oncall.pacing import Pacers, place_call, send_message
from oncall.paging import engine
from oncall.paging.models import PageCause, PageState
from oncall.paging.telling import accept_rest
from oncall.pin_guard import forget_old
from oncall.provider_health import RequestKind
from oncall.room_watch import ask_about_callers
from oncall.rostering.handoffs import watch_handoffs
from oncall.rostering.nightly import report_gaps
from oncall.send_queue import rate_of
from oncall.texting.silence import tell_silence
from oncall.tickets import EventKind, Ticket, TicketState, tell

logger = log.get_logger(__name__)

SWEEP_EVERY = 5
ROSTERS_EVERY = 60


def advance_page(desk: Desk, page_id: int) -> None:
    """Take a page's next step if it is due."""
    with desk.runtime.database.transaction() as session:
        engine.advance(session, desk.runtime, page_id, desk.runtime.clock.now())


def check_promise(desk: Desk, page_id: int) -> None:
    """Page an accepted ticket again when no work on it was logged in time."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        page = engine.lock_page(session, page_id)
        if page is None or page.state != PageState.ACCEPTED or page.accepted_at is None:
            return
        newest = page_of(session, page.ticket_id)
        if newest is not None and newest.id != page.id:
            return  # a newer page has its own promise
        ticket = session.get_one(Ticket, page.ticket_id)
        if ticket.state == TicketState.CLOSED or has_work(session, ticket.id, page.accepted_at):
            return
        words, holder = "Accepted, but no intervention or note since: paging again.", page.accepted_by
        if holder is not None and holder.retired:
            words = f"{holder.name}, who had accepted, has left, and no work was logged: paging again."
        tell(session, ticket.id, now, EventKind.WARNING, words, key=f"page:{page.id}:promise")
        engine.open_page(session, desk.runtime, ticket, now, PageCause.PROMISE, first=page.accepted_by_id)


def sweep(desk: Desk) -> None:
    """Find what is overdue without a job: pages, calls, texts. (Dead workers: `oncall/lifeline.py`.)"""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        wake_overdue(session)
        resend_forgotten(session, {kind for kind in RequestKind if rate_of(desk.runtime.settings, kind)})
        _retry_orphans(session)
        forget_old(session, now)


def watch_rosters(desk: Desk) -> None:
    """What rosters ask for by the clock: notices of handoffs, drills, and the nightly mail about gaps."""
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        watch_handoffs(session, now, desk.runtime.settings.code_length)
    with desk.runtime.database.transaction() as session:
        watch_drills(session, now)
    with desk.runtime.database.transaction() as session:
        report_gaps(session, desk.runtime, now)


def look_at_drill(desk: Desk, drill_id: int) -> None:
    """See what came of a test call and its text, and take the drill's next step."""
    with desk.runtime.database.transaction() as session:
        check_drill(session, desk.runtime, drill_id, desk.runtime.clock.now())


def tell_of_silence(desk: Desk) -> None:
    """Tell managers of the numbers whose texts got no answer since they were told last."""
    with desk.runtime.database.transaction() as session:
        tell_silence(session, desk.runtime.clock.now())


def _retry_orphans(session: Session) -> None:
    """Jobs whose worker has no row any more go back into the queue: an earlier version left them behind."""
    session.execute(
        text(
            "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM (SELECT id FROM procrastinate_jobs"
            " WHERE status = 'doing' AND worker_id IS NULL FOR UPDATE SKIP LOCKED) orphan"
        )
    )


TASKS: dict[str, Callable[..., None]] = {
    "advance_page": advance_page,
    "check_promise": check_promise,
    "check_drill": look_at_drill,
    "accept_rest": accept_rest,
    "place_call": place_call,
    "send_message": send_message,
    "announce_caller": announce_caller,
    "ask_about_callers": ask_about_callers,
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
    "check_rejoined": check_rejoined,
    "conclude_goodbye": conclude_goodbye,
    "check_call_back": check_call_back,
    "settle_away": settle_away,
    "seek_elsewhere": seek_elsewhere,
    "tell_silence": tell_of_silence,
}


def build_worker(desk: Desk, lifeline: Lifeline, pacers: Pacers) -> App:
    """The procrastinate application with every task bound to this process's desk."""
    connector = PsycopgConnector(
        conninfo=desk.runtime.database.url,
        connection_class=PatientConnection,
        min_size=1,
        max_size=4,
        kwargs={"options": "-c synchronous_commit=off"},
    )
    app = App(connector=connector)
    app.job_manager = JobKeeper(connector, lifeline, pacers)
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

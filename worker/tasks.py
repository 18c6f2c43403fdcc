"""The background worker: procrastinate tasks, each a wake-up that names a row and looks at the facts again."""

from collections.abc import Callable
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy

from core import log
from core.jobs import QUEUE, declared_jobs, runners
from oncall.calls import (
    announcing,
    conference_watch,
    goodbye_jobs,
    hang_up,
    redirect,
)
from oncall.calls import (
    jobs as call_jobs,
)
from oncall.customers.pin_guard import forget_old
from oncall.delivery.rate_limit import rate_of
from oncall.delivery.sender import Sender
from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.models import jobs as model_jobs
from oncall.models.operations.provider_health import RequestKind
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.outage import settling
from oncall.paging import call_queue, engine, other_channels
from oncall.planning.handoffs import watch_handoffs
from oncall.planning.nightly_gaps import report_gaps
from oncall.runtime import Work, in_transaction
from oncall.texting.silence import tell_silence
from oncall.tickets import recordings
from oncall.tickets.interventions import has_work
from worker import pacer
from worker.fenced_jobs import JobKeeper, PatientConnection
from worker.liveness import Lifeline
from worker.pacer import Pacers
from worker.queue import retry_orphans
from worker.sweeper import fetch_forgotten, resend_forgotten, wake_overdue

logger = log.get_logger(__name__)

SWEEP_EVERY = 5
ROSTERS_EVERY = 60


@model_jobs.advance_page.runner
@in_transaction
def advance_page(work: Work, *, page_id: int) -> None:
    engine.advance(work, page_id)


@model_jobs.check_promise.runner
@in_transaction
def check_promise(work: Work, *, page_id: int) -> None:
    page = engine.lock_page(work.session, page_id)
    if page is None or page.state != PageState.ACCEPTED or page.accepted_at is None:
        return
    newest = page_of(work.session, page.ticket_id)
    if newest is not None and newest.id != page.id:
        return  # a newer page has its own promise
    ticket = work.session.get_one(Ticket, page.ticket_id)
    if ticket.waits_for is not None:
        return  # looked at again when it does not wait any more
    if ticket.state == TicketState.CLOSED or has_work(work.session, ticket.id, page.accepted_at):
        return
    words, holder = "Accepted, but no intervention or note since: paging again.", page.accepted_by
    if holder is not None and holder.retired:
        words = f"{holder.name}, who had accepted, has left, and no work was logged: paging again."
    record_event(work.session, ticket.id, work.now, EventKind.WARNING, words, key=f"page:{page.id}:promise")
    engine.open_page(work, ticket, PageCause.PROMISE, first=page.accepted_by_id)


def sweep(sender: Sender) -> None:
    """Find what is overdue without a job: pages, calls, texts. (Dead workers: `worker/liveness.py`.)"""
    with sender.runtime.work() as work:
        wake_overdue(work.session)
        fetch_forgotten(work.session, work.now)
        resend_forgotten(work.session, {kind for kind in RequestKind if rate_of(work.runtime.settings, kind)})
        retry_orphans(work.session)
        forget_old(work.session, work.now)


def watch_rosters(sender: Sender) -> None:
    """What rosters ask for by the clock: notices of handoffs, drills, and the nightly mail about gaps."""
    with sender.runtime.work() as work:
        watch_handoffs(work.session, work.now, work.runtime.settings.code_length)
    with sender.runtime.work() as work:
        watch_drills(work.session, work.now)
    with sender.runtime.work() as work:
        report_gaps(work)


@model_jobs.check_drill.runner
@in_transaction
def look_at_drill(work: Work, *, drill_id: int) -> None:
    check_drill(work, drill_id)


@model_jobs.tell_silence.runner
@in_transaction
def tell_of_silence(work: Work) -> None:
    tell_silence(work.session, work.now)


# Imported for the runners that they register.
_RUN_JOBS = (
    goodbye_jobs,
    announcing,
    hang_up,
    other_channels,
    redirect,
    pacer,
    conference_watch,
    settling,
    call_jobs,
    call_queue,
    recordings,
)


def build_worker(sender: Sender, lifeline: Lifeline, pacers: Pacers) -> App:
    """The procrastinate application with every job bound to this process's sender."""
    connector = PsycopgConnector(
        conninfo=sender.runtime.database.url,
        connection_class=PatientConnection,
        min_size=1,
        max_size=4,
        kwargs={"options": "-c synchronous_commit=off"},
    )
    app = App(connector=connector)
    app.job_manager = JobKeeper(connector, lifeline, pacers)
    retry = RetryStrategy(max_attempts=8, exponential_wait=2)
    for name in declared_jobs():
        app.task(name=name, queue=QUEUE, retry=retry)(_bound(name, sender))
    return app


def _bound(name: str, sender: Sender) -> Callable[..., None]:
    function = runners()[name]

    def run(**args: Any) -> None:
        try:
            function(sender, **args)
        except Exception:
            logger.exception("job failed", job=name, **args)
            raise

    return run

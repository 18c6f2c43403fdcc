"""The worker process: one procrastinate worker after the other, looks by the clock beside it, and an orderly end.

Told to stop, it fetches nothing more and finishes what is under way. What a provider that hangs keeps from finishing
goes back to the other workers, and the process ends: all within ten seconds. They look it up before they send it.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

from core import log
from core.db import AT_WORK
from core.jobs import QUEUE
from core.memory import settle
from oncall.calls.conference_watch import LOOK_EVERY as ROOMS_EVERY
from oncall.calls.conference_watch import watch_rooms
from oncall.calls.reconcile import WATCH_EVERY as CALLS_EVERY
from oncall.calls.reconcile import watch_calls
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import Telephony
from oncall.paging.other_channels import LOOK_EVERY, watch_attempts
from oncall.paging.provider_outage import WATCH_EVERY, watch_provider
from oncall.runtime import Runtime
from worker.fenced_jobs import FINISH
from worker.liveness import BEAT, WITHOUT_LOCK, Lifeline
from worker.pacer import Pacers
from worker.tasks import ROSTERS_EVERY, SWEEP_EVERY, build_worker, sweep, watch_rosters

logger = log.get_logger(__name__)

BEGIN_AGAIN_AFTER: Final = 1.0
# Seconds: what is under way when the signal comes may take as long as `FINISH`, and handing back the rest so long. So
# long after the signal the process ends, whatever hangs.
HAND_BACK: Final = 0.8
END: Final = 9.5
# Threads for looks beside those for jobs, all of which may be waiting for a provider.
LOOKS: Final = 10

Look = Callable[[Sender], None]


def run_worker(runtime: Runtime, telephony: Telephony, more: Sequence[tuple[Look, float]]) -> None:
    """Work until SIGTERM or SIGINT; then finish or hand back what is under way, and return or end the process.

    `more`: what else to look at, from the start on, and then every so many seconds.
    """
    runtime.database.patience = AT_WORK
    lifeline = Lifeline(runtime.database.url)
    pacers = Pacers(Sender(runtime, telephony, build_mailer(runtime.settings), lifeline))
    settle()
    pacers.start()
    asyncio.run(_work(pacers, lifeline, more))
    pacers.stop()


async def _work(pacers: Pacers, lifeline: Lifeline, more: Sequence[tuple[Look, float]]) -> None:
    """Until told to stop: a database that goes away ends procrastinate's worker, so another one is begun."""
    sender = pacers.sender
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=sender.runtime.settings.worker_concurrency + LOOKS))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_to_stop, stopping)
    looks = [
        asyncio.create_task(_for_ever(sender, sweep, SWEEP_EVERY, SWEEP_EVERY)),
        asyncio.create_task(_for_ever(sender, watch_rosters, ROSTERS_EVERY, ROSTERS_EVERY)),
        asyncio.create_task(_for_ever(sender, watch_attempts, LOOK_EVERY, LOOK_EVERY)),
        asyncio.create_task(_for_ever(sender, watch_provider, WATCH_EVERY, WATCH_EVERY)),
        asyncio.create_task(_for_ever(sender, watch_calls, CALLS_EVERY, CALLS_EVERY)),
        asyncio.create_task(_for_ever(sender, watch_rooms, ROOMS_EVERY, ROOMS_EVERY)),
        *(asyncio.create_task(_for_ever(sender, look, seconds, 0)) for look, seconds in more),
    ]
    while not stopping.is_set():
        try:
            await work_until(pacers, lifeline, stopping)
        except Exception:
            logger.exception("worker interrupted, beginning again")
        if not stopping.is_set():
            await asyncio.sleep(BEGIN_AGAIN_AFTER)
    for look in looks:
        look.cancel()
    logger.info("worker stopped")


def _begin_to_stop(stopping: asyncio.Event) -> None:
    if not stopping.is_set():
        stopping.set()
        last_resort = threading.Timer(END, _leave)
        last_resort.daemon = True
        last_resort.start()


def _leave(code: int = 0) -> None:
    """End the process now, whatever its threads wait for."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


async def work_until(pacers: Pacers, lifeline: Lifeline, stopping: asyncio.Event) -> None:
    """One procrastinate worker, to its own end or ours. When a job hangs then, the process ends.

    Its end is also when its id must not be used any more. procrastinate would not notice: it watches the tasks beside
    its jobs only until the first of them ends, and one ends at once when there are no periodic jobs.
    """
    sender = pacers.sender
    lifeline.begin_anew()
    app = build_worker(sender, lifeline, pacers)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=sender.runtime.settings.worker_concurrency,
                fetch_job_polling_interval=0.5,
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=WITHOUT_LOCK,
                shutdown_graceful_timeout=FINISH,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        stop = asyncio.create_task(stopping.wait())
        dead = asyncio.create_task(lifeline.until_dead())
        logger.info("worker started", concurrency=sender.runtime.settings.worker_concurrency)
        await asyncio.wait({worker, stop, dead}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        dead.cancel()
        pacers.close(0.0)  # nothing new is taken while jobs are finished
        worker.cancel()  # procrastinate's way to stop: what is under way is finished first
        await asyncio.wait({worker}, timeout=FINISH + BEAT)
        if not worker.done():
            await _give_to_others(lifeline, told=stopping.is_set())
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def _give_to_others(lifeline: Lifeline, told: bool) -> None:
    """Hand back and end the process: as a failure, unless we were told to stop, so that another one is started."""
    try:
        await asyncio.wait_for(lifeline.hand_back(), HAND_BACK)
        logger.warning("worker stopped; what it could not finish goes to others")
    except (psycopg.Error, OSError, TimeoutError):
        logger.exception("worker stopped, but could not hand back what it holds: others will find that it is gone")
    _leave(0 if told else 1)


async def _for_ever(sender: Sender, look: Look, seconds: float, first: float) -> None:
    """Take that look after `first` seconds, then every so many; one that fails is followed by the next."""
    await asyncio.sleep(first)
    told = ""
    while True:
        try:
            await asyncio.to_thread(look, sender)
            told = ""
        except Exception as error:
            if told != (told := type(error).__name__):  # once for as long as the database is away
                logger.exception("look failed", look=look.__name__)
        await asyncio.sleep(seconds)

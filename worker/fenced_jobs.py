"""procrastinate's access to its jobs, for workers that can be declared dead."""

import asyncio
import time
from datetime import datetime
from typing import Any, Final, LiteralString, Self

from procrastinate import PsycopgConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg import AsyncConnection, OperationalError

from core import log
from worker.liveness import Lifeline
from worker.pacer import Pacers
from worker.queue import END_JOB, RETRY_JOB

logger = log.get_logger(__name__)

# Seconds. Shorter than procrastinate waits for a connection before its worker ends and another one is begun.
PATIENCE: Final = 25.0
TRY_EVERY: Final = 0.5
# What is under way when a worker ends may take so long, seconds; what hangs for longer goes to others.
FINISH: Final = 8.0


class PatientConnection(AsyncConnection[Any]):
    """One that is tried for twice a second while the database is away: the pool's own attempts are ever further apart,
    and calls would wait for them once it is back."""

    @classmethod
    async def connect(cls, conninfo: str = "", **more: Any) -> Self:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await super().connect(conninfo, **more)
            except OperationalError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(TRY_EVERY)


class JobKeeper(JobManager):
    """Takes the lifeline's lock before a worker fetches its first job, and gives everything back at its end."""

    def __init__(self, connector: PsycopgConnector, lifeline: Lifeline, pacers: Pacers | None = None) -> None:
        super().__init__(connector)
        self._lifeline, self._pacers = lifeline, pacers

    async def register_worker(self) -> int:
        worker_id = await super().register_worker()
        await self._lifeline.hold(worker_id)
        if self._pacers is not None:
            self._pacers.open()
        return worker_id

    async def unregister_worker(self, worker_id: int) -> None:
        """All jobs are done. What pacers are asking the provider for is finished before others may look it up."""
        if self._pacers is not None:
            await asyncio.to_thread(self._pacers.close, FINISH)
        await self._lifeline.hand_back()

    async def update_heartbeat(self, worker_id: int) -> None:
        """The lifeline beats by itself, and tells when this worker must not go on."""

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Whoever is declared dead also gives back what they hold: that is the lifeline's own work."""
        return []

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self._put_down(job, END_JOB, status=status.value, delete_job=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._put_down(job, RETRY_JOB, at=retry_at, priority=priority, queue=queue, lock=lock)

    async def _put_down(self, job: Job, query: LiteralString, **values: Any) -> None:
        """A job whose end can't be put down would stay ours for as long as we live: then we begin anew."""
        try:
            done = await self.connector.execute_query_all_async(
                query=query, job_id=job.id, worker_id=job.worker_id, **values
            )
        except Exception:
            self._lifeline.give_up()
            raise
        if not done:
            logger.warning("the job is another worker's by now", job=job.task_name, job_id=job.id)

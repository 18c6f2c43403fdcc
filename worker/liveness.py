"""Which workers live. Each holds a lock in the database for as long as its process does, and beats beside it.

PostgreSQL frees the lock the moment a process dies. Whoever finds a worker silent and its lock free declares it dead:
its row goes, its jobs go back into the queue, and its claims count no more (`oncall/delivery/sender.py`). Lock, beats
and the look for the dead share one connection, so that who beats also holds the lock.
"""

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import Sequence
from typing import Final

import psycopg

from core import log
from core.locks import Lock
from worker import queue

BEAT: Final = 0.5
SWEEP_EVERY: Final = 1.0
# Silence after which a worker is dead, seconds: one whose lock is free; one that holds its lock, but is frozen (longer
# than it takes to ask the provider); one of a version that has no lock and beats every two seconds.
SILENT: Final = 1.5
FROZEN: Final = 30.0
WITHOUT_LOCK: Final = 6.0
# What has cut us off from the database may have cut off others: so long they have to come back, seconds.
CALM: Final = 3.0
# Longest time for one beat, a look for the dead included.
PATIENCE: Final = 5.0

# A machine that vanishes without a word is noticed by the database after three seconds, and its locks are freed.
_OPTIONS: Final = (
    "-c timezone=UTC -c statement_timeout=3000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=5000"
    " -c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2"
)
Connection = psycopg.AsyncConnection[tuple[object, ...]]
logger = log.get_logger(__name__)


class Lifeline:
    """The lock and the beats of one process, for one worker id after the other.

    `url`: PostgreSQL itself, or a pooler that keeps sessions.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.worker_id: int | None = None
        self._connection: Connection | None = None
        self._locked = False
        self._declared_dead = asyncio.Event()
        self._broke = False
        self._whole_since = -math.inf
        self._swept_at = -math.inf
        self._stop = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None

    async def hold(self, worker_id: int) -> None:
        """Take the lock of a worker that was registered just now and has fetched nothing yet, and begin to beat.

        Raises psycopg.Error.
        """
        await self._cut()
        self._connection = await self._connect()
        await self._lock(self._connection, worker_id)
        await self._connection.execute(queue.MARK, (worker_id, socket.gethostname(), os.getpid()))
        self.worker_id = worker_id
        self.begin_anew()
        self._stop.clear()
        self._beating = asyncio.create_task(self._beat_for_ever(worker_id))

    def give_up(self) -> None:
        """A job of this worker has an unknown state: only a new id lets others do it again."""
        if not self._declared_dead.is_set():
            logger.warning("the end of a job could not be put down: this worker begins anew", worker=self.worker_id)
            self._declared_dead.set()

    def begin_anew(self) -> None:
        """The next worker is another one."""
        self._declared_dead.clear()

    async def until_dead(self) -> None:
        """Wait until this worker id must not be used any more."""
        await self._declared_dead.wait()

    async def hand_back(self) -> None:
        """Let others have what this worker still holds; its lock is given up last. Raises psycopg.Error, OSError."""
        self._stop.set()
        if self._beating is not None:
            await self._beating
        try:
            if self.worker_id is not None:
                connection = self._connection or await self._connect()
                self._connection = connection
                async with connection.transaction():
                    await bury(connection, [self.worker_id])
        finally:
            await self._cut()

    async def _connect(self) -> Connection:
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=2, application_name="nightline worker", options=_OPTIONS
        )
        self._whole_since = time.monotonic() if self._broke else -math.inf
        return connection

    async def _lock(self, connection: Connection, worker_id: int) -> None:
        found = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (Lock.WORKER, _key(worker_id)))
        self._locked = await found.fetchone() == (True,)

    async def _cut(self) -> None:
        connection, self._connection = self._connection, None
        self._locked = False
        if connection is not None:
            self._broke = True
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.close()

    async def _beat_for_ever(self, worker_id: int) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), BEAT)
                return
            try:
                await asyncio.wait_for(self._beat(worker_id), PATIENCE)
            except (psycopg.Error, OSError, TimeoutError) as error:
                if self._connection is not None:
                    logger.warning("lifeline interrupted", worker=worker_id, reason=type(error).__name__)
                if self._connection is None or self._connection.closed or isinstance(error, TimeoutError):
                    await self._cut()

    async def _beat(self, worker_id: int) -> None:
        """Say that we live, with the lock in hand; the connection is made anew if need be."""
        if self._connection is None:
            self._connection = await self._connect()
        if not self._locked:  # our own lost connection may still have it, until the database notices
            await self._lock(self._connection, worker_id)
        found = await self._connection.execute(queue.SAY_ALIVE, (worker_id,))
        if await found.fetchone() is None and not self._declared_dead.is_set():
            logger.error("this worker was declared dead and begins anew", worker=worker_id)
            self._declared_dead.set()
        now = time.monotonic()
        if now - self._swept_at >= SWEEP_EVERY - BEAT / 2 and now - self._whole_since >= CALM:
            self._swept_at = now
            await sweep(self._connection, worker_id)


async def sweep(connection: Connection, worker_id: int) -> list[object]:
    """Declare the dead dead, unless another worker is doing so at this moment; their ids.

    `worker_id`: who asks, and is not dead. The connection commits by itself.
    """
    async with connection.transaction():
        if not await _try(connection, Lock.SWEEP, 0):
            return []
        found = await connection.execute(queue.SILENT_WORKERS, (worker_id, SILENT, CALM))
        dead = [
            one for one, has_lock, seconds in await found.fetchall() if await _dead(connection, one, has_lock, seconds)
        ]
        if dead:
            await bury(connection, dead)
            logger.warning("dead workers: what they held goes to others", workers=dead)
    return dead


async def _dead(connection: Connection, worker_id: object, has_lock: object, seconds: object) -> bool:
    """Whether a worker that has been silent for so long is dead. Its free lock is taken, so that it stays so."""
    assert isinstance(worker_id, int) and isinstance(seconds, float)  # noqa: S101, PT018 - columns of ours
    if not has_lock:
        return seconds > WITHOUT_LOCK
    return seconds > FROZEN or await _try(connection, Lock.WORKER, _key(worker_id))


async def bury(connection: Connection, workers: Sequence[object]) -> None:
    """Give back what these workers hold, in one transaction: their jobs, their claims, their places."""
    await connection.execute(queue.LAY_OUT, (list(workers),))
    back = await connection.execute(queue.GIVE_BACK, (list(workers),))
    if await back.fetchall():
        await connection.execute(queue.TELL_WORKERS)
    for statement in queue.FORGET:
        await connection.execute(statement, (list(workers),))


async def _try(connection: Connection, space: int, key: int) -> bool:
    found = await connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (space, key))
    return await found.fetchone() == (True,)


def _key(worker_id: int) -> int:
    """Ids are longer than a lock's key; two workers who share one are two thousand million workers apart."""
    return worker_id % 2**31

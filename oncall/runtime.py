"""What a process of the gateway holds (settings, database, clock), and what a use case is given of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import log
from core.clock import Clock, SharedClock, ShiftedClock
from core.db import PATIENT, Database, Patience, database_url
from core.settings import Settings
from oncall.models.stored_settings import clock_shift
from oncall.shared_clock import CommonStart

logger = log.get_logger(__name__)

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Runtime:
    """Made once a process and handed to whoever needs it."""

    settings: Settings
    database: Database
    clock: Clock

    @contextmanager
    def work(self) -> Iterator["Work"]:
        """A transaction and its instant; committed at the end, and given back when an exception ends it."""
        now = self.clock.now()
        with self.database.transaction() as session:
            yield Work(session, self, now)


@dataclass(frozen=True)
class Work:
    """What a use case is given: the transaction (whoever has opened it commits it), the process, and its instant."""

    session: Session
    runtime: Runtime
    now: datetime


class HasRuntime(Protocol):
    """Whatever a process hands to its jobs."""

    @property
    def runtime(self) -> Runtime:
        """The process's own."""


def in_transaction(
    function: Callable[Concatenate[Work, Arguments], None],
) -> Callable[Concatenate[HasRuntime, Arguments], None]:
    """For jobs that only read and write the database: each run is one transaction."""

    @wraps(function)
    def run(holder: HasRuntime, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        with holder.runtime.work() as work:
            function(work, *args, **kwargs)

    return run


def build_runtime(settings: Settings, pool_size: int = 24, patience: Patience = PATIENT) -> Runtime:
    """Connect (starting the embedded PostgreSQL if need be) and choose the clock.

    CLOCK_START shifts all processes alike. While the simulator is the telephone network, a pretended time that was set
    by hand goes before it.
    """
    database = Database(database_url(settings), pool_size, patience)
    clock: Clock = ShiftedClock()
    if settings.clock_start is not None:
        clock = _started_together(database, settings.clock_start)
    return Runtime(settings, database, _shared(database, clock) if settings.simulated else clock)


def _started_together(database: Database, start: datetime) -> Clock:
    common = CommonStart(Database(database.url, pool_size=1), start)
    common.shift()  # now, as the first to start decides
    return SharedClock(common.shift, ShiftedClock())


def _shared(database: Database, otherwise: Clock) -> Clock:
    """The pretended time of all processes, read over a connection of its own.

    The clock is asked inside transactions: from the same pool, busy threads would wait for each other's connections.
    """
    return SharedClock(_StoredShift(Database(database.url, pool_size=1, outlook=database.outlook)).read, otherwise)


class _StoredShift:
    """The distance that was set last; while the database is away, the one that was read last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: timedelta | None = None

    def read(self) -> timedelta | None:
        try:
            with self._database.transaction() as session:
                self._known = clock_shift(session)
        except OperationalError as error:
            logger.warning("the pretended time could not be read", reason=type(error.orig).__name__)
        return self._known

"""What a process of the gateway holds: settings, database, clock."""

from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock, SharedClock, ShiftedClock
from core.db import PATIENT, Database, Patience, database_url
from core.settings import Settings
from oncall.setting import clock_shift


@dataclass(frozen=True)
class Runtime:
    """Made once a process and handed to whoever needs it."""

    settings: Settings
    database: Database
    clock: Clock


def build_runtime(settings: Settings, pool_size: int = 24, patience: Patience = PATIENT) -> Runtime:
    """Connect (starting the embedded PostgreSQL if need be) and choose the clock.

    While the simulator is the telephone network, all processes share a pretended time that lives in the database;
    else CLOCK_START shifts this process alone.
    """
    database = Database(database_url(settings), pool_size, patience)
    own = ShiftedClock.starting_at(settings.clock_start)
    return Runtime(settings, database, _shared(database, own) if settings.simulated else own)


def _shared(database: Database, own: Clock) -> Clock:
    """The pretended time of all processes, read over a connection of its own.

    The clock is asked inside transactions: from the same pool, busy threads would wait for each other's connections.
    """
    watch = Database(database.url, pool_size=1)
    return SharedClock(lambda: _stored_shift(watch), own)


def _stored_shift(database: Database) -> timedelta | None:
    with database.transaction() as session:
        return clock_shift(session)

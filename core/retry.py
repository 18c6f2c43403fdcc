"""Working with a database that may falter, inside the time that somebody waits: a caller, or a technician at a page.

Twilio waits 15 s for an answer, connecting included. So a webhook waits less for a lock than the background work does,
and what failed only because a connection had died or two transactions had met is done again at once.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core import log
from core.database_monitor import AwayError
from core.db import Patience

T = TypeVar("T")
logger = log.get_logger(__name__)

# Early enough for an apology to be heard.
HURRIED: Final = Patience(lock_ms=3000, statement_ms=5000, idle_ms=60_000)
# Each pool of connections that died with a restarted server costs one try.
MOST_TRIES: Final = 3
# What failed later than this is not tried again in the same request, seconds.
QUICK: Final = 2.0
# A database that is there but takes no more connections is asked again after this, seconds: others give theirs back.
CROWDED: Final = 0.1

# PostgreSQL: serialization failure, deadlock, a row that another transaction has just made. This one was rolled back
# and may simply begin again.
_COLLISIONS = {"40001", "40P01", "23505"}
# A server that takes no changes, as one that is a standby until it has taken over.
_READ_ONLY: Final = "25006"
# What was asked exceeds what the server can ever do.
_TOO_MUCH: Final = "54"


def persistently(action: Callable[[], T]) -> T:
    """Do `action` (a transaction of its own), and again if it got no connection, or a dead one, or met another one.

    A commit whose answer was lost may have been carried out: `action` must be safe to repeat.
    """
    begun, tries = time.monotonic(), 0
    while True:
        try:
            return action()
        except DBAPIError as error:
            crowded = _got_no_connection(error)
            tries += not crowded
            if tries >= MOST_TRIES or not (crowded or _passing(error)) or time.monotonic() - begun > QUICK:
                raise
            logger.warning("beginning again", error=str(error.orig).strip().partition("\n")[0])
            if crowded:
                time.sleep(CROWDED)


def _got_no_connection(error: DBAPIError) -> bool:
    """Whether the database refused to be connected to, but is known to be there (`AwayError` says it is not)."""
    if error.connection_invalidated or isinstance(error.orig, AwayError):
        return False
    return isinstance(error, OperationalError) and error.statement is None


def is_passing(error: Exception) -> bool:
    """Whether the same may succeed later: the database is away, busy, or a standby, whatever was asked of it."""
    if isinstance(error, InterfaceError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith(_TOO_MUCH):
        return False
    return error.connection_invalidated or isinstance(error, OperationalError) or state == _READ_ONLY


def _passing(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _COLLISIONS

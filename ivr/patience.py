"""Working with a database that may falter, inside the time that the provider grants a webhook.

Twilio waits 15 s for an answer, connecting included. So a webhook waits less for a lock than the background work does,
and what failed only because a connection had died or two transactions had met is done again at once.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

from core import log
from core.db import Patience

T = TypeVar("T")
logger = log.get_logger(__name__)

# Early enough for an apology to be heard.
HURRIED: Final = Patience(lock_ms=3000, statement_ms=5000)
# Each pool of connections that died with a restarted server costs one try.
MOST_TRIES: Final = 3
# What failed later than this is not tried again in the same request, seconds.
QUICK: Final = 2.0

# PostgreSQL: serialization failure, deadlock, a row that another transaction has just made. This one was rolled back
# and may simply begin again.
_COLLISIONS = {"40001", "40P01", "23505"}


def persistently(action: Callable[[], T]) -> T:
    """Do `action` (a transaction of its own), and again if its connection had died or it met another transaction.

    A commit whose answer was lost may have been carried out: `action` must be safe to repeat.
    """
    begun = time.monotonic()
    for _ in range(MOST_TRIES - 1):
        try:
            return action()
        except DBAPIError as error:
            if not _passing(error) or time.monotonic() - begun > QUICK:
                raise
            logger.warning("beginning again", error=str(error.orig).strip().partition("\n")[0])
    return action()


def _passing(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _COLLISIONS

"""Advisory locks of the database that are waited for with a limit."""

from typing import Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

_TRY: Final = text("SELECT pg_try_advisory_xact_lock(:kind, hashtext(:what))")
_WAIT: Final = text("SELECT pg_advisory_xact_lock(:kind, hashtext(:what))")


def lock(session: Session, kind: int, what: str, longest_wait_ms: int) -> bool:
    """Take a lock until the end of the transaction; False when it stays taken for longer than that.

    `kind`: the first half of its key, `what` is hashed into the second.
    """
    key = {"kind": kind, "what": what}
    if session.scalar(_TRY, key):
        return True
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL lock_timeout = {int(longest_wait_ms)}"))
            session.execute(_WAIT, key)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True

"""Advisory locks of the database: the number of each, and waiting for one with a limit."""

from enum import IntEnum, unique
from typing import Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

_TRY: Final = text("SELECT pg_try_advisory_xact_lock(:kind, hashtext(:what))")
_WAIT: Final = text("SELECT pg_advisory_xact_lock(:kind, hashtext(:what))")


@unique
class Lock(IntEnum):
    """Every advisory lock. Numbers stay: versions that run side by side during a change must exclude each other.

    One that did not says what excludes them instead.
    """

    # One at a time upgrades the schema.
    MIGRATION = 7_215_001
    PRETENDED_TIME = 7_215_002
    # Held while a process joins the shared start of the clock, so that of two that start at once only one sets it.
    SHARED_CLOCK = 7_215_003
    # One at a time makes the demo's month of tickets.
    DEMO_MONTH = 7_215_017
    # Held by whoever changes any roster: gaps depend on all of them, and changes are rare.
    ROSTER_CHANGE = 7_215_004
    # Held by whoever counts a try to sign in.
    SIGN_IN = 7_215_201
    # Looks by the clock that one worker at a time takes.
    HANDOFF_NOTICES = 7_215_005
    NIGHTLY_GAPS = 7_215_006
    DRILLS = 7_215_007
    OTHER_CHANNELS = 7_215_014
    # Moved from 7_215_013, which REPLY_CODE has as well. A process from before the move is not kept out by it: that no
    # outage begins twice, and nobody is told of it twice, is then held by the unique index of open outages and by the
    # keys of messages.
    PROVIDER_OUTAGE = 7_215_016
    # First half of a key in two parts; the second is the worker's id.
    WORKER = 7_215_011
    SWEEP = 7_215_012
    # The same with the digits of the code, and with the person's id.
    REPLY_CODE = 7_215_013
    BUNDLING = 7_215_015
    # The same with a hash of whom or what it is about (`lock`).
    PIN_BUCKET = 7_215_101
    PIN_POOL = 7_215_102
    TEXT_SENDER = 7_215_301
    TEXT_ALL = 7_215_302


def lock(session: Session, kind: Lock, what: str, longest_wait_ms: int) -> bool:
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

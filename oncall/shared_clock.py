"""CLOCK_START as one hour for all: the first process to start sets it, those that join later take it over.

Web and worker never start in the same second. Each with a start of its own, one would put down ends of conversations
that lie before their beginnings. When all have stopped, the next one to start begins at CLOCK_START again.
"""

import time
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from core.db import APPLICATION, Database
from core.locks import Lock
from oncall.models.stored_settings import read, write

logger = log.get_logger(__name__)

_JOINING: Final = "nightline starting"
# A database that does not answer is left alone for so long: the clock is asked by every request.
_PAUSE_SECONDS: Final = 30.0


class CommonStart:
    """Finds the distance to real time once, and keeps it."""

    def __init__(self, database: Database, instant: datetime) -> None:
        """`database`: its connections are this object's alone; one is kept open as a sign of life."""
        self._database = database
        self._instant = instant
        self._own = instant - real_now()
        self._joined: timedelta | None = None
        self._ask_from = 0.0

    def shift(self) -> timedelta:
        """The common distance; this process's own as long as the database is away or not prepared."""
        if self._joined is None and time.monotonic() >= self._ask_from:
            try:
                with self._database.transaction() as session:
                    self._joined = self._join(session)
            except ProgrammingError:
                logger.debug("the pretended start is not shared yet: the database is not prepared")
            except SQLAlchemyError as error:
                self._ask_from = time.monotonic() + _PAUSE_SECONDS
                logger.warning("the pretended start is not shared yet", reason=type(error).__name__)
        return self._own if self._joined is None else self._joined

    def _join(self, session: Session) -> timedelta:
        connection = session.connection()
        _call(connection, _JOINING)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.SHARED_CLOCK})
        name = f"clock_start {self._instant.isoformat()}"
        stored = read(session, name)
        if stored is None or not _others_run(session):
            write(session, name, self._own.total_seconds())
            stored = self._own.total_seconds()
        _call(connection, APPLICATION)
        return timedelta(seconds=stored)


def _call(connection: Connection, name: str) -> None:
    """What this connection is called in the database's list of them."""
    connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})


def _others_run(session: Session) -> bool:
    """Whether a process that has joined before, and so knows the common start, holds a connection."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = :name AND pid <> pg_backend_pid())"
    )
    return bool(session.scalar(query, {"name": APPLICATION}))

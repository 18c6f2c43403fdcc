"""Creating and upgrading the schema: our tables by Alembic, the background work's by procrastinate's own script."""

import time
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError

from core import log
from core.jobs import QUEUED
from core.locks import Lock

logger = log.get_logger(__name__)

# Whoever wants a table that is being changed stands behind the change, and that behind the longest transaction under
# way: so a change waits for a table no longer than this, then lets all others pass and begins again.
LOCK_WAIT = "2s"
_TRIES = 40
_REST_SECONDS = 1.0
# PostgreSQL: a lock not got in time, and a deadlock.
_IN_THE_WAY = {"55P03", "40P01"}


def alembic_config() -> Config:
    """Alembic's configuration without an ini file; migrations stand beside the program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parent.parent / "migrations"))
    return config


def upgrade(engine: Engine) -> str:
    """Bring the schema to its newest version while the service goes on; the version it has then.

    Raises OperationalError when somebody keeps a table for a minute or two: then nothing was changed.
    """
    tries = 0
    while True:
        try:
            return _upgrade(engine)
        except OperationalError as error:
            tries += 1
            if tries == _TRIES or getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
            logger.warning("a table is in use, beginning again", reason=type(error.orig).__name__)
            time.sleep(_REST_SECONDS)


def _upgrade(engine: Engine) -> str:
    config = alembic_config()
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": Lock.MIGRATION})
        if connection.scalar(select(func.to_regclass(QUEUED.name))) is None:
            script = (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")
            connection.exec_driver_sql(script.replace("%", "%%"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return MigrationContext.configure(connection).get_current_revision() or ""

"""Creating and upgrading the schema: our tables by Alembic, the background work's by procrastinate's own script."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

# Held while migrating, so that two processes that start together take turns.
_MIGRATION_LOCK = 7_215_001


def alembic_config() -> Config:
    """Alembic's configuration without an ini file; migrations stand beside the program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parent.parent / "migrations"))
    return config


def upgrade(engine: Engine) -> str:
    """Bring the schema to its newest version; the version it has then."""
    config = alembic_config()
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
            script = (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")
            connection.exec_driver_sql(script.replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return MigrationContext.configure(connection).get_current_revision() or ""

"""Alembic's entry: takes the connection from `flask init`, or the environment's database when run by hand."""

from alembic import context
from sqlalchemy import Connection

from core.db import Database, database_url
from core.settings import load_settings
from oncall.models import metadata


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    """procrastinate's tables are made by its own scripts; autogenerate must not want them away."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, include_name=_ours, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with Database(database_url(load_settings())).engine.begin() as own:
        _migrate(own)

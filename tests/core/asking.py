"""The least that a database can be asked."""

from sqlalchemy import text

from core.db import Database


def ping(database: Database) -> None:
    """Raises SQLAlchemyError when the database doesn't answer."""
    with database.engine.connect() as connection:
        connection.execute(text("select 1"))

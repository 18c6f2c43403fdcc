"""The rows of a directory, to be put back instead of loaded anew: hashing its PINs takes longer than a short call."""

from sqlalchemy import Connection, Table, exists, func, select
from sqlalchemy.orm import Session

from core.db import Base
from oncall import models  # noqa: F401 - all tables have to be known

# Where the copies stand: wiping looks at the schema `public` alone.
_SCHEMA = "kept"


class DirectoryCopy:
    """What was written to empty tables in one transaction."""

    def __init__(self, session: Session, name: str) -> None:
        """To be made before anything is written. `name`: part of the copies' names."""
        self._session, self._name = session, name
        self._filled = set(_filled(session.connection()))
        self._restore = ""

    def keep(self) -> None:
        """Copy all rows of tables that were empty before."""
        connection = self._session.connection()
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
        for table in _filled(connection):
            if table not in self._filled:
                copy = f"{_SCHEMA}.{self._name}_{table.name}"
                names = ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {copy}")  # of a gateway before us
                connection.exec_driver_sql(f"CREATE TABLE {copy} AS TABLE {table.name}")
                insert = f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE"
                self._restore += f"{insert} SELECT {names} FROM {copy};"  # noqa: S608 - our own names

    def restore(self, session: Session) -> None:
        """Put them back; the tables must be empty. Triggers see rows that come, as they do when a file is loaded."""
        session.connection().exec_driver_sql(self._restore)


def _filled(connection: Connection) -> list[Table]:
    """Tables with rows, each after those that it refers to."""
    found = Base.metadata.sorted_tables
    marks = [select(exists(select(1).select_from(table))).scalar_subquery() for table in found]
    full = connection.execute(select(func.json_build_array(*marks))).scalar_one()
    return [table for table, is_full in zip(found, full, strict=True) if is_full]

"""The rows of a directory, to be put back instead of loaded anew: hashing its PINs takes longer than a short call."""

from dataclasses import dataclass

from psycopg import Connection as Driver
from psycopg import sql
from sqlalchemy import Connection, Table, exists, func, select, text
from sqlalchemy.orm import Session

from core.db import Base
from oncall import models  # noqa: F401 - all tables have to be known

_NUMBERED = text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")


@dataclass(frozen=True)
class DirectoryCopy:
    """What was written to empty tables: rows, each table after those that it refers to, and the numbers given out."""

    rows: tuple[tuple[Table, bytes], ...]
    numbered: tuple[tuple[str, int], ...]

    def restore(self, session: Session, numbers: bool = False) -> None:
        """Put the rows back; their tables must be empty. Triggers see rows that come, as they do when a file is loaded.

        `numbers`: also let the next rows be numbered as they would be after the load.
        """
        connection = session.connection()
        for table, content in self.rows:
            with _driver(connection).cursor().copy(_statement(table, "FROM STDIN")) as copy:
                copy.write(content)
        for name, last in self.numbered if numbers else ():
            connection.execute(select(func.setval(name, last)))


class Copier:
    """Copies what is written from here on."""

    def __init__(self, session: Session) -> None:
        """To be made before anything is written."""
        self._connection = session.connection()
        self._filled = set(_filled(self._connection))
        self._numbered = set(_numbered(self._connection))

    def copied(self) -> DirectoryCopy:
        """All rows of tables that were empty before."""
        tables = [table for table in _filled(self._connection) if table not in self._filled]
        numbered = [each for each in _numbered(self._connection) if each not in self._numbered]
        return DirectoryCopy(tuple((table, _content(self._connection, table)) for table in tables), tuple(numbered))


def _content(connection: Connection, table: Table) -> bytes:
    with _driver(connection).cursor().copy(_statement(table, "TO STDOUT")) as copy:
        return b"".join(bytes(each) for each in copy)


def _statement(table: Table, direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns if column.computed is None)
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table.name), names, sql.SQL(direction))


def _driver(connection: Connection) -> Driver:
    driver = connection.connection.driver_connection
    assert isinstance(driver, Driver)
    return driver


def _numbered(connection: Connection) -> list[tuple[str, int]]:
    return [(name, last) for name, last in connection.execute(_NUMBERED) if last is not None]


def _filled(connection: Connection) -> list[Table]:
    """Tables with rows, each after those that it refers to."""
    found = Base.metadata.sorted_tables
    marks = [select(exists(select(1).select_from(table))).scalar_subquery() for table in found]
    full = connection.execute(select(func.json_build_array(*marks))).scalar_one()
    return [table for table, is_full in zip(found, full, strict=True) if is_full]

"""The rows of a demo's database as they were at its start, put back wherever a test has changed something.

Only tables that differ are written, and those that refer to them: the database's own triggers then tell web and worker
what has changed, and nothing else is read anew. Sequences go on: a late report of a call that an earlier test made must
not meet the row of another one.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from sqlalchemy import Table

from core.db import Base
from oncall import models  # noqa: F401 - all tables have to be known

# What running processes hold, and what the database writes by itself.
_THEIRS: Final = {"setting", "worker_lock", "send_rate"}
_TABLES: Final = [table for table in Base.metadata.sorted_tables if table.name not in _THEIRS]
# But for the paging times, which stand there too.
_PAGING: Final = """
UPDATE setting SET value = kept.value
FROM (SELECT coalesce((SELECT value FROM kept.setting WHERE name = 'paging'), '{}') AS value) kept
WHERE name = 'paging' AND setting.value <> kept.value
"""
_JOBS: Final = "procrastinate_jobs"
_TRIES: Final = 100
# Tests throw their data away: no write waits for the disk.
_FAST: Final = ("fsync", "synchronous_commit", "full_page_writes")


class KeptRows:
    """`address`: of the database, as psycopg takes it."""

    def __init__(self, address: str) -> None:
        """Copies all rows. Raises AssertionError when the database is never at rest."""
        self._connection = psycopg.connect(address, autocommit=True)
        for name in _FAST:
            self._run(f"ALTER SYSTEM SET {name} = off")
        self._run("SELECT pg_reload_conf()")
        self._run("SET lock_timeout = '500ms'")
        self._run("CREATE SCHEMA kept")
        with self._connection.transaction():
            self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for table in _TABLES:
                self._run(f"CREATE TABLE kept.{table.name} AS TABLE public.{table.name}")
            self._run("CREATE TABLE kept.setting AS TABLE public.setting")
            self._marks = self._look()

    def restore(self) -> None:
        """Put back what differs. Raises AssertionError when the database is never at rest."""
        for _ in range(_TRIES):
            with self._stepping_back():
                self._run(_PAGING)
                self._run(f"DELETE FROM public.{_JOBS}")  # noqa: S608 - our own name
            changed = {name for name, mark in self._look().items() if mark != self._marks[name]}
            if not changed:
                return
            with self._stepping_back(), self._connection.transaction():
                self._write(changed)
        raise AssertionError(f"the demo's database is never at rest: {changed}")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _stepping_back(self) -> Iterator[None]:
        """Two that wait for each other would never end; and a worker may add to what is being deleted."""
        stepped_on = (
            psycopg.errors.LockNotAvailable,
            psycopg.errors.DeadlockDetected,
            psycopg.errors.ForeignKeyViolation,
        )
        with suppress(*stepped_on):
            yield

    def _look(self) -> dict[str, str]:
        """A mark of what is in each table."""
        marks = [
            f"(SELECT coalesce(md5(string_agg(row::text, ' ' ORDER BY row::text)), '') FROM public.{name} row)"  # noqa: S608
            for name in self._names()
        ]
        [[found]] = self._connection.execute(f"SELECT ARRAY[{', '.join(marks)}]".encode()).fetchall()
        return dict(zip(self._names(), found, strict=True))

    @staticmethod
    def _names() -> list[str]:
        return [table.name for table in _TABLES]

    def _write(self, changed: set[str]) -> None:
        concerned = _with_dependents(changed)
        for table in reversed(concerned):
            self._run(f"DELETE FROM public.{table.name}")  # noqa: S608
        for table in concerned:
            if self._marks[table.name]:
                self._insert(table)

    def _insert(self, table: Table) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)
        insert = f"INSERT INTO public.{table.name} ({names}) OVERRIDING SYSTEM VALUE"
        self._run(f"{insert} SELECT {names} FROM kept.{table.name}")  # noqa: S608 - our own names

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())


def _with_dependents(names: set[str]) -> list[Table]:
    """These tables and all that refer to them, each after those that it refers to."""
    found: list[Table] = []
    for table in _TABLES:
        known = {each.name for each in found}
        if table.name in names or any(key.column.table.name in known for key in table.foreign_keys):
            found.append(table)
    return found

"""A release that counts all days is not gone back to while a rotation counts others: it would ring other people."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import text

from core.clock import real_now
from core.db import Database
from core.schema import alembic_config, upgrade
from oncall.planning.drafts import changing
from oncall.planning.editing import Author
from tests.calls.people import DIRECTORY
from tests.test_migrations import load

COUNTED = "UPDATE roster_rotation SET count = 'active' WHERE id = (SELECT min(id) FROM roster_rotation)"
PLANNED = """UPDATE roster_draft SET plan = jsonb_set(plan, '{layers,0,rotations,0,count}', '"active"')"""
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'roster_rotation'"


@pytest.fixture
def loaded(database: Database) -> Iterator[Database]:
    """With one open draft."""
    load(database, DIRECTORY)
    with database.transaction() as session:
        changing.begin(session, Author("Mara Manager", real_now()), 1, "Summer plan")
    yield database
    upgrade(database.engine)


def go_down(database: Database) -> None:
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0022")


def run(database: Database, statement: str) -> list[str]:
    with database.engine.begin() as connection:
        found = connection.execute(text(statement))
        return [str(row[0]) for row in found] if found.returns_rows else []


@pytest.mark.parametrize(("statement", "where"), [(COUNTED, "layer first"), (PLANNED, "draft Summer plan")])
def test_it_is_refused_and_says_where(loaded: Database, statement: str, where: str) -> None:
    run(loaded, statement)
    with pytest.raises(RuntimeError, match=f"Nothing was changed.*other people. These do: .*, {where}. Let them count"):
        go_down(loaded)
    assert "count" in run(loaded, COLUMNS)


def test_without_them_it_goes_down_and_up(loaded: Database) -> None:
    """A draft that is closed is history: nobody is rung by it any more."""
    run(loaded, PLANNED)
    run(loaded, "UPDATE roster_draft SET state = 'discarded', closed_by = 'Mara', closed_at = now()")
    go_down(loaded)
    assert "count" not in run(loaded, COLUMNS)
    upgrade(loaded.engine)
    assert set(run(loaded, "SELECT count FROM roster_rotation")) == {"all"}

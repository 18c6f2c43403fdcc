"""A switchboard with the drill's shift on it."""

from pathlib import Path

import pytest

from core.db import Database
from oncall.drills.beginning import watch_drills
from oncall.models.stored_settings import PAGING, write
from tests.calls.drills.board import PIN_KEY, Board, Look
from tests.calls.drills.desk import DRILL, DRILLED
from tests.loading import load_directory


@pytest.fixture
def board(database: Database, tmp_path: Path) -> Board:
    with database.transaction() as session:
        load_directory(session, DRILLED, DRILL, PIN_KEY)
        write(session, PAGING, {"drill": "02:00"})
    (tmp_path / "pin_key").write_bytes(PIN_KEY)
    return Board(database, tmp_path, DRILL, late=False)


@pytest.fixture
def look(board: Board) -> Look:
    """What a worker does each minute, and the jobs of that."""

    def look_now() -> None:
        with board.runtime.database.transaction() as session:
            watch_drills(session, board.clock.now())
        board.pass_time(0)

    return look_now

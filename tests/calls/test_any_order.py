"""Status callbacks in any order, late and repeated leave the same rows as in order: a property of many nights."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bench.emptying import empty_all_but
from core.db import Database
from oncall.models.tickets import Intervention
from tests.calls.people import ACME, ACME_PIN, BRUNO, DIRECTORY
from tests.calls.rows import Rows, rows_of
from tests.calls.switchboard import Delays, Plan, Switchboard, by_plan, in_order
from tests.conftest import SUNDAY_NIGHT
from tests.loading import load_directory

EXAMPLES = 30
REPORTS = 40
LATEST = 12
PIN_KEY = b"a-pin-key-for-tests-0123456789"

# Everything that has happened; the directory stays.
_DIRECTORY = (
    "customer",
    "customer_phone",
    "person",
    "region",
    "contract",
    "pin",
    "product",
    "roster",
    "roster_layer",
    "roster_rotation",
    "roster_turn",
    "setting",
    "alembic_version",
)
_FORGET = text(empty_all_but(_DIRECTORY) + "SELECT setval('ticket_number', 1042, false)")

# For each report: how many moments late, and in which place among those of its moment; again for each repetition.
DELIVERIES = st.lists(st.tuples(st.integers(0, LATEST), st.integers(0, 9)), min_size=1, max_size=2)
PLANS = st.lists(DELIVERIES, min_size=REPORTS, max_size=REPORTS)


def night(board: Switchboard) -> None:
    """Ada does not answer, Bruno does; they talk, the caller's line breaks, Bruno calls back, they talk again."""
    acme = board.dial(ACME)
    acme.press(ACME_PIN)
    acme.press("1")
    acme.press("1")
    board.pass_time(5)
    acme.speak(f"RE{1:032x}", 12)
    board.pass_time(45)
    acme.wait()
    board.pass_time(5)
    bruno = board.pick_up(BRUNO)
    bruno.press("1")
    board.pass_time(3)
    assert acme.room is not None
    board.pass_time(120)
    board.hang_up_phone(acme)
    board.pass_time(3)
    assert "no longer on the line" in bruno.words
    bruno.press("1")
    board.pass_time(4)
    back = board.pick_up(ACME)
    board.pass_time(60)
    board.hang_up_phone(back)
    board.pass_time(3)
    bruno.press("3")
    board.finish()


@pytest.fixture
def desk(database: Database) -> Database:
    """The database with the directory loaded and the paging times that ship."""
    with database.transaction() as session:
        load_directory(session, DIRECTORY, SUNDAY_NIGHT, PIN_KEY)
    return database


def board_on(database: Database, folder: Path, late: bool) -> Switchboard:
    (folder / "pin_key").write_bytes(PIN_KEY)
    return Switchboard(database, folder, SUNDAY_NIGHT, late=late)


@dataclass
class Night:
    """What a night has left: rows, and when the interventions began and ended."""

    rows: Rows
    times: list[tuple[datetime, datetime | None]]


def play(board: Switchboard, delays: Delays) -> Night:
    """A night in an empty database."""
    database = board.runtime.database
    with database.engine.begin() as connection:
        connection.execute(_FORGET)
    board.begin(delays)
    night(board)
    with database.transaction() as session:
        worked = session.query(Intervention).order_by(Intervention.id)
        times = [(row.started_at, row.ended_at) for row in worked]
    return Night(rows_of(database), times)


def test_in_order_a_night_leaves_what_it_should(desk: Database, tmp_path: Path) -> None:
    board = board_on(desk, tmp_path, late=True)
    left = play(board, in_order)
    assert 30 < board.reports <= REPORTS
    assert [row[-1] for row in left.rows["Attempt"]] == ["no answer", "accepted"]
    assert {row[:2] for row in left.rows["Intervention"]} == {("Bruno Verdi", "call"), ("Bruno Verdi", "call back")}
    assert [(end - start).total_seconds() for start, end in left.times if end] == pytest.approx([120, 60], abs=6)
    assert {row[4] for row in left.rows["Message"]} == {"delivered", "sent"}
    assert {row[4] for row in left.rows["PhoneCall"]} == {"ended"}


def _seconds(night: Night) -> list[float]:
    """All beginnings and ends in order."""
    return [at.timestamp() for begin, end in night.times for at in (begin, end) if at is not None]


@pytest.mark.parametrize("late", [True, False], ids=["with old stamps", "with fresh stamps"])
def test_any_order_leaves_the_same_rows(desk: Database, tmp_path: Path, late: bool) -> None:
    board = board_on(desk, tmp_path, late)
    expected = play(board, in_order)

    @settings(max_examples=EXAMPLES // 2, deadline=None, database=None)
    @given(plan=PLANS)
    def holds(plan: Plan) -> None:
        left = play(board, by_plan(plan))
        assert left.rows == expected.rows
        if late:  # then the provider's own times count, not those of arrival, as exactly as whole seconds can tell them
            assert _seconds(left) == pytest.approx(_seconds(expected), abs=1)

    holds()

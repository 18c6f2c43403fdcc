"""Hours on call per person, against an even share."""

import csv
import io
from datetime import timedelta

import pytest

from oncall.planning.editing import Author
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.views.figures import as_csv, figures
from oncall.rosters.errors import GoneError
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, WEEK, Desk, span
from tests.oncall.planning.in_force import add_override


def test_hours_and_balance(desk: Desk, manager: Author) -> None:
    """Two weeks, one each, of which Carla covers Ada's Saturday from 18:00 to 24:00."""
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(5 * DAY, 6 * HOUR), desk.people["Carla"]))
        found = {each.name: each for each in figures(session, desk.roster_id, HANDOFF, HANDOFF + 2 * WEEK)}
    assert list(found) == ["Ada Rossi", "Bruno Verdi", "Carla Neri"]
    ada, bruno, carla = found.values()
    assert carla.shares.saturdays == carla.shares.total == 6 * HOUR
    # Monday 18:00 to Monday 18:00; Tuesday 2 June is a holiday, Saturday lacks what Carla covers.
    assert (ada.shares.holidays, ada.shares.saturdays, ada.shares.sundays) == (DAY, 18 * HOUR, DAY)
    # 18 to 22 on Monday, 6 to 22 on Wednesday to Friday, 6 to 18 on Monday.
    assert ada.shares.days == (4 + 3 * 16 + 12) * HOUR
    assert bruno.shares.total == WEEK
    assert ada.shares.total == WEEK - 6 * HOUR
    assert carla.balance == 6 * HOUR - 2 * WEEK / 3
    assert sum((each.balance for each in found.values()), timedelta(0)) == timedelta(0)


def test_the_table_for_payroll(desk: Desk) -> None:
    with desk.database.transaction() as session:
        desk.person(session, "Ada").name = "=HYPERLINK(1) Ada"
        session.flush()
        lines = list(csv.reader(io.StringIO(as_csv(figures(session, desk.roster_id, HANDOFF, HANDOFF + WEEK)))))
    assert lines[0] == ["person", "days", "nights", "saturdays", "sundays", "holidays", "total", "balance"]
    assert lines[1:] == [
        ["'=HYPERLINK(1) Ada", "64.00", "32.00", "24.00", "24.00", "24.00", "168.00", "84.00"],
        ["Bruno Verdi", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "-84.00"],
    ]


def test_no_roster(desk: Desk) -> None:
    with desk.database.transaction() as session, pytest.raises(GoneError):
        figures(session, 999, HANDOFF, HANDOFF + WEEK)

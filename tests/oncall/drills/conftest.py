"""The roster of the rostering tests with Carla in charge, and a look at drills at an instant."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select, text, update

from core.clock import ShiftedClock
from core.settings import Settings
from oncall.drills.beginning import watch_drills
from oncall.drills.checking import check_drill
from oncall.models.drills import Drill
from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.runtime import Runtime, Work
from tests.oncall.planning.conftest import HANDOFF, HOUR, WEEK, Desk, desk, manager

# The fixtures among them.
__all__ = ["desk", "manager"]

# Bruno takes over from Ada on Monday at 18:00; the drill is at 16:00.
CHANGE = HANDOFF + WEEK
DRILL = CHANGE - 2 * HOUR
Look = Callable[[datetime], list[tuple[str, str, str | None]]]


@pytest.fixture
def leader(desk: Desk) -> str:
    """Carla leads the team."""
    with desk.database.transaction() as session:
        session.execute(
            update(Person).where(Person.id == desk.people["Carla"]).values(role="team_leader", email="c@example.org")
        )
    return "Carla"


@pytest.fixture
def look(desk: Desk) -> Look:
    """A worker looks at an instant, and its jobs are done. All drills: first name, state, result of the call."""
    runtime = Runtime(Settings(), desk.database, ShiftedClock())

    def look_at(now: datetime) -> list[tuple[str, str, str | None]]:
        with desk.database.transaction() as session:
            watch_drills(session, now)
        with desk.database.transaction() as session:
            session.execute(text("DELETE FROM procrastinate_jobs"))
            for drill_id in session.scalars(select(Drill.id).order_by(Drill.id)):
                check_drill(Work(session, runtime, now), drill_id)
        return drills(desk)

    return look_at


def drills(desk: Desk) -> list[tuple[str, str, str | None]]:
    with desk.database.transaction() as session:
        found = session.scalars(select(Drill).order_by(Drill.id))
        return [(each.person.first_name, each.state, each.call_result) for each in found]


def texts(desk: Desk) -> list[tuple[str, str]]:
    """All texts so far: first name and words, without the digits that chance made."""
    with desk.database.transaction() as session:
        names = {person.phone: person.first_name for person in session.scalars(select(Person))}
        found = session.scalars(select(Message).where(Message.channel == "text").order_by(Message.id))
        return [(names[each.recipient], re.sub(r"OK [1-9]\d{5}\.", "OK CODE.", each.body)) for each in found]

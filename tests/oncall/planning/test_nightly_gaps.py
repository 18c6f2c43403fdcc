"""The nightly mail about gaps: once a day, to those in charge, in words that need no explanation."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import ShiftedClock, real_now
from core.settings import Settings
from oncall.models.access.accounts import Account
from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.planning.editing import Author, open_gaps
from oncall.planning.nightly_gaps import gaps_csv, report_gaps
from oncall.planning.plans.plan import OverrideRequest
from oncall.runtime import Runtime, Work
from tests.oncall.planning.conftest import DAY, HANDOFF, HOUR, Desk, span
from tests.oncall.planning.in_force import add_override

# Tuesday 2 June 2026, 06:00 in Rome.
SIX = HANDOFF + 12 * HOUR


def look(desk: Desk, now: datetime) -> None:
    runtime = Runtime(Settings(), desk.database, ShiftedClock.starting_at(now))
    with desk.database.transaction() as session:
        report_gaps(Work(session, runtime, now))


def mails(session: Session) -> list[Message]:
    """What was mailed by night; that a gap was accepted is told apart from it."""
    return list(session.scalars(select(Message).where(Message.key.startswith("gaps:")).order_by(Message.id)))


@pytest.fixture
def gap(desk: Desk) -> Desk:
    """Nobody on Wednesday from 18:00 to midnight; Carla leads the team, Mara manages."""
    with desk.database.transaction() as session:
        carla = update(Person).where(Person.id == desk.people["Carla"])
        session.execute(carla.values(role="team_leader", email="carla@example.org"))
        common = {"password_hash": "x", "created_at": real_now()}
        session.add(Account(email="mara@example.org", name="Mara", role="manager", **common))
        session.add(Account(email="vera@example.org", name="Vera", role="viewer", **common))
        session.add(Account(email="gone@example.org", name="Gone", role="manager", disabled_at=real_now(), **common))
        session.flush()
        careless = Author("Mara", HANDOFF, accepts_gaps=True)
        add_override(session, careless, desk.layer_id, OverrideRequest(span(2 * DAY, 6 * HOUR), None))
    return desk


def test_those_in_charge_hear_of_it_once_a_day(gap: Desk) -> None:
    look(gap, SIX - timedelta(minutes=1))
    with gap.database.transaction() as session:
        assert mails(session) == []
    for minutes in (0, 1, 600):
        look(gap, SIX + timedelta(minutes=minutes))
    with gap.database.transaction() as session:
        assert [mail.recipient for mail in mails(session)] == ["carla@example.org", "mara@example.org"]
        mail = mails(session)[0]
    assert mail.subject == "Rosters: 1 gap in the next 30 days, 6 hours without anybody on call"
    assert "  europe: Wed 3 Jun 2026, 18:00 CEST to Thu 4 Jun 2026, 00:00 CEST\n" in mail.body
    assert "/rosters" in mail.body
    look(gap, SIX + DAY)
    with gap.database.transaction() as session:
        assert len(mails(session)) == 4


def test_no_gap_no_mail(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(Person).values(role="team_leader", email=Person.name + "@example.org"))
    look(desk, SIX)
    with desk.database.transaction() as session:
        assert mails(session) == []


def test_the_table(gap: Desk) -> None:
    with gap.database.transaction() as session:
        rows = list(csv.reader(io.StringIO(gaps_csv(session, open_gaps(session, SIX)))))
    assert rows == [
        ["region", "from", "to", "from_utc", "to_utc"],
        [
            "europe",
            "Wed 3 Jun 2026, 18:00 CEST",
            "Thu 4 Jun 2026, 00:00 CEST",
            "2026-06-03T16:00:00+00:00",
            "2026-06-03T22:00:00+00:00",
        ],
    ]

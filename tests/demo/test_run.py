"""The demo of `make run` follows the real date: whatever that is, a newcomer finds what the guide speaks of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from core.settings import Settings
from demo import run
from demo.pretended_time import read_time
from oncall.customers.entitlement import check, facts_of
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.directory.model import Directory
from oncall.models.customers import Contract, Customer
from oncall.models.people import Person, Role
from oncall.models.stored_settings import clock_shift
from oncall.rosters.coverage import gaps
from oncall.rosters.reading import load_rosters
from oncall.runtime import Runtime
from schedules.rosters.roster import duty_spans, people_at
from schedules.staffed_hours import Plan, is_staffed
from schedules.wall_clock import wall_time
from tests.calls.switchboard import StandingClock

ROME = "Europe/Rome"
# Of more than a year: every phase of the rotation, both clock changes, a turn of the year.
WEEKS = 60
FIRST_DAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
HARSH = (
    datetime(2027, 3, 27, 23, 30, tzinfo=UTC),  # the Sunday's 02:00 does not exist
    datetime(2027, 10, 30, 23, 30, tzinfo=UTC),  # ... and comes twice
    datetime(2027, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2035, 12, 20, 12, 0, tzinfo=UTC),
)


@pytest.fixture
def directory() -> Directory:
    return parse(run.DIRECTORY.read_text(encoding="utf-8"))


def sundays() -> list[datetime]:
    """The instants at which the demo begins, for every day of those weeks and for those that are hard."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(7 * WEEKS)]
    return sorted({read_time(run.START, day, ROME) for day in (*days, *HARSH)})


def test_the_demo_begins_on_the_sunday_night_that_comes_next() -> None:
    for day in [FIRST_DAY + timedelta(hours=7 * step) for step in range(24 * WEEKS)]:
        found = read_time(run.START, day, ROME)
        assert timedelta(0) < found - day <= timedelta(days=7, hours=1)
        assert f"{wall_time(found, ROME):%A %H:%M}" in {"Sunday 02:00", "Sunday 03:00"}
        assert not is_staffed(Plan.PLATINUM, ROME, found)


def test_in_every_week_two_technicians_are_on_call_and_no_hour_is_left_out(
    session: Session, directory: Directory
) -> None:
    apply(session, directory, FIRST_DAY, PinKeys(b"a key for the test of the demo"))
    people = {person.id: person for person in session.scalars(select(Person))}
    rosters = load_rosters(session, FIRST_DAY, None)
    [roster] = rosters
    seen: set[str] = set()
    for sunday in sundays():
        first, backup = (people[who] for who in people_at(roster, sunday))  # type: ignore[index]
        assert first.role == backup.role == Role.TECHNICIAN.value
        assert first.name != backup.name
        assert gaps(rosters, ROME, sunday, sunday + timedelta(days=30)) == []
        # One who had it all along goes, another comes: two bars a layer in the week that the page opens with.
        handoffs = duty_spans(roster, "first", sunday, sunday + timedelta(days=7))
        assert [f"{wall_time(each.start, ROME):%A %H:%M}" for each in handoffs[1:]] == ["Monday 18:00"]
        seen.add(first.name)
    assert seen == {person.name for person in people.values() if person.role == Role.TECHNICIAN.value}


def test_in_every_week_the_same_customers_are_served_and_two_are_turned_away(
    session: Session, directory: Directory
) -> None:
    apply(session, directory, FIRST_DAY, PinKeys(b"a key for the test of the demo"))
    contracts = session.execute(select(Customer.name, Contract).join(Contract)).all()
    for sunday in sundays():
        verdicts = {name: check(facts_of(contract), sunday) for name, contract in contracts}
        refused = {name for name, reason in verdicts.items() if reason is not None}
        assert refused == {"Harbour Hotels", "Alpine Logistics"}
        assert verdicts["St. Anna Hospital"] is None


@pytest.mark.parametrize("real", [FIRST_DAY + timedelta(days=day) for day in range(7)] + list(HARSH))
def test_a_demo_that_is_started_that_day_and_again_on_the_next(
    database: Database, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real: datetime
) -> None:
    """What happened in the first run stays in the past of the second one."""
    pretended = real
    for start in (real, real + timedelta(days=1)):
        runtime = Runtime(Settings(var_dir=tmp_path), database, StandingClock(pretended, pretended - start))
        monkeypatch.setattr(run, "real_now", lambda start=start: start)
        run.prepare(runtime, directory)
        with database.transaction() as session:
            shift = clock_shift(session)
        assert shift is not None
        assert start + shift == read_time(run.START, max(start, pretended), ROME)
        pretended = start + shift + timedelta(days=1)
        [served, *_] = run.phones(directory, wall_time(pretended, ROME).date())
        assert served["note"].endswith("Platinum, in force")

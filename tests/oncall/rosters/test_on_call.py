"""Who is rung for a region, and who is on call, from the tables."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.people import Person
from oncall.models.planning.changes import TimeOff
from oncall.models.rosters import RosterLayer
from oncall.planning.editing import Author
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters.on_call import Link, UnknownRosterError, chain, on_call
from schedules.rosters.overrides import Kind
from schedules.rosters.roster import Why
from schedules.spans import Span
from tests.oncall.planning.in_force import add_override

PEOPLE = """\
people:
  - {name: Zoe Manager, phone: "+390000000009", role: support_manager}
  - {name: Ada, phone: "+390000000001", role: technician}
  - {name: Bruno, phone: "+390000000002", role: technician}
  - {name: Carla, phone: "+390000000003", role: technician}
  - {name: Lea Leader, phone: "+390000000004", role: team_leader}
  - {name: Leo Leader, phone: "+390000000005", role: team_leader}
  - {name: Chief, phone: "+390000000006", role: executive}
"""
NIGHTS = """\
  - name: Nights
    regions: [europe, america]
    time_zone: Europe/Rome
    layers:
      - {name: first, rotation: {start: 2026-01-05T18:00, every: 1 week, people: [[Ada, Bruno], Carla]}}
      - {name: backup, rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Carla, Ada]}}
      - {name: third, rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Leo Leader]}}
"""
DUBAI = """\
  - name: Gulf
    regions: [middle_east, america]
    time_zone: Asia/Dubai
    layers:
      - {name: gulf, rotation: {start: 2026-01-05T18:00, every: 1 day, people: [Bruno]}}
"""
# The first turn of every rotation.
MONDAY = datetime(2026, 1, 5, 17, tzinfo=UTC)


@pytest.fixture
def load(session: Session, now: datetime) -> Callable[[str], None]:
    def load_text(text: str) -> None:
        apply(session, parse(text), now, PinKeys(b"a secret of the tests"))
        session.expunge_all()

    return load_text


def names(links: list[Link]) -> list[tuple[str, str]]:
    return [(link.person.name, link.source) for link in links]


LEADERS = [("Lea Leader", "team leader"), ("Zoe Manager", "support manager")]


def test_layers_then_team_leaders_then_managers_nobody_twice(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS)
    assert names(chain(session, "europe", MONDAY)) == [
        ("Ada", "first"),
        ("Bruno", "first"),
        ("Carla", "backup"),
        ("Leo Leader", "third"),
        *LEADERS,
    ]
    assert names(chain(session, "europe", MONDAY + timedelta(weeks=1)))[:3] == [
        ("Carla", "first"),
        ("Ada", "backup"),
        ("Leo Leader", "third"),
    ]


def give_time_off(session: Session, name: str) -> None:
    person = session.scalars(select(Person).where(Person.name == name)).one()
    off = Range(MONDAY, MONDAY + timedelta(days=1))
    session.add(TimeOff(person_id=person.id, span=off, made_at=MONDAY))
    session.flush()


def test_whoever_has_time_off_is_not_rung_not_even_a_leader(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS)
    for name in ("Ada", "Leo Leader", "Zoe Manager"):
        give_time_off(session, name)
    assert names(chain(session, "europe", MONDAY)) == [
        ("Bruno", "first"),
        ("Carla", "backup"),
        ("Lea Leader", "team leader"),
    ]
    [roster] = on_call(session, MONDAY, "Nights")
    first = roster.layers[0]
    assert [person.name for person in first.people] == ["Bruno"]
    assert [person.name for person in first.absent] == ["Ada"]
    assert first.reason == "rotation; Ada has time off"
    assert names(chain(session, "europe", MONDAY + timedelta(days=1)))[0] == ("Ada", "first")


def test_when_all_have_time_off_those_in_charge_are_rung_all_the_same(
    session: Session, load: Callable[[str], None]
) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS)
    for name in ("Ada", "Bruno", "Carla", "Lea Leader", "Leo Leader", "Zoe Manager"):
        give_time_off(session, name)
    assert names(chain(session, "europe", MONDAY)) == [
        ("Lea Leader", "team leader"),
        ("Leo Leader", "team leader"),
        ("Zoe Manager", "support manager"),
    ]


def test_an_override_says_by_whom_and_when(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS)
    layer = session.scalars(select(RosterLayer).where(RosterLayer.name == "first")).one()
    carla = session.scalars(select(Person).where(Person.name == "Carla")).one()
    wish = OverrideRequest(Span(MONDAY, MONDAY + timedelta(hours=2)), carla.id, Kind.ADD, "busy night")
    add_override(session, Author("Mara Bianchi", MONDAY - timedelta(hours=1)), layer.id, wish)
    [roster] = on_call(session, MONDAY, "Nights")
    assert [person.name for person in roster.layers[0].people] == ["Ada", "Bruno", "Carla"]
    assert roster.layers[0].reason == "override by Mara Bianchi, Mon 5 Jan 2026, 17:00 CET (busy night)"


def test_every_roster_of_the_region_in_the_order_of_entry(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + DUBAI + NIGHTS)
    assert names(chain(session, "america", MONDAY))[:3] == [("Bruno", "gulf"), ("Ada", "first"), ("Carla", "backup")]
    assert names(chain(session, "middle_east", MONDAY))[0] == ("Bruno", "gulf")
    assert [source for _, source in names(chain(session, "apac", MONDAY))] == [
        "team leader",
        "team leader",
        "support manager",
    ]


def test_the_handoff_is_half_open(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS)
    handoff = MONDAY + timedelta(weeks=1)
    assert names(chain(session, "europe", handoff - timedelta(microseconds=1)))[0] == ("Ada", "first")
    assert names(chain(session, "europe", handoff))[0] == ("Carla", "first")


def test_an_override_replaces_from_its_start_to_before_its_end(session: Session, load: Callable[[str], None]) -> None:
    override = "    overrides:\n      - {layer: first, from: 2026-01-06T08:00, to: 2026-01-06T20:00, person: Carla}\n"
    nobody = "      - {layer: backup, from: 2026-01-06T08:00, to: 2026-01-06T20:00, person: null}\n"
    load(PEOPLE + "rosters:\n" + NIGHTS + override + nobody)
    start, end = datetime(2026, 1, 6, 7, tzinfo=UTC), datetime(2026, 1, 6, 19, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    assert names(chain(session, "europe", start - moment))[0] == ("Ada", "first")
    assert names(chain(session, "europe", start))[:2] == [("Carla", "first"), ("Leo Leader", "third")]
    assert names(chain(session, "europe", end - moment))[0] == ("Carla", "first")
    assert names(chain(session, "europe", end))[0] == ("Ada", "first")
    (duty,) = on_call(session, start)
    assert [layer.why for layer in duty.layers] == [Why.OVERRIDE, Why.OVERRIDE, Why.ROTATION]
    assert duty.layers[1].people == ()


def test_nothing_loaded_rings_nobody(session: Session) -> None:
    assert chain(session, "europe", MONDAY) == []
    assert on_call(session, MONDAY) == []


def test_on_call_reads_a_naive_time_on_each_rosters_clock(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS + DUBAI)
    rome, dubai = on_call(session, datetime(2026, 1, 5, 18))  # noqa: DTZ001 - naive on purpose
    assert (rome.roster, rome.at) == ("Nights", MONDAY)
    assert (dubai.roster, dubai.at) == ("Gulf", datetime(2026, 1, 5, 14, tzinfo=UTC))
    assert [person.name for person in rome.layers[0].people] == ["Ada", "Bruno"]
    before, _ = on_call(session, datetime(2026, 1, 5, 17, 59))  # noqa: DTZ001
    assert [layer.why for layer in before.layers] == [Why.NOBODY] * 3


def test_on_call_finds_an_override_by_the_rosters_own_clock(session: Session, load: Callable[[str], None]) -> None:
    override = "    overrides:\n      - {layer: gulf, from: 2026-01-07T00:00, to: 2026-01-07T00:10, person: Ada}\n"
    load(PEOPLE + "rosters:\n" + DUBAI + override)
    (duty,) = on_call(session, datetime(2026, 1, 7, 0, 5))  # noqa: DTZ001
    assert ([person.name for person in duty.layers[0].people], duty.layers[0].why) == (["Ada"], Why.OVERRIDE)


def test_one_roster_by_name_and_no_other(session: Session, load: Callable[[str], None]) -> None:
    load(PEOPLE + "rosters:\n" + NIGHTS + DUBAI)
    assert [duty.roster for duty in on_call(session, MONDAY, "Gulf")] == ["Gulf"]
    with pytest.raises(UnknownRosterError, match="there is no roster 'Golf'; rosters are: Nights, Gulf"):
        on_call(session, MONDAY, "Golf")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    sent: list[str] = []

    def note(*details: object) -> None:
        sent.append(str(details[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.real_seconds
def test_few_queries_and_fast_however_many_rosters(
    database: Database, session: Session, load: Callable[[str], None]
) -> None:
    more = "".join(NIGHTS.replace("name: Nights", f"name: Nights {number}") for number in range(5))
    load(PEOPLE + "rosters:\n" + NIGHTS + DUBAI + more)
    with counted(database) as sent:
        links = chain(session, "europe", MONDAY)
        assert [link.person.first_name for link in links][:2] == ["Ada", "Bruno"]
    assert len(sent) == 7
    with counted(database) as sent:
        assert chain(session, "europe", MONDAY) == links
    assert len(sent) == 2
    took = []
    for _ in range(30):
        session.expunge_all()
        start = time.perf_counter()
        chain(session, "europe", MONDAY)
        took.append(time.perf_counter() - start)
    assert median(took) < 0.05  # about 4 ms on a quiet machine

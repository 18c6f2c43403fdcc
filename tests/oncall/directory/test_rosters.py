"""Rosters of the directory file: every key of them, and what happens to overrides that were made elsewhere."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from oncall.directory import parse
from oncall.models.people import Person
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import DutyHours, Every, Layer, Rotation, Unit
from tests.directory_example import edited
from tests.oncall.conftest import Load

PEOPLE = """\
people:
  - {name: A, phone: "+390000000001", role: technician}
  - {name: B, phone: "+390000000002", role: technician}
  - {name: C, phone: "+390000000003", role: technician}
"""
EVERY_KEY = (
    PEOPLE
    + """\
rosters:
  - name: Nights
    regions: [middle_east]
    time_zone: Asia/Dubai
    layers:
      - name: first
        hours:
          - {days: [sun, mon], from: 18:00, to: "09:00"}
          - {days: [Saturday], from: "00:00", to: "00:00"}
        rotations:
          - {start: 2026-01-05T18:00, until: 2026-06-01T18:00, every: 12 hours, people: [[A, B], C]}
          - {start: 2026-06-01T18:00, every: 2 months, people: [C]}
      - name: backup
        rotation: {start: 2026-01-05, every: 3 days, people: [B]}
    overrides:
      - {layer: backup, from: 2026-03-01T00:00, to: 2026-03-02T00:00, person: null, note: "Nobody, on purpose"}
      - {layer: backup, from: 2026-03-02T00:00, to: 2026-03-03T00:00, person: A}
      - {layer: first, from: 2026-03-01T00:00, to: 2026-03-02T00:00, person: A}
"""
)
FIRST_HOURS = (
    DutyHours(frozenset({6, 0}), time(18), time(9)),
    DutyHours(frozenset({5}), time(0), time(0)),
)


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a wall-clock time


def test_every_key_of_a_roster_is_read() -> None:
    (roster,) = parse(EVERY_KEY).rosters
    early = Rotation(wall(2026, 1, 5, 18), Every(12, Unit.HOUR), (("A", "B"), ("C",)), wall(2026, 6, 1, 18))
    late = Rotation(wall(2026, 6, 1, 18), Every(2, Unit.MONTH), (("C",),))
    backup = Rotation(wall(2026, 1, 5), Every(3, Unit.DAY), (("B",),))
    assert roster.layers == (Layer("first", (early, late), FIRST_HOURS), Layer("backup", (backup,)))
    assert [(each.layer, each.person, each.note) for each in roster.overrides] == [
        ("backup", None, "Nobody, on purpose"),
        ("backup", "A", ""),
        ("first", "A", ""),
    ]
    assert roster.overrides[0].start == datetime(2026, 2, 28, 20, tzinfo=UTC)


def test_every_key_of_a_roster_comes_back_from_the_tables(session: Session, load: Load) -> None:
    load(EVERY_KEY)
    (stored,) = load_rosters(session, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    names = {row.id: row.name for row in session.scalars(select(Person))}
    (wanted,) = parse(EVERY_KEY).rosters
    assert (stored.name, stored.time_zone, stored.regions) == (wanted.name, wanted.time_zone, wanted.regions)
    for found, expected in zip(stored.layers, wanted.layers, strict=True):
        assert (found.name, found.hours) == (expected.name, expected.hours)
        for mine, theirs in zip(found.rotations, expected.rotations, strict=True):
            assert (mine.start, mine.until, mine.every) == (theirs.start, theirs.until, theirs.every)
            assert tuple(tuple(names[int(one)] for one in turn) for turn in mine.turns) == theirs.turns
    facts = {(each.layer, each.start, each.end, each.person and names[int(each.person)]) for each in stored.overrides}
    assert facts == {(each.layer, each.start, each.end, each.person) for each in wanted.overrides}
    assert load(EVERY_KEY) == []


def test_layers_come_go_and_change_places(session: Session, load: Load) -> None:
    load(EVERY_KEY)
    text = EVERY_KEY.replace("- name: backup", "- name: x").replace("- name: first", "- name: backup")
    text = text.replace("- name: x", "- name: third").replace("layer: first", "layer: third")
    lines = load(text)
    assert lines[:2] == ["roster Nights: layer first removed", "roster Nights: layer third added"]
    assert "roster Nights: layer backup: rotation changed" in lines
    assert "roster Nights: layer backup: hours changed" in lines
    (stored,) = load_rosters(session, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert [layer.name for layer in stored.layers] == ["backup", "third"]
    assert load(text) == []


def test_the_ringing_order_can_be_turned_round(session: Session, load: Load) -> None:
    load(edited())
    swapped = edited(("name: first\n", "name: x\n"), ("name: backup\n", "name: first\n")).replace(
        "name: x\n", "name: backup\n"
    )
    lines = load(swapped)
    assert lines[0] == "roster After hours: order of layers first, backup → backup, first"
    assert load(swapped) == []


def test_an_override_that_left_the_file_goes(session: Session, load: Load) -> None:
    load(edited())
    without = edited(
        ("      - {layer: first, from: 2026-12-24T18:00, to: 2026-12-25T09:00, person: Carla Neri}", "      []")
    )
    assert load(without) == [
        "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 removed"
    ]
    assert session.scalars(select(RosterOverride)).all() == []
    assert load(without) == []


@pytest.fixture
def passed_on(session: Session, load: Load) -> RosterOverride:
    """An override that somebody made at night, not by the file."""
    load(edited())
    layer = session.scalars(select(RosterLayer).where(RosterLayer.name == "backup")).one()
    bruno = session.scalars(select(Person).where(Person.name == "Bruno Verdi")).one()
    span = Range(datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC))
    row = RosterOverride(layer_id=layer.id, span=span, person_id=bruno.id)
    session.add(row)
    session.flush()
    return row


def test_an_override_made_elsewhere_outlives_a_load(session: Session, load: Load, passed_on: RosterOverride) -> None:
    assert load(edited()) == []
    assert session.get(RosterOverride, passed_on.id) is not None


def test_the_file_wins_where_an_override_made_elsewhere_collides(
    session: Session, load: Load, passed_on: RosterOverride
) -> None:
    text = edited(("layer: first, from", "layer: backup, from"))
    assert load(text) == [
        "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 removed",
        "roster After hours: override of backup from Thu 24 Dec 2026, 01:00 to Sat 26 Dec 2026, 01:00 removed",
        "roster After hours: override of backup from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 added",
    ]
    assert load(text) == []


def test_an_override_deleted_elsewhere_comes_back_with_the_file(session: Session, load: Load) -> None:
    load(edited())
    session.execute(delete(RosterOverride))
    assert load(edited()) == [
        "roster After hours: override of first from Thu 24 Dec 2026, 18:00 to Fri 25 Dec 2026, 09:00 added"
    ]

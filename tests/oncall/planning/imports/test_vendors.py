"""Calendars as Google, Exchange, Apple, PagerDuty and Grafana write them: imported, changed there, imported again."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from oncall.models.people import Person
from oncall.models.rosters import RosterOverride, span_of
from oncall.planning.editing import Author
from oncall.planning.imports.comparing import Reading
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.shifts import Preview, import_shifts, import_window, preview_shifts
from oncall.planning.imports.words import shift_words
from oncall.planning.undoing import last_change, undo
from schedules.wall_clock import wall_time
from tests.oncall.planning.conftest import NOW, Desk

ROME = "Europe/Rome"
CALENDARS = Path(__file__).parents[1] / "calendars"

FIRST = {
    "google": ["2 18:00 Carla", "3 18:00 Carla", "4 18:00 Carla", "5 18:00 Carla", "6 18:00 Carla", "8 18:00 Dino"],
    "outlook": ["2 18:00 Carla", "4 18:00 Carla", "9 18:00 Carla", "16 18:00 Carla"],
    "apple": ["2 18:00 Carla", "9 18:00 Carla", "16 18:00 Carla", "23 18:00 Carla"],
    "pagerduty": ["2 18:00 Carla", "3 18:00 Dino", "4 18:00 Carla", "5 18:00 Dino"],
    "grafana": ["2 18:00 Carla", "3 18:00 Dino", "4 18:00 Carla", "6 18:00 Carla", "8 18:00 Carla"],
}
# A cancelled night, a moved one, one that was declined, one that is somebody else's now.
LATER = {
    "google": ["2 18:00 Carla", "4 20:00 Carla", "6 18:00 Dino"],
    "outlook": ["2 18:00 Carla", "10 18:00 Carla"],
    "apple": ["9 21:00 Carla", "16 18:00 Dino", "23 18:00 Carla"],
    "pagerduty": ["2 18:00 Carla", "3 20:00 Dino", "5 18:00 Carla"],
    "grafana": ["2 18:00 Carla", "3 18:00 Carla", "6 20:00 Carla", "8 18:00 Carla"],
}
REMOVED = {
    "google": {
        "3 18:00": "It is not in the calendar any more.",
        "4 18:00": "It was moved, to Thu 4 Jun 2026, 20:00 CEST to Fri 5 Jun 2026, 08:00 CEST.",
        "5 18:00": "Carla Neri has declined it.",
        "6 18:00": "It is Dino Bianchi's now.",
        "8 18:00": "It is not in the calendar any more.",
    },
    "outlook": {
        "4 18:00": "The calendar has cancelled it.",
        "9 18:00": "It was moved, to Wed 10 Jun 2026, 18:00 CEST to Thu 11 Jun 2026, 08:00 CEST.",
        "16 18:00": "Carla Neri has declined it.",
    },
    "apple": {
        "2 18:00": "It is not in the calendar any more.",
        "9 18:00": "It was moved, to Tue 9 Jun 2026, 21:00 CEST to Wed 10 Jun 2026, 08:00 CEST.",
        "16 18:00": "It is Dino Bianchi's now.",
    },
    "pagerduty": {
        "3 18:00": "It was moved, to Wed 3 Jun 2026, 20:00 CEST to Thu 4 Jun 2026, 08:00 CEST.",
        "4 18:00": "It is not in the calendar any more.",
        "5 18:00": "It is Carla Neri's now.",
    },
    "grafana": {
        "3 18:00": "It is Carla Neri's now.",
        "4 18:00": "It is not in the calendar any more.",
        "6 18:00": "It was moved, to Sat 6 Jun 2026, 20:00 CEST to Sun 7 Jun 2026, 08:00 CEST.",
    },
}
UNCLEAR = {
    "google": ["Carla Neri has declined, and nobody else is invited."],
    "outlook": ["Carla Neri has declined, and nobody else who is invited is known here."],
    "pagerduty": ["Nobody here is called “Nora Nobody”. Nor has anybody the mail address nobody@example.net."],
}


@pytest.fixture
def mailed(desk: Desk) -> Desk:
    """Everybody has an address."""
    with desk.database.transaction() as session:
        first = func.lower(func.split_part(Person.name, " ", 1))
        session.execute(update(Person).values(email=first + "@example.org"))
    return desk


def reading(name: str) -> Reading:
    text = (CALENDARS / f"{name}.ics").read_bytes().replace(b"\n", b"\r\n")
    return read(text, ROME, import_window(NOW))


def look(desk: Desk, author: Author, name: str) -> Preview:
    with desk.database.transaction() as session:
        return preview_shifts(session, author, desk.roster_id, desk.layer_id, reading(name))


def bring_in(desk: Desk, author: Author, name: str) -> int:
    seen = look(desk, author, name).digest
    with desk.database.transaction() as session:
        return import_shifts(session, author, desk.roster_id, desk.layer_id, reading(name), f"{name}.ics", seen)


def duties(desk: Desk) -> list[str]:
    names = {key: name for name, key in desk.people.items()}
    with desk.database.transaction() as session:
        rows = session.scalars(select(RosterOverride).order_by(RosterOverride.span)).all()
        return [f"{wall_time(span_of(row.span).start, ROME):%-d %H:%M} {names[row.person_id or 0]}" for row in rows]


@pytest.mark.parametrize("vendor", FIRST)
def test_a_vendors_calendar_is_followed(mailed: Desk, manager: Author, vendor: str) -> None:
    preview = look(mailed, manager, vendor)
    assert preview.comparison.troubles == ()
    assert bring_in(mailed, manager, vendor) == len(FIRST[vendor])
    assert duties(mailed) == FIRST[vendor]
    assert look(mailed, manager, vendor).leaving == ()

    changed = look(mailed, manager, f"{vendor}-later")
    words = shift_words(changed, reading(f"{vendor}-later"), ROME)
    [group] = [each for each in words.groups if each.name == "Would be removed"]
    told = {
        f"{wall_time(each.standing.span.start, ROME):%-d %H:%M}": line.detail.partition(" CEST. ")[2]
        for each, line in zip(changed.leaving, group.lines, strict=True)
    }
    assert told == REMOVED[vendor]
    assert [each.reason for each in changed.comparison.unclear] == UNCLEAR.get(vendor, [])
    assert duties(mailed) == FIRST[vendor]

    bring_in(mailed, manager, f"{vendor}-later")
    assert duties(mailed) == LATER[vendor]
    again = look(mailed, manager, f"{vendor}-later")
    assert (again.leaving, again.comparison.added) == ((), ())


@pytest.mark.parametrize("vendor", FIRST)
def test_the_change_is_undone_as_a_whole(mailed: Desk, manager: Author, vendor: str) -> None:
    for name in (vendor, f"{vendor}-later"):
        bring_in(mailed, manager, name)
    with mailed.database.transaction() as session:
        change = last_change(session, mailed.roster_id)
        assert change is not None
        assert f"removed {len(REMOVED[vendor])} that it does not have any more" in change.words
        undo(session, manager, mailed.roster_id, change.id)
    assert duties(mailed) == FIRST[vendor]
    assert len(look(mailed, manager, f"{vendor}-later").leaving) == len(REMOVED[vendor])  # they are known as before

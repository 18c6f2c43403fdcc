"""Feeds as two real readers of calendars see them: the engine's duties, across both clock changes of a winter."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.people import Person
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer
from oncall.planning.editing import Author
from oncall.planning.feeds.addresses import Subject, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.shifts import import_shifts, import_window, preview_shifts
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import OverrideRequest
from oncall.rosters.reading import load_roster
from schedules.rosters.roster import Roster, duty_spans, who_at
from schedules.spans import Span
from tests.loading import load_directory
from tests.oncall.planning.conftest import DIRECTORY, HOUR
from tests.oncall.planning.feed_parsers import Seen, parsed
from tests.oncall.planning.in_force import add_override

# In the window of a feed that is read then both clock changes lie, wherever there are any.
NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)
SHOWN = Span(datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC))
CHANGES = {
    "Europe/Rome": [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)],
    "America/New_York": [datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC)],
    "Australia/Lord_Howe": [datetime(2026, 10, 3, 15, 30, tzinfo=UTC), datetime(2027, 4, 3, 15, tzinfo=UTC)],
}
EVERYBODY = "[Ada Rossi, Bruno Verdi, Carla Neri]"
LAYERS = {
    "by the week": f"rotation: {{start: 2026-06-01T18:00, every: 1 week, people: {EVERYBODY}}}",
    "in the hour that is doubled": f"rotation: {{start: 2026-06-01T02:30, every: 1 day, people: {EVERYBODY}}}",
    "every six hours": f"rotation: {{start: 2026-06-01T01:15, every: 6 hours, people: {EVERYBODY}}}",
    "nights only": (
        'hours: [{days: [mon, tue, wed, thu, fri, sat, sun], from: "18:00", to: "09:00"}], '
        f"rotation: {{start: 2026-06-01T18:00, every: 1 day, people: {EVERYBODY}}}"
    ),
}


def directory(zone: str, layer: str) -> str:
    """A roster with a layer to read, another beside it, and an empty one to import into."""
    people = DIRECTORY.partition("regions:")[0]
    empty = "rotation: {start: 2020-01-01T00:00, until: 2020-01-02T00:00, every: 1 day, people: [Ada Rossi]}"
    beside = "rotation: {start: 2026-06-01T09:00, every: 1 week, people: [Dino Bianchi, Carla Neri]}"
    return f"""{people}
regions:
  - {{name: europe, time_zone: Europe/Rome}}
rosters:
  - name: Nights (all year)
    regions: [europe]
    time_zone: {zone}
    layers:
      - {{name: first (phone), {layer}}}
      - {{name: backup, {beside}}}
      - {{name: empty, {empty}}}
"""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


def fill(session: Session, zone: str, layer: str) -> dict[str, int]:
    """Load it; on the first layer somebody covers, nobody is on call for an hour, and somebody is away. Layers' ids."""
    load_directory(session, directory(zone, layer), NOW, b"a key for the tests of feeds")
    ids = {row.name: row.id for row in session.scalars(select(RosterLayer))}
    people = {person.first_name: person.id for person in session.scalars(select(Person))}
    author = Author("Mara", NOW, accepts_gaps=True)
    for change in CHANGES[zone]:
        cover = Span(change - 3 * HOUR, change + 2 * HOUR)
        add_override(session, author, ids["first (phone)"], OverrideRequest(cover, people["Dino"]))
        nobody = Span(change + 5 * HOUR, change + 6 * HOUR)
        add_override(session, author, ids["first (phone)"], OverrideRequest(nobody, None))
        away = Span(change + 20 * HOUR, change + 90 * HOUR)
        add_time_off(session, author, people["Bruno"], away, zone)
    return ids


def document(session: Session, subject: Subject) -> bytes:
    feed, _ = make_feed(session, subject, "mara@example.org", NOW)
    return calendar(session, feed, NOW)


def names(session: Session) -> Callable[[int], str]:
    known = {person.id: person.name for person in session.scalars(select(Person))}
    return lambda person: known[person]


def instants(zone: str) -> Iterator[datetime]:
    """Every seven hours of what is shown, and every quarter of an hour about the clock changes."""
    at = SHOWN.start
    while at < SHOWN.end:
        yield at
        near = any(abs(at - change) < timedelta(days=4) for change in CHANGES[zone])
        at += HOUR / 4 if near else 7 * HOUR


def on_call(found: list[Seen]) -> Callable[[datetime], set[str]]:
    """Who is at an instant, as a calendar shows it."""
    by_day: dict[date, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for each in found:
        start, end = _at(each.start), _at(each.end)
        for days in range((end.date() - start.date()).days + 1):
            by_day[start.date() + timedelta(days=days)].append((start, end, each.summary))
    return lambda at: {summary for start, end, summary in by_day[at.date()] if start <= at < end}


def _at(day: object) -> datetime:
    assert isinstance(day, datetime)
    return day.astimezone(UTC)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("zone", CHANGES)
def test_a_roster_and_a_layer_show_who_would_be_rung(session: Session, zone: str, layer: str) -> None:
    ids = fill(session, zone, LAYERS[layer])
    roster_id = session.scalars(select(RosterRow.id)).one()
    whole = parsed(document(session, Subject(roster_id=roster_id)))
    alone = parsed(document(session, Subject(layer_id=ids["first (phone)"])))
    assert [each for each in whole if "first [phone]" in each.summary] == alone
    assert {each.summary.partition(" (")[2] for each in whole} == {
        "Nights [all year], first [phone])",
        "Nights [all year], backup)",
    }
    roster, name = load_roster(session, "Nights (all year)", SHOWN.start, SHOWN.end), names(session)
    shown = on_call(whole)
    for at in instants(zone):
        expected = {
            f"On call: {name(int(person))} (Nights [all year], {duty.layer.replace('(phone)', '[phone]')})"
            for duty in who_at(roster, at)
            for person in duty.people
        }
        assert shown(at) == expected, at


@pytest.mark.parametrize("zone", CHANGES)
def test_a_person_sees_their_own_shifts_of_all_layers(session: Session, zone: str) -> None:
    fill(session, zone, LAYERS["in the hour that is doubled"])
    carla = session.scalars(select(Person.id).where(Person.name == "Carla Neri")).one()
    found = parsed(document(session, Subject(person_id=carla)))
    roster = load_roster(session, "Nights (all year)", SHOWN.start, SHOWN.end)
    assert [(each.start, each.end) for each in found] == sorted(spans(roster, carla))


def spans(roster: Roster, person: int) -> Iterator[tuple[datetime, datetime]]:
    for layer in roster.layers:
        for duty in duty_spans(roster, layer.name, SHOWN.start, SHOWN.end):
            if person in duty.people:
                yield duty.start, duty.end


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("zone", CHANGES)
def test_a_layer_imported_into_an_empty_one_has_the_same_duties(session: Session, zone: str, layer: str) -> None:
    ids = fill(session, zone, LAYERS[layer])
    author = Author("Mara", NOW, accepts_gaps=True)
    target = session.get_one(RosterLayer, ids["empty"])
    shown = document(session, Subject(layer_id=ids["first (phone)"]))
    reading = read(shown, zone, import_window(NOW))
    preview = preview_shifts(session, author, target.roster_id, target.id, reading)
    assert preview.comparison.troubles == ()
    assert import_shifts(session, author, target.roster_id, target.id, reading, "feed", preview.digest) > 30
    # From the first shift on that an import takes, those that were over 30 days ago being left alone.
    start = import_window(NOW).start + timedelta(days=8)
    roster = load_roster(session, "Nights (all year)", start, SHOWN.end)
    source, copy = ([*held(roster, name, start)] for name in ("first (phone)", "empty"))
    assert source == copy
    assert all(any(begin <= change < end for begin, end, _ in copy) for change in CHANGES[zone])


def held(roster: Roster, layer: str, start: datetime) -> Iterator[tuple[datetime, datetime, tuple[object, ...]]]:
    """Who has it from when to when, whatever put them there."""
    last: tuple[datetime, datetime, tuple[object, ...]] | None = None
    for duty in duty_spans(roster, layer, start, SHOWN.end):
        if last and last[2] == duty.people:
            last = (last[0], duty.end, duty.people)
            continue
        if last and last[2]:
            yield last
        last = (duty.start, duty.end, duty.people)
    if last and last[2]:
        yield last


NAMES = [
    "Nights", "Nights (EU) (old", "On call: nights) - all", "Nights, " + 30 * "europe ", 3 * "Notti é così: ",
    "Ferie", "Leave", "Dino Bianchi", "Bianchi, Dino", "O'Brien/Team", "On call: Dino Bianchi (Nights, first)",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_title_can_be_read_back_whatever_roster_and_layer_are_called(session: Session, name: str) -> None:
    text = directory("Europe/Rome", LAYERS["by the week"]).replace("Nights (all year)", f'"{name}"')
    same_duties(session, text)
    layers = text.replace("name: first (phone)", f'name: "{name}"')
    if f'"{name}"' in layers:
        same_duties(session, layers, name.strip())


@pytest.mark.parametrize(
    "name",
    [
        "Ferie", "Marco Ferie", "Leave", "Sick Leave", "Bianchi, Dino", "Verdi, Bruno", "O'Brien/Team", "Carla (Milan)",
        "On call: Dino Bianchi", "first", "Nights", "Dino Bianchi (Nights, first)", "Ada - Dino Bianchi",
        "Dino Bianchi is not there any more", "J. R. _Ewing_", "  Zoe   Nardi ", "a" * 180,
    ],
)  # fmt: skip
def test_a_title_can_be_read_back_whatever_the_person_is_called(session: Session, name: str) -> None:
    text = directory("Europe/Rome", LAYERS["by the week"])
    known = (text.replace("{name: Ada Rossi,", f'{{name: "{name}",').replace("[Ada Rossi,", f'["{name}",')).replace(
        "people: [Ada Rossi]", f'people: ["{name}"]'
    )
    same_duties(session, known)


def same_duties(session: Session, text: str, layer: str = "first (phone)") -> None:
    """Loaded, shown by the feed of the layer, and imported into the empty one: everybody has what was theirs."""
    apply(session, parse(text), NOW, PinKeys(b"a key for the tests of feeds"))
    rows = {row.name: row for row in session.scalars(select(RosterLayer))}
    target, author = rows["empty"], Author("Mara", NOW, accepts_gaps=True)
    shown = document(session, Subject(layer_id=rows[layer].id))
    assert all(len(each.summary) <= 200 for each in parsed(shown))
    reading = read(shown, "Europe/Rome", import_window(NOW))
    preview = preview_shifts(session, author, target.roster_id, target.id, reading)
    assert preview.comparison.troubles == ()
    import_shifts(session, author, target.roster_id, target.id, reading, "feed", preview.digest)
    start = import_window(NOW).start + timedelta(days=8)
    roster = load_roster(session, target.roster.name, start, SHOWN.end)
    assert [*held(roster, layer, start)] == [*held(roster, "empty", start)] != []

"""An import in the database: seen before written, all or nothing, twice, undone; and there and back by a feed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from core.db import Database
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.people import Person
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import RosterLayer, RosterOverride
from oncall.planning.editing import Author
from oncall.planning.feeds.addresses import Subject, make_feed
from oncall.planning.feeds.ical import calendar
from oncall.planning.imports.comparing import Event, Reading
from oncall.planning.imports.ical.reading import read
from oncall.planning.imports.shifts import PreviewOutdatedError, import_shifts, import_window, preview_shifts
from oncall.planning.leave import add_time_off
from oncall.planning.plans.plan import OverrideRequest
from oncall.planning.undoing import last_change, undo
from oncall.rosters.errors import GapOpensError, GoneError
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import duty_spans
from schedules.spans import Span
from tests.oncall.planning.conftest import DAY, DIRECTORY, HANDOFF, HOUR, NOW, Desk, span
from tests.oncall.planning.in_force import add_override


def event(start: timedelta, name: str = "Carla Neri", length: timedelta = DAY) -> Event:
    return Event(1, "uid", name, HANDOFF + start, HANDOFF + start + length)


TWO = Reading((event(DAY), event(3 * DAY, "Dino Bianchi")))


def bring_in(desk: Desk, author: Author, reading: Reading = TWO) -> int:
    """Look, then import in a later transaction."""
    with desk.database.transaction() as session:
        seen = preview_shifts(session, author, desk.roster_id, desk.layer_id, reading).digest
    with desk.database.transaction() as session:
        return import_shifts(session, author, desk.roster_id, desk.layer_id, reading, "duty.ics", seen)


def overrides(session: Session) -> list[tuple[object, ...]]:
    columns = (RosterOverride.span, RosterOverride.person_id, RosterOverride.kind, RosterOverride.note)
    rows = session.execute(select(*columns, RosterOverride.made_by, RosterOverride.made_at).order_by(RosterOverride.id))
    return [tuple(row) for row in rows]


def counts(desk: Desk) -> tuple[int, int]:
    """Overrides, and changes in history."""
    with desk.database.transaction() as session:
        return len(overrides(session)), len(session.scalars(select(RosterChange.id)).all())


def test_a_preview_writes_nothing(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        preview = preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO)
        assert (preview.layer, len(preview.comparison.added), preview.gaps) == ("first", 2, "")
    assert counts(desk) == (0, 0)


def test_shifts_are_one_change_that_says_so_and_can_be_undone(desk: Desk, manager: Author) -> None:
    assert bring_in(desk, manager) == 2
    with desk.database.transaction() as session:
        assert overrides(session) == [
            (Range(each.start, each.end), person, "replace", "import", "Mara Manager", NOW)
            for each, person in ((span(DAY, DAY), desk.people["Carla"]), (span(3 * DAY, DAY), desk.people["Dino"]))
        ]
        change = last_change(session, desk.roster_id)
        assert change is not None
        assert (change.words, change.made_by) == ("Imported 2 shifts into first from duty.ics", "Mara Manager")
    with desk.database.transaction() as session:
        undo(session, manager, desk.roster_id, change.id)
    assert counts(desk) == (0, 2)


def test_the_second_time_changes_nothing(desk: Desk, manager: Author) -> None:
    assert [bring_in(desk, manager), bring_in(desk, manager)] == [2, 0]
    assert counts(desk) == (2, 1)
    with desk.database.transaction() as session:
        found = preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO).comparison
        assert (len(found.present), found.added, found.collisions) == (2, (), ())


def test_what_is_in_the_way_is_named_and_left_out(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY + HOUR, HOUR), desk.people["Bruno"]))
    with desk.database.transaction() as session:
        [collision] = preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO).comparison.collisions
    standing = collision.standing
    assert (standing.person_id, standing.span, standing.made_by) == (
        desk.people["Bruno"], span(DAY + HOUR, HOUR), "Mara Manager",
    )  # fmt: skip
    assert bring_in(desk, manager) == 1
    assert counts(desk) == (2, 2)


def test_what_has_changed_since_is_shown_first(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        seen = preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO).digest
    with desk.database.transaction() as session:
        add_override(session, manager, desk.layer_id, OverrideRequest(span(DAY + HOUR, HOUR), desk.people["Bruno"]))
    with pytest.raises(PreviewOutdatedError, match="changed since you looked"), desk.database.transaction() as session:
        import_shifts(session, manager, desk.roster_id, desk.layer_id, TWO, "duty.ics", seen)
    for wrong in (Reading(TWO.events[:1]), Reading(())):
        with pytest.raises(PreviewOutdatedError), desk.database.transaction() as session:
            import_shifts(session, manager, desk.roster_id, desk.layer_id, wrong, "duty.ics", seen)
    assert counts(desk) == (1, 1)


def test_a_gap_is_shown_and_asked_about(desk: Desk, manager: Author) -> None:
    with desk.database.transaction() as session:
        add_time_off(session, manager, desk.people["Carla"], span(DAY, DAY), "Europe/Rome", "sea")
    with desk.database.transaction() as session:
        preview = preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO)
        assert preview.gaps.startswith("Nobody would be on call in europe: Tue 2 Jun 2026, 18:00 CEST to Wed 3 Jun")
    with pytest.raises(GapOpensError):
        bring_in(desk, manager)
    assert counts(desk)[0] == 0
    assert bring_in(desk, Author("Mara Manager", NOW, accepts_gaps=True)) == 2


def test_accepting_one_gap_is_not_accepting_another(desk: Desk, manager: Author) -> None:
    careless = Author("Mara Manager", NOW, accepts_gaps=True)
    with desk.database.transaction() as session:
        seen = preview_shifts(session, careless, desk.roster_id, desk.layer_id, TWO).digest
        assert seen == preview_shifts(session, manager, desk.roster_id, desk.layer_id, TWO).digest
    with desk.database.transaction() as session:
        add_time_off(session, manager, desk.people["Dino"], span(3 * DAY, DAY), "Europe/Rome", "")
    with pytest.raises(PreviewOutdatedError), desk.database.transaction() as session:
        import_shifts(session, careless, desk.roster_id, desk.layer_id, TWO, "duty.ics", seen)


def test_another_rosters_layer_is_refused(desk: Desk, manager: Author) -> None:
    for roster_id, layer_id in ((desk.roster_id + 1, desk.layer_id), (desk.roster_id, desk.layer_id + 1)):
        with pytest.raises(GoneError, match="layer"), desk.database.transaction() as session:
            preview_shifts(session, manager, roster_id, layer_id, TWO)


def test_a_preview_does_not_age_by_the_minute() -> None:
    assert import_window(NOW) == import_window(NOW + 15 * HOUR)
    assert import_window(NOW).covers(NOW - 30 * DAY)
    assert import_window(NOW).covers(NOW + 400 * DAY)


# Shifts and the pauses before them, in quarters of an hour: over weeks, so that clock changes are among them.
SHIFTS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 900), st.sampled_from(["Ada", "Bruno", "Carla", "Dino"])),
    min_size=1,
    max_size=12,
)
ZONES = ["Europe/Rome", "America/New_York", "Asia/Dubai", "Australia/Lord_Howe", "America/Sao_Paulo"]
SUPPRESSED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=30, deadline=None, suppress_health_check=list(SUPPRESSED))
@given(SHIFTS, st.integers(0, 160), st.sampled_from(ZONES))
def test_what_the_feed_tells_and_the_import_reads_are_the_same_duty(
    migrated: Database, wipe: Callable[[], None], shifts: list[tuple[int, int, str]], first_day: int, zone: str
) -> None:
    """Out of one roster by its feed, into the empty layer of another."""
    wipe()
    author, at = Author("Mara", NOW, accepts_gaps=True), NOW + first_day * DAY
    with migrated.transaction() as session:
        apply(session, parse(two_rosters(zone)), NOW, PinKeys(b"a key for the tests of imports"))
        people = {person.first_name: person.id for person in session.scalars(select(Person))}
        source, target = session.scalars(select(RosterLayer).order_by(RosterLayer.roster_id))
        for pause, length, name in shifts:
            start = at + pause * HOUR / 4
            at = start + length * HOUR / 4
            row = {"layer_id": source.id, "span": Range(start, at), "person_id": people[name]}
            session.execute(insert(RosterOverride).values(row))
        feed, _ = make_feed(session, Subject(roster_id=source.roster_id), "Mara", NOW)
        reading = read(calendar(session, feed, NOW), zone, import_window(NOW))
        seen = preview_shifts(session, author, target.roster_id, target.id, reading).digest
        import_shifts(session, author, target.roster_id, target.id, reading, "feed", seen)
        assert duty(session, "Back") == duty(session, "Out")
        session.rollback()


def two_rosters(zone: str) -> str:
    """Each with a layer whose rotation is over, so that only overrides put people on call."""
    people = DIRECTORY.partition("regions:")[0]
    layer = (
        "{name: only, rotation: {start: 2020-01-01T00:00, until: 2020-01-02T00:00, every: 1 day, people: [Ada Rossi]}}"
    )
    rosters = "".join(
        f"  - {{name: {name}, regions: [europe], time_zone: {zone}, layers: [{layer}]}}\n" for name in ("Out", "Back")
    )
    return f"{people}rosters:\n{rosters}"


def duty(session: Session, name: str) -> list[tuple[Span, tuple[object, ...]]]:
    start, end = NOW - 30 * DAY, NOW + 180 * DAY
    [roster] = load_rosters(session, start, end, name=name)
    return [(Span(each.start, each.end), each.people) for each in duty_spans(roster, "only", start, end)]

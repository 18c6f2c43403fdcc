"""One roster that can't be worked out: the others, then leaders and managers, are rung, shown and told as ever."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.change_listener import Watch
from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.drills.beginning import watch_drills
from oncall.models.messages import Message
from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed, HandoffNotice
from oncall.models.rosters import Roster, RosterLayer
from oncall.monitoring.preflight import Level, check_directory
from oncall.monitoring.watchdog.seeing import Word, findings, see
from oncall.monitoring.watchdog.words import trouble_notice
from oncall.outage.snapshot_taking import next_change, take
from oncall.paging.what_if import what_if_region
from oncall.planning.editing import Author, open_gaps
from oncall.planning.feeds.ical import calendar
from oncall.planning.handoffs import watch_handoffs
from oncall.planning.nightly_gaps import report_gaps
from oncall.planning.plans.plan import LayerWish
from oncall.planning.views import figures
from oncall.planning.views.board import read_board
from oncall.rosters.bad_rosters import BadRosterError
from oncall.rosters.on_call import RosterOnCall, chain, on_call
from oncall.rosters.on_call_cache import CHANGES, Choice, KeptDuties
from oncall.rosters.reading import SHELF, Shelf, load_roster
from oncall.runtime import Runtime, Work
from schedules.rosters.roster import DutyHours, Every, Rotation, Unit
from tests.oncall.conftest import Load
from tests.oncall.planning.in_force import add_layer, change_layer, move_layer, remove_layer, wish_of
from tests.oncall.rosters.rosters_gone_bad import GONE_BAD, NOW, ROSTERS, spoil

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
every_fault = pytest.mark.parametrize("what", list(GONE_BAD))


@pytest.fixture
def loaded(session: Session, load: Load) -> Session:
    load(ROSTERS)
    return session


def rung(session: Session, region: str | None = "europe") -> list[tuple[str, str]]:
    return [(link.person.first_name, link.source) for link in chain(session, region, NOW, Shelf())]


@every_fault
def test_a_page_goes_to_the_others_then_to_those_in_charge(loaded: Session, what: str) -> None:
    assert rung(loaded) == [
        ("Ada", "first"), ("Bruno", "second"), ("Carla", "team leader"), ("Dino", "support manager")
    ]  # fmt: skip
    spoil(loaded, what)
    for region in ("europe", None):
        assert rung(loaded, region) == [
            ("Bruno", "second"), ("Carla", "team leader"), ("Dino", "support manager")
        ]  # fmt: skip
    assert rung(loaded, "america")[0] == ("Bruno", "second")
    [ring, *_] = what_if_region(loaded, "europe", NOW).rings
    assert ring.person == "Bruno Verdi"


@every_fault
def test_who_is_on_call_shows_the_good_ones_and_names_the_bad(loaded: Session, what: str) -> None:
    words = spoil(loaded, what)
    good, bad = on_call(loaded, NOW)
    assert (good.roster, good.fault, good.layers[0].people[0].first_name) == ("Backups", "", "Bruno")
    assert (bad.roster, bad.layers) == ("Nights", ())
    assert words in bad.fault
    [only] = on_call(loaded, NOW.replace(tzinfo=None), "Nights")
    assert words in only.fault


@every_fault
def test_programs_are_told(database: Database, session: Session, load: Load, what: str) -> None:
    load(ROSTERS)
    words = spoil(session, what)
    session.commit()

    def tell(duties: Sequence[RosterOnCall]) -> dict[str, str]:
        return {duty.roster: duty.fault for duty in duties}

    watch = Watch(database.url, CHANGES)
    try:
        kept = KeptDuties(database, watch, tell)
        for choice in (Choice(), Choice(region="europe"), Choice(roster="Nights")):
            assert words in kept.now(choice, NOW)["Nights"]
            assert words in kept.at(choice, NOW + DAY, NOW)["Nights"]
        assert kept.now(Choice(region="america"), NOW) == {"Backups": ""}
    finally:
        watch.close()


@every_fault
def test_without_the_database_the_others_are_rung(database: Database, session: Session, load: Load, what: str) -> None:
    load(ROSTERS)
    spoil(session, what)
    session.commit()
    with database.transaction() as fresh:
        snapshot = take(fresh, NOW)
    assert [person.first_name for person, _ in snapshot.order("europe", NOW)] == ["Bruno", "Carla", "Dino"]
    with database.transaction() as fresh:
        assert next_change(fresh, NOW) > NOW


@every_fault
def test_its_hours_are_gaps_and_the_nightly_mail_goes_out(loaded: Session, tmp_path: Any, what: str) -> None:
    assert open_gaps(loaded, NOW) == []
    loaded.execute(text("DELETE FROM roster WHERE name = 'Backups'"))
    spoil(loaded, what)
    assert {gap.region for gap in open_gaps(loaded, NOW)} == {"europe"}
    morning = NOW + 8 * HOUR
    report_gaps(Work(loaded, Runtime(Settings(var_dir=tmp_path), _no_database(), ShiftedClock()), morning))
    assert loaded.scalars(select(Message.recipient)).all() == ["carla@example.org", "dino@example.org"]


def _no_database() -> Any:
    return None


@every_fault
def test_handoffs_and_drills_of_the_others_are_told(loaded: Session, what: str) -> None:
    """And nobody hears that a shift is off which only can't be worked out."""
    notice = HandoffNotice(
        roster_id=loaded.scalars(select(Roster.id).where(Roster.name == "Nights")).one(),
        layer_id=loaded.scalars(select(RosterLayer.id).where(RosterLayer.name == "first")).one(),
        layer="first", at=NOW + HOUR / 2, person_id=loaded.scalars(select(Person.id).limit(1)).one(), comes=True,
        told_at=NOW, confirmed_at=NOW,
    )  # fmt: skip
    loaded.add(notice)
    spoil(loaded, what)
    loaded.execute(
        text("DELETE FROM roster_rotation WHERE layer_id IN (SELECT id FROM roster_layer WHERE name='second')")
    )
    watch_handoffs(loaded, NOW)
    loaded.execute(
        text("INSERT INTO roster_rotation (layer_id, position, starts, every_n, every_unit)"
             " SELECT id, 0, '2026-06-14 02:30', 1, 'weeks' FROM roster_layer WHERE name = 'second'")
    )  # fmt: skip
    loaded.execute(
        text("INSERT INTO roster_turn (rotation_id, turn, position, person_id)"
             " SELECT max(roster_rotation.id), 0, 0, (SELECT id FROM person WHERE name = 'Bruno Verdi')"
             " FROM roster_rotation")
    )  # fmt: skip
    watch_handoffs(loaded, NOW)
    texts = loaded.scalars(select(Message.body).where(Message.channel == "text")).all()
    [words] = [words for words in texts if "come on call" in words]
    told = r"Nightline: you come on call today at 2:30 \(Backups, second\)\. No open ticket\. Reply OK \d{6}\."
    assert re.fullmatch(told, words)
    assert not [words for words in texts if "Nights" in words]
    watch_drills(loaded, NOW + 14 * HOUR)


@every_fault
def test_its_page_says_so_and_mends_it(database: Database, session: Session, load: Load, what: str) -> None:
    load(ROSTERS)
    words = spoil(session, what)
    session.commit()
    with database.transaction() as fresh:
        row = fresh.scalars(select(Roster).where(Roster.name == "Nights")).one()
        board = read_board(fresh, row.id, NOW, NOW + 14 * DAY)
        assert "can't be worked out, so nobody is rung by it" in board.fault
        assert words in board.fault
        assert [(layer.name, layer.shifts) for layer in board.layers] == [("first", ())]
        assert board.required
        assert not board.gaps, "the other roster covers its hours"
        other = fresh.scalars(select(Roster).where(Roster.name == "Backups")).one()
        good = read_board(fresh, other.id, NOW, NOW + 14 * DAY)
        assert not good.fault
        assert good.layers[0].shifts
        with pytest.raises(BadRosterError, match=r"The roster Nights can't be worked out: .* To mend it, correct it"):
            figures.figures(fresh, row.id, NOW, NOW + DAY)
        with pytest.raises(BadRosterError):
            load_roster(fresh, "Nights", NOW, NOW + DAY)


@pytest.mark.parametrize("what", ["a far end", "a far start"])
def test_a_far_date_is_corrected_by_editing_the_layer(
    database: Database, session: Session, load: Load, what: str
) -> None:
    load(ROSTERS)
    spoil(session, what)
    session.commit()
    with database.transaction() as fresh:
        layer = fresh.scalars(select(RosterLayer).where(RosterLayer.name == "first")).one()
        seen = wish_of(layer)
        [rotation] = seen.rotations
        good = Rotation(rotation.start.replace(year=2026), rotation.every, rotation.turns)
        change_layer(fresh, Author("Mara", NOW), layer.id, LayerWish(seen.name, [good], seen.hours))
    with database.transaction() as fresh:
        assert rung(fresh)[0] == ("Ada", "first")
        assert SHELF.read_at(fresh, NOW).failing_at(NOW) == []


@every_fault
def test_a_layer_that_makes_no_sense_is_made_anew_or_removed(
    database: Database, session: Session, load: Load, what: str
) -> None:
    load(ROSTERS)
    spoil(session, what)
    session.commit()
    mara = Author("Mara", NOW, accepts_gaps=True)
    with database.transaction() as fresh:
        ada = fresh.scalars(select(Person.id).where(Person.name == "Ada Rossi")).one()
        first = fresh.scalars(select(RosterLayer).where(RosterLayer.name == "first")).one()
        rotation = Rotation(datetime(2026, 6, 1, 18), Every(1, Unit.WEEK), ((ada,),))  # noqa: DTZ001 - a wall-clock time
        week = DutyHours.parse(["mon", "sun"], "00:00", "00:00")
        made = add_layer(fresh, mara, first.roster_id, LayerWish("second", [rotation]))
        move_layer(fresh, mara, made.id, 0)
        change_layer(fresh, mara, first.id, LayerWish("front", [rotation], [week]))
    with database.transaction() as fresh:
        layers = fresh.scalars(select(RosterLayer).where(RosterLayer.roster_id == first.roster_id)).all()
        assert {layer.name: layer.position for layer in layers} == {"second": 0, "front": 1}
        [front] = (layer for layer in layers if layer.name == "front")
        assert wish_of(front) == LayerWish("front", [rotation], [week])
        remove_layer(fresh, mara, front.id)
    with database.transaction() as fresh:
        left = select(RosterLayer.name).where(RosterLayer.roster_id == first.roster_id)
        assert fresh.scalars(left).all() == ["second"]


def test_a_corrected_file_mends_it(session: Session, load: Load) -> None:
    for what in GONE_BAD:
        load(ROSTERS)
        spoil(session, what)
        load(ROSTERS)
        assert rung(session)[0] == ("Ada", "first"), what


@every_fault
def test_calendars_say_that_it_is_missing(loaded: Session, what: str) -> None:
    words = spoil(loaded, what)
    everybody = {person.first_name: person.id for person in loaded.scalars(select(Person))}
    for feed in (
        CalendarFeed(person_id=everybody["Bruno"], token_digest=b"1", made_by="", made_at=NOW),
        CalendarFeed(roster_id=1, token_digest=b"2", made_by="", made_at=NOW),
    ):
        loaded.add(feed)
        loaded.flush()
        told = calendar(loaded, feed, NOW).decode().replace("\r\n ", "")
        assert "SUMMARY:The roster Nights can't be worked out: ask those in charge" in told
        assert words in told
        assert ("On call: Bruno Verdi (Backups" in told) == (feed.person_id is not None)


@every_fault
def test_the_preflight_names_it_and_the_remedy(loaded: Session, what: str) -> None:
    words = spoil(loaded, what)
    [found] = [each for each in check_directory(loaded, Settings(), NOW) if each.subject == "roster Nights"]
    assert (found.level, found.remedy.startswith("correct it on its page")) == (Level.PROBLEM, True)
    assert words in found.words


@pytest.mark.parametrize("until", ["2150-01-01", "2101-01-01", "7999-12-31"])
def test_a_date_a_little_beyond_is_named_too_but_people_are_rung_by_it(loaded: Session, until: str) -> None:
    loaded.execute(text("UPDATE roster_rotation SET until = CAST(:until AS timestamp)"), {"until": until})
    found = [each for each in check_directory(loaded, Settings(), NOW) if each.subject.startswith("roster ")]
    assert [(each.level, "is in the year" in each.words) for each in found] == [(Level.PROBLEM, True)] * 2
    assert rung(loaded)[0] == ("Ada", "first")


@pytest.mark.parametrize("ends", ["9999-12-31 23:59+00", "9999-12-31 23:59+14", "2200-06-01 00:00+00"])
def test_an_override_and_time_off_without_end_last_for_ever(loaded: Session, ends: str) -> None:
    """Earlier releases took any year for them, and they make no roster bad."""
    loaded.execute(
        text("INSERT INTO roster_override (layer_id, span, person_id) SELECT layer.id, tstzrange('2026-06-01 00:00+00',"
             " CAST(:ends AS timestamptz)), person.id FROM roster_layer layer, person"
             " WHERE layer.name = 'first' AND person.name = 'Dino Gallo'"), {"ends": ends},
    )  # fmt: skip
    loaded.execute(
        text("INSERT INTO time_off (person_id, made_at, span, note) SELECT id, now(), tstzrange('2026-06-01 00:00+00',"
             " CAST(:ends AS timestamptz)), '' FROM person WHERE name = 'Bruno Verdi'"), {"ends": ends},
    )  # fmt: skip
    loaded.expire_all()
    assert rung(loaded) == [("Dino", "first"), ("Carla", "team leader")]
    board = read_board(loaded, 1, NOW, NOW + DAY)
    assert not board.fault
    assert board.layers[0].shifts[0].override is not None


@every_fault
def test_those_in_charge_are_told_once_and_when_it_is_over(loaded: Session, what: str) -> None:
    words = spoil(loaded, what)
    sight = see(loaded, NOW)
    [bad] = sight.bad
    assert bad.name == "Nights"
    assert words in bad.reason
    finding = next(each for each in findings(sight, timedelta(0), timedelta(0)) if each.kind == "rosters")
    assert (finding.present, finding.calm, finding.ids, finding.again) == (True, False, [bad.roster_id], None)
    notice = trouble_notice("key", Word.BEGUN, finding, sight.now, "Europe/Rome", "https://hotline.example.org")
    assert notice.subject == "Nightline: the roster Nights can't be worked out"
    assert words in notice.body
    assert f"https://hotline.example.org/rosters/{bad.roster_id}" in notice.body
    assert "Callers are put through all the same" in notice.body

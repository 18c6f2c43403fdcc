"""The snapshot says what the database would have said, by the same rules."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from oncall.customers.pins import PinKeys
from oncall.models.customers import Contract, Pin, Region
from oncall.models.people import Person
from oncall.models.stored_settings import PAGING, write
from oncall.outage.snapshot import AHEAD, Snapshot
from oncall.outage.snapshot_file import NoSnapshotError, SnapshotFile
from oncall.outage.snapshot_taking import next_change, take, versions
from oncall.rosters.on_call import chain
from tests.calls.people import ACME, ACME_PIN, ADA, DIRECTORY
from tests.loading import load_directory

KEY = "a key for tests of snapshots"
ROTATION = """
  - name: Nights
    regions: [america, europe]
    time_zone: America/New_York
    layers:
      - name: first
        rotation: {start: 2026-01-05T07:30, every: 9 hours, people: [Carla Neri, Bruno Verdi, Ada Rossi]}
        hours: [{days: [mon, wed, sat], from: "18:00", to: "09:00"}]
    overrides:
      - {layer: first, from: 2026-06-15T18:00, to: 2026-06-15T23:15, person: Dino Gallo}
"""


@pytest.fixture
def loaded(database: Database, now: datetime) -> Database:
    with database.transaction() as session:
        load_directory(session, DIRECTORY + ROTATION, now, KEY.encode())
        session.execute(
            text(
                "INSERT INTO time_off (person_id, made_at, span, note) SELECT id, now(), tstzrange("
                "'2026-06-16 00:00+00', '2026-06-17 12:00+00'), '' FROM person WHERE name = 'Ada Rossi'"
            )
        )
    return database


def taken(database: Database, now: datetime) -> Snapshot:
    with database.transaction() as session:
        return take(session, now)


def settings(folder: Path, key: str = KEY) -> Settings:
    return Settings(var_dir=folder, pin_key=key)


def test_everybody_is_rung_in_the_order_of_the_database(loaded: Database, now: datetime) -> None:
    """At 350 instants of the next days, for each region."""
    snapshot = taken(loaded, now)
    instants = [now + timedelta(minutes=28 * number) for number in range(350)]
    assert instants[-1] < now + AHEAD
    with loaded.transaction() as session:
        for region in ("europe", "america", "apac"):
            for at in instants:
                told = [(person.name, why) for person, why in snapshot.order(region, at)]
                assert told == [(link.person.name, link.source) for link in chain(session, region, at)], (region, at)
    orders = {tuple(person.id for person, _ in snapshot.order("america", at)) for at in instants}
    assert len(orders) == 4


def test_past_its_last_day_the_last_order_goes_on(loaded: Database, now: datetime) -> None:
    snapshot = taken(loaded, now)
    assert snapshot.order("europe", now + timedelta(days=30)) == snapshot.order("europe", now + AHEAD)
    assert snapshot.order("europe", now - timedelta(days=1)) == snapshot.order("europe", now)


def test_pins_numbers_and_people(loaded: Database, now: datetime) -> None:
    snapshot = taken(loaded, now)
    keys = PinKeys(KEY.encode())
    acme = snapshot.contract_with(keys.derive(ACME_PIN), None)
    assert acme is not None
    assert acme.customer == "Acme"
    assert snapshot.contract_with(keys.derive("99999999"), None) is None
    assert snapshot.contract_with(keys.derive(ACME_PIN), (acme.customer_id + 1,)) is None
    assert snapshot.caller(ACME).customers == (acme.customer_id,)
    assert snapshot.caller(ADA).staff
    assert not snapshot.caller(None).registered


def test_there_and_back(loaded: Database, now: datetime, tmp_path: Path) -> None:
    file, snapshot = SnapshotFile(settings(tmp_path)), taken(loaded, now)
    file.write(snapshot)
    assert file.read() == snapshot
    content = file.path.read_bytes()
    assert not [word for word in (b"Acme", ADA[1:].encode(), b"Rossi") if word in content]
    assert file.path.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snapshot"]


def test_what_can_not_be_used_says_why(loaded: Database, now: datetime, tmp_path: Path) -> None:
    file = SnapshotFile(settings(tmp_path))
    with pytest.raises(NoSnapshotError, match="none was written"):
        file.read()
    file.write(taken(loaded, now))
    with pytest.raises(NoSnapshotError, match="of another PIN_KEY"):
        SnapshotFile(settings(tmp_path, "quite another key than that")).read()
    content = bytearray(file.path.read_bytes())
    content[len(content) // 2] ^= 1
    file.path.write_bytes(content)
    with pytest.raises(NoSnapshotError, match="broken"):
        file.read()
    file.path.write_bytes(b"")
    with pytest.raises(NoSnapshotError, match="broken"):
        file.read()


def test_a_killed_writer_leaves_the_old_one(loaded: Database, now: datetime, tmp_path: Path) -> None:
    file, snapshot = SnapshotFile(settings(tmp_path)), taken(loaded, now)
    file.write(snapshot)
    (tmp_path / f".snapshot.{os.getpid()}.dead").write_bytes(b"half of a new one")
    assert file.read() == snapshot


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contract SET paid = false",
        "UPDATE pin SET revoked_at = now()",
        "DELETE FROM customer_phone",
        "UPDATE customer SET name = name || '.'",
        "UPDATE product SET end_of_life = '2026-01-01'",
        "UPDATE region SET office_number = NULL",
        "INSERT INTO blocked_number (number, reason) VALUES ('+393330000009', '')",
        "UPDATE person SET phone = phone || '1'",
        "DELETE FROM roster_override",
    ],
)
def test_each_change_is_noticed(loaded: Database, change: str) -> None:
    with loaded.transaction() as session:
        before = versions(session)
    with loaded.transaction() as session:
        session.execute(text(change))
    with loaded.transaction() as session:
        assert versions(session) != before


def test_paging_times_too_and_other_settings_not(loaded: Database) -> None:
    with loaded.transaction() as session:
        write(session, PAGING, {"no_answer": 7})
        first = versions(session)
        write(session, "something else", 1)
        assert versions(session) == first
        write(session, PAGING, {"no_answer": 8})
        assert versions(session) != first


def test_when_the_next_one_comes_on(loaded: Database, now: datetime) -> None:
    with loaded.transaction() as session:
        at = next_change(session, now)
        here, there = chain(session, None, at - timedelta(seconds=1)), chain(session, None, at)
    assert now < at < now + AHEAD
    assert [(link.person.id, link.source) for link in here] != [(link.person.id, link.source) for link in there]


def test_models_are_plain(loaded: Database, now: datetime) -> None:
    """Nothing of it needs the session that read it."""
    snapshot = taken(loaded, now)
    kept = (*snapshot.people, *snapshot.contracts, *snapshot.regions)
    assert not [each for each in kept if isinstance(each, Person | Contract | Pin | Region)]
    assert abs(real_now() - snapshot.taken_at) < timedelta(minutes=1)
    assert snapshot.taken_at.tzinfo == UTC

"""The journal on disk: nothing is lost, torn or read by strangers, whoever writes at once."""

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.settings import Settings
from oncall.outage.journal import Entry, Journal

AT = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
WRITERS, EACH = 4, 60


def settings_of(folder: Path, key: str = "a key for tests of journals") -> Settings:
    return Settings(var_dir=folder, pin_key=key)


def entry(number: int, kind: str = "came") -> Entry:
    return Entry(f"CA{number}:{kind}", AT, kind, f"CA{number}", {"caller": "+390212345678"})


def read_all(journal: Journal) -> list[Entry | None]:
    return [found for batch in journal.batches() for found in journal.read(batch)]


def test_there_and_back_in_order_and_unreadable(tmp_path: Path) -> None:
    journal = Journal(settings_of(tmp_path))
    journal.write(entry(1), entry(2))
    journal.write(entry(3))
    written = b"".join(path.read_bytes() for path in journal.folder.glob("*.log"))
    assert b"0212345678" not in written
    assert b"came" not in written
    assert all(path.stat().st_mode & 0o077 == 0 for path in journal.folder.glob("*.log"))
    assert read_all(journal) == [entry(1), entry(2), entry(3)]


def _write_many(folder: Path, first: int) -> None:
    journal = Journal(settings_of(folder))
    for number in range(first, first + EACH):
        journal.write(entry(number))


@pytest.mark.slow
def test_many_processes_write_while_one_takes_away(tmp_path: Path) -> None:
    """No line goes into a file that has been taken away."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, 1000 * each)) for each in range(WRITERS)]
    for writer in writers:
        writer.start()
    journal, found = Journal(settings_of(tmp_path)), []
    while any(writer.is_alive() for writer in writers) or not journal.is_empty():
        for batch in journal.batches():
            found += list(journal.read(batch))
            journal.remove(batch, whole=True)
    assert {writer.exitcode for writer in writers} == {0}
    keys = [each.key for each in found if each is not None]
    assert len(keys) == len(set(keys)) == WRITERS * EACH == len(found)


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    journal = Journal(settings_of(tmp_path))
    journal.write(entry(1), entry(2))
    path = journal.folder / "open.log"
    os.truncate(path, path.stat().st_size - 9)  # somebody died while writing
    journal.write(entry(3))
    assert read_all(journal) == [entry(1), None, entry(3)]
    [batch] = journal.batches()
    journal.remove(batch, whole=False)
    assert journal.is_empty()
    assert [path.name for path in journal.folder.glob("unreadable-*")] == [f"unreadable-{batch.name}"]


def test_of_another_key(tmp_path: Path) -> None:
    Journal(settings_of(tmp_path)).write(entry(1))
    assert read_all(Journal(settings_of(tmp_path, "quite another key than that"))) == [None]


def test_a_disk_that_refuses_costs_no_caller(tmp_path: Path) -> None:
    """It is logged, and the caller gets an answer."""
    (tmp_path / "journal").write_text("a file where the folder should be")
    Journal(settings_of(tmp_path)).write(entry(1))
    assert (tmp_path / "journal").read_text() == "a file where the folder should be"


def test_only_one_takes(tmp_path: Path) -> None:
    journal = Journal(settings_of(tmp_path))
    with journal.alone() as first, journal.alone() as second:
        assert (first, second) == (True, False)
    with journal.alone() as again:
        assert again

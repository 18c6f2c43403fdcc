"""No test depends on the day on which it runs: what the tests of other days stand on, and what tests may not ask."""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from schedules.clock_changes import clock_changes
from schedules.wall_clock import wall_time
from tests.dates import DAYS, ROOT, DatesError, build, pretended, same_day

# Who may ask for the time of day. Everything else gets it from `core.clock`, where it can be pretended; and a test
# makes something of it only by its distance to another instant.
READERS: Final = {
    "core/clock.py",
    "oncall/monitoring/outage_check.py",  # the age of a file
    "oncall/outage/journal.py",  # a file's name
    "simulator/identity.py",  # the network's own stamps
    "bench/machine.py",  # when figures were taken
    "bench/roster_http.py",
    "tests/dates.py",
    "tests/test_dates.py",
    "tests/core/test_clock.py",
}
ASKED: Final = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"),
}  # fmt: skip
PLACES: Final = ("assets", "core", "schedules", "oncall", "ivr", "web", "simulator", "bench", "tests")
_LOOK: Final = """
import os, pathlib, sys, threading, time, urllib.parse
from datetime import UTC, datetime
began = time.monotonic()
time.sleep(0.2)
taken = threading.Lock()
taken.acquire()
taken.acquire(timeout=0.2)
path = pathlib.Path(sys.argv[1])
path.write_text("x")
age = time.time() - path.stat().st_mtime
os.utime(path, (time.time() - 100, time.time() - 100))
print(datetime.now(UTC).isoformat(), time.monotonic() - began, age, time.time() - os.stat(path).st_mtime)
"""


def questions(source: str) -> Iterator[str]:
    """Where a program asks for the time of day: `datetime.now()` in all its forms, imported by name or called so."""
    tree = ast.parse(source)
    aliases = {
        each.asname or each.name: each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for each in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        found: ast.expr = node.func
        if isinstance(found, ast.Attribute):
            owner = found.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (aliases.get(name, name).rpartition(".")[2], found.attr) in ASKED:
                yield f"line {node.lineno}: {ast.unparse(found)}()"
        elif isinstance(found, ast.Name) and found.id != "time" and ("time", aliases.get(found.id, "")) in ASKED:
            yield f"line {node.lineno}: {found.id}()"


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.now()",
        "from datetime import date as day\nday.today()",
        "import time\ntime.time()",
        "import time as clock\nclock.localtime()",
        "from time import time as seconds\nseconds()",
        "class A:\n    at = datetime.utcnow()",
    ],
)
def test_the_guard_sees_every_way_to_ask(source: str) -> None:
    assert len(list(questions(source))) == 1


@pytest.mark.parametrize("source", ["clock.now()", "import time\ntime.monotonic()", "now = time(2, 0)", "real_now()"])
def test_the_guard_lets_others_pass(source: str) -> None:
    assert list(questions(source)) == []


def test_only_the_clock_asks_for_the_time_of_day() -> None:
    files = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}, {question}"
        for path in files
        if str(path.relative_to(ROOT)) not in READERS
        for question in questions(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_six_days_are_what_they_are_called() -> None:
    local = {name: wall_time(at, "Europe/Rome") for name, at in DAYS.items()}
    assert (local["monday"].weekday(), local["sunday"].weekday()) == (0, 6)
    assert local["monday"].hour == 17, "the handoff of 18:00 falls into the run"
    assert (DAYS["new-year"] + timedelta(minutes=10)).year == DAYS["new-year"].year + 1
    assert (local["leap-day"].month, local["leap-day"].day) == (2, 29)
    changes = [each.at for each in clock_changes("Europe/Rome", 2027, 2027)]
    for name in ("spring", "autumn"):
        assert any(timedelta(0) < at - DAYS[name] <= timedelta(minutes=10) for at in changes)


def test_a_day_is_pretended_within_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when these tests themselves run on another day: a program begun there is moved from the true date."""
    monkeypatch.setenv("MOVED_DATE_SECONDS", "86400")
    ours = DAYS["monday"] - timedelta(hours=1)
    assert pretended(DAYS["monday"], ours, tmp_path / "moved.so")["MOVED_DATE_SECONDS"] == "90000"
    assert same_day()["MOVED_DATE_SECONDS"] == "86400"
    assert "PATH" not in same_day()


@pytest.mark.parametrize("day", list(DAYS))
def test_a_program_lives_on_that_day_and_waits_as_ever(day: str, tmp_path: Path) -> None:
    """Its date is moved, and so are the times of files; its sleeps and time-outs take as long as they should."""
    try:
        library = build(tmp_path)
    except DatesError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    moved, began = pretended(DAYS[day], datetime.now(UTC), library), time.monotonic()
    said = subprocess.run(
        [sys.executable, "-c", _LOOK, str(tmp_path / "file")],
        env={**os.environ, **moved},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    took = timedelta(seconds=time.monotonic() - began)
    assert timedelta(seconds=-1) <= datetime.fromisoformat(said[0]) - DAYS[day] <= took + timedelta(seconds=1)
    assert 0.4 <= float(said[1]) <= took.total_seconds()
    assert -0.1 <= float(said[2]) <= took.total_seconds()
    assert 100 <= float(said[3]) <= 100.1 + took.total_seconds()

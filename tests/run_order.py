"""Which tests run beside others, which alone, and which in `make quick`."""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest
from hypothesis import is_hypothesis_test
from xdist.scheduler import LoadScopeScheduling

_TESTS: Final = Path(__file__).parent
# What `make quick` leaves to `make test`: browsers, telephones, programs that are started, and long sums.
SLOW: Final = frozenset(
    {
        *("assets", "bench", "browser", "calls", "chaos", "commands", "core/serving", "deploy", "simulator", "web"),
        *("worker", "oncall/customers/test_pin_rules.py", "oncall/planning/imports/test_cost.py"),
        *("test_dates.py", "test_jobs.py", "test_layout.py", "test_migration_of_counts.py", "test_migrations.py"),
        *("test_migrations_of_calendars.py", "test_processes.py", "test_states.py", "test_wakeups.py"),
        *("test_web_process.py",),
    }
)
# Folders of files that take minutes.
_LONG: Final = ("browser", "chaos", "calls")
_BROWSER: Final = "tests/browser/"
# Measures time, and so waits until all others are done.
_WEIGHT: Final = f"{_BROWSER}test_weight.py"


def is_slow(path: Path) -> bool:
    """Whether `make quick` leaves out this file or folder of tests."""
    return path.is_relative_to(_TESTS) and path.relative_to(_TESTS).as_posix() in SLOW


def is_quick(item: pytest.Item) -> bool:
    """Whether a test of another file runs in `make quick`: no database, no hundreds of examples, no long work."""
    fixtures = getattr(item, "fixturenames", ())
    long = needs_real_seconds(item) or item.get_closest_marker("slow") is not None
    return "postgres_server" not in fixtures and not is_hypothesis_test(getattr(item, "obj", None)) and not long


def needs_real_seconds(item: pytest.Item) -> bool:
    """Whether it measures what takes how long, and so has to run alone."""
    return item.get_closest_marker("real_seconds") is not None


def order(item: pytest.Item) -> tuple[bool, int]:
    """Long files first: at the end, small ones fill up the time until the last process is done.

    What needs real seconds comes last, as nothing runs beside it.
    """
    folder = item.path.relative_to(_TESTS).parts[0]
    return needs_real_seconds(item), _LONG.index(folder) if folder in _LONG else len(_LONG)


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    """Files are shared out among processes; those of a browser all go to one, as two browsers starve everything."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def share_of(nodeid: str) -> str:
    """What a test is handed out with: its file, or all of a browser's."""
    file = nodeid.partition("::")[0]
    return _BROWSER if file.startswith(_BROWSER) and file != _WEIGHT else file


def waited_for(item: pytest.Item) -> AbstractContextManager[None]:
    """Run the test beside others of all pytest's processes in this checkout, or alone, as it needs."""
    assert item.config.cache is not None, "processes meet in pytest's cache"
    return machine(item.config.cache.mkdir("run_order"), alone=needs_real_seconds(item))


@contextmanager
def machine(folder: Path, *, alone: bool) -> Iterator[None]:
    """Wait until the machine is free for the block: shared with others who share it, or `alone`."""
    with (folder / "next").open("w") as gate, (folder / "running").open("w") as running:
        fcntl.flock(gate, fcntl.LOCK_EX)  # who waits for all others to end is overtaken by nobody
        fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield

"""Tests that measure time run alone; files are shared out among processes, those of a browser to one."""

from pathlib import Path
from threading import Event, Thread

import pytest

from tests.run_order import SLOW, is_slow, machine, share_of

ROOT = Path(__file__).parent
# Long enough for a thread that nothing holds up.
MOMENT_S = 0.3


def running(folder: Path, *, alone: bool) -> tuple[Event, Event, Thread]:
    """Somebody who runs once they may, until they are told to end."""
    begun, end = Event(), Event()

    def run() -> None:
        with machine(folder, alone=alone):
            begun.set()
            end.wait()

    thread = Thread(target=run, daemon=True)
    thread.start()
    return begun, end, thread


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_who_measures_time_has_the_machine_alone(tmp_path: Path, first: bool, second: bool) -> None:
    begun, end, one = running(tmp_path, alone=first)
    assert begun.wait(30)
    later, over, other = running(tmp_path, alone=second)
    assert not later.wait(MOMENT_S)
    end.set()
    assert later.wait(30)
    over.set()
    for thread in (one, other):
        thread.join(30)
        assert not thread.is_alive()


def test_all_others_run_side_by_side(tmp_path: Path) -> None:
    there = [running(tmp_path, alone=False) for _ in range(3)]
    assert all(begun.wait(30) for begun, _, _ in there)
    for _, end, thread in there:
        end.set()
        thread.join(30)


def test_nobody_overtakes_who_waits_to_be_alone(tmp_path: Path) -> None:
    begun, end, _ = running(tmp_path, alone=False)
    assert begun.wait(30)
    alone, alone_ends, _ = running(tmp_path, alone=True)
    assert not alone.wait(MOMENT_S)
    late, late_ends, _ = running(tmp_path, alone=False)
    assert not late.wait(MOMENT_S)
    end.set()
    assert alone.wait(30)
    assert not late.is_set()
    alone_ends.set()
    assert late.wait(30)
    late_ends.set()


def test_one_process_has_the_browser() -> None:
    ids = ["tests/browser/test_roster.py::test_a", "tests/browser/test_phones.py::test_b[x::y]"]
    assert len({share_of(each) for each in ids}) == 1
    files = ["tests/browser/test_weight.py", "tests/calls/test_away.py", "tests/test_dates.py"]
    assert [share_of(f"{file}::test_c") for file in files] == files


def test_what_quick_leaves_out_is_there() -> None:
    """By its name of now: nothing that was renamed comes back unseen."""
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if is_slow(path)} == SLOW
    assert not is_slow(ROOT / "oncall" / "calls")
    assert not is_slow(ROOT / "core")

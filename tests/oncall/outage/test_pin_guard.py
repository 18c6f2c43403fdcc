"""Limits on guessing without the database: local, exact over processes, and nobody shuts a registered number out."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.settings import Settings
from oncall.customers.pin_guard import Caller, Verdict
from oncall.customers.pin_limits import Limits, strict
from oncall.outage.pin_guard import Guesses

NOW = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
STRANGER, ACME = Caller("+393330000001"), Caller("+390212345678", customers=(7,))


def guesses(folder: Path) -> Guesses:
    return Guesses(Settings(var_dir=folder, pin_key="a key for tests of guesses"))


def verdicts(desk: Guesses, caller: Caller, times: int, begin: int = 0, now: datetime = NOW) -> list[str]:
    return [desk.reserve(f"{caller.number}:{begin + turn}", caller, now).verdict for turn in range(times)]


def test_half_of_what_the_database_allows() -> None:
    assert strict(Limits(5, 10, 20, 100, 30)) == Limits(3, 5, 10, 50, 30)


def test_a_number_has_three_an_hour(tmp_path: Path) -> None:
    desk = guesses(tmp_path)
    assert verdicts(desk, STRANGER, 5) == ["go", "go", "go", "number_limit", "number_limit"]
    later = NOW + timedelta(hours=1)
    assert verdicts(desk, STRANGER, 3, begin=10, now=later) == ["go", "go", "number_limit"]


def test_right_ones_count_not_at_all(tmp_path: Path) -> None:
    desk = guesses(tmp_path)
    guess = desk.reserve("CA1:0", STRANGER, NOW)
    desk.settle(guess.key, right=True)
    desk.settle(guess.key, right=False)  # the first word counts
    assert verdicts(desk, STRANGER, 4) == ["go", "go", "go", "number_limit"]


@pytest.mark.parametrize("outcome", ["right", "wrong", "the process died"])
def test_a_second_look_at_a_turn_is_a_try_of_its_own(tmp_path: Path, outcome: str) -> None:
    """Other digits may have been typed: else one turn would be good for any number of guesses."""
    desk = guesses(tmp_path)
    first = desk.reserve("CA1:0", STRANGER, NOW)
    if outcome != "the process died":
        desk.settle(first.key, right=outcome == "right")
    left = 3 if outcome == "right" else 2
    looks = [desk.reserve("CA1:0", STRANGER, NOW) for _ in range(6)]
    assert [look.verdict for look in looks] == ["go"] * left + ["number_limit"] * (6 - left)
    desk.settle(looks[0].key, right=True)  # that one alone
    assert verdicts(desk, STRANGER, 2, begin=9) == ["go", "number_limit"]


def test_who_was_refused_stays_refused(tmp_path: Path) -> None:
    desk = guesses(tmp_path)
    verdicts(desk, STRANGER, 3)
    assert desk.reserve("CA1:0", STRANGER, NOW).verdict == "number_limit"
    later = NOW + timedelta(hours=2)
    assert desk.reserve("CA1:0", STRANGER, later).verdict == "number_limit"
    assert desk.reserve("CA2:0", STRANGER, later).verdict == "go"


def test_a_registered_number_is_never_shut_out_by_others(tmp_path: Path) -> None:
    desk = guesses(tmp_path)
    for number in range(20):
        desk.reserve(f"CA{number}:0", Caller(f"+3933300000{number:02}"), NOW)
    assert verdicts(desk, STRANGER, 1) == [Verdict.COMMON_LIMIT]
    assert verdicts(desk, ACME, 31) == [Verdict.OWN_ONLY] * 30 + [Verdict.RING_BACK]


def test_a_clock_set_back_opens_nothing(tmp_path: Path) -> None:
    desk = guesses(tmp_path)
    verdicts(desk, STRANGER, 3)
    assert verdicts(desk, STRANGER, 1, begin=5, now=NOW - timedelta(minutes=30)) == ["number_limit"]


def test_a_broken_file_lets_registered_numbers_try_their_own_alone(tmp_path: Path) -> None:
    (tmp_path / "guesses").write_bytes(b"not ours")
    desk = guesses(tmp_path)
    assert verdicts(desk, ACME, 1) == [Verdict.OWN_ONLY]
    assert verdicts(desk, STRANGER, 1) == [Verdict.COMMON_LIMIT]


def _guess(folder: Path, name: int, out: "multiprocessing.Queue[int]") -> None:
    desk = guesses(folder)
    found = [desk.reserve(f"CA{name}-{turn}:0", Caller(None), NOW).verdict for turn in range(10)]
    out.put(found.count("go"))


@pytest.mark.slow
def test_processes_count_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[int] = context.Queue()
    children = [context.Process(target=_guess, args=(tmp_path, name, out)) for name in range(4)]
    for child in children:
        child.start()
    passed = sum(out.get(timeout=300) for _ in children)
    for child in children:
        child.join()
    assert passed == 3


def test_nothing_on_disk_can_be_read(tmp_path: Path) -> None:
    guesses(tmp_path).reserve("CA1:0", STRANGER, NOW)
    assert b"393330000001" not in (tmp_path / "guesses").read_bytes()
    assert (tmp_path / "guesses").stat().st_mode & 0o077 == 0

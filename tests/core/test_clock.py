"""Clocks: real, shifted, and shared by all processes."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import SHIFT_KEPT_SECONDS, SharedClock, ShiftedClock, real_now

NIGHT = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)


def test_the_real_clock_is_real() -> None:
    before = datetime.now(UTC)
    assert before <= ShiftedClock().now() <= datetime.now(UTC)
    assert ShiftedClock.starting_at(None).shift() == timedelta(0)
    assert ShiftedClock().now().tzinfo is UTC


def test_a_pretended_time_runs_on() -> None:
    begun = real_now()
    pretended = ShiftedClock.starting_at(NIGHT)
    first, second = pretended.now(), pretended.now()
    assert NIGHT <= first <= second <= NIGHT + (real_now() - begun)
    before = real_now()
    assert before <= pretended.now() - pretended.shift() <= real_now()


class Stored:
    """A distance that other processes may change; counts how often it is read."""

    def __init__(self, shift: timedelta | None) -> None:
        self.shift, self.reads = shift, 0

    def __call__(self) -> timedelta | None:
        self.reads += 1
        return self.shift


def test_a_shared_time_is_read_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    running = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: running[0])
    stored = Stored(timedelta(hours=5))
    shared = SharedClock(stored, ShiftedClock())
    assert shared.shift() == timedelta(hours=5)
    before = real_now()
    assert before <= shared.now() - timedelta(hours=5) <= real_now()
    assert stored.reads == 1
    running[0] += SHIFT_KEPT_SECONDS
    assert shared.shift() == timedelta(hours=5)
    assert stored.reads == 2


def test_without_a_shared_time_the_processs_own_counts() -> None:
    own = ShiftedClock.starting_at(NIGHT)
    assert SharedClock(Stored(None), own).shift() == own.shift()


def test_a_change_is_seen_at_once_by_who_made_it_and_soon_by_others() -> None:
    stored = Stored(timedelta(hours=1))
    mine, other = SharedClock(stored, ShiftedClock()), SharedClock(stored, ShiftedClock())
    assert mine.shift() == other.shift() == timedelta(hours=1)
    stored.shift = timedelta(hours=2)
    mine.forget()
    assert mine.shift() == timedelta(hours=2)
    time.sleep(SHIFT_KEPT_SECONDS)
    assert other.shift() == timedelta(hours=2)

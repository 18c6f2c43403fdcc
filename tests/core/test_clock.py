"""Clocks: real, shifted, and shared by all processes."""

import time
from datetime import UTC, datetime, timedelta

from core.clock import SHIFT_KEPT_SECONDS, SharedClock, ShiftedClock, real_now

NIGHT = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
SOON = timedelta(seconds=2)


def test_the_real_clock_is_real() -> None:
    assert abs(ShiftedClock().now() - datetime.now(UTC)) < SOON
    assert ShiftedClock.starting_at(None).shift() == timedelta(0)
    assert ShiftedClock().now().tzinfo is UTC


def test_a_pretended_time_runs_on() -> None:
    pretended = ShiftedClock.starting_at(NIGHT)
    first, second = pretended.now(), pretended.now()
    assert NIGHT <= first <= second < NIGHT + SOON
    assert abs(pretended.now() - real_now() - pretended.shift()) < timedelta(milliseconds=50)


class Stored:
    """A distance that other processes may change; counts how often it is read."""

    def __init__(self, shift: timedelta | None) -> None:
        self.shift, self.reads = shift, 0

    def __call__(self) -> timedelta | None:
        self.reads += 1
        return self.shift


def test_a_shared_time_is_read_once_in_a_while() -> None:
    stored = Stored(timedelta(hours=5))
    shared = SharedClock(stored, ShiftedClock())
    assert shared.shift() == timedelta(hours=5)
    assert abs(shared.now() - real_now() - timedelta(hours=5)) < SOON
    assert stored.reads == 1


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

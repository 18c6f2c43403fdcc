from datetime import time

import pytest

from schedules.rosters.layers import DutyHours, Layer, hours_at
from tests.schedules.clocks import ROME, utc

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def on_duty(hours: list[DutyHours], at: str) -> bool:
    return hours_at(Layer("first", (), tuple(hours)), ROME, utc(at))[0]


def until(hours: list[DutyHours], at: str) -> object:
    return hours_at(Layer("first", (), tuple(hours)), ROME, utc(at))[1]


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        # Within one day. July: Rome is two hours ahead. 2026-07-06 is a Monday.
        ((["mon"], "09:00", "18:00"), "2026-07-06 06:59:59", False),
        ((["mon"], "09:00", "18:00"), "2026-07-06 07:00", True),
        ((["mon"], "09:00", "18:00"), "2026-07-06 15:59:59", True),
        ((["mon"], "09:00", "18:00"), "2026-07-06 16:00", False),
        ((["mon"], "09:00", "18:00"), "2026-07-07 07:00", False),
        # Over midnight: Monday's hours end on Tuesday, and Sunday's would end on Monday.
        ((["mon"], "18:00", "09:00"), "2026-07-06 16:00", True),
        ((["mon"], "18:00", "09:00"), "2026-07-07 06:59:59", True),
        ((["mon"], "18:00", "09:00"), "2026-07-07 07:00", False),
        ((["mon"], "18:00", "09:00"), "2026-07-06 06:00", False),
        ((["sun"], "18:00", "09:00"), "2026-07-06 06:00", True),
        # All day and night.
        ((["mon"], "00:00", "00:00"), "2026-07-05 22:00", True),
        ((["mon"], "00:00", "00:00"), "2026-07-06 21:59:59", True),
        ((["mon"], "00:00", "00:00"), "2026-07-06 22:00", False),
        ((["mon"], "18:00", "18:00"), "2026-07-07 15:59:59", True),
        ((["mon"], "18:00", "18:00"), "2026-07-07 16:00", False),
        # Up to midnight.
        ((["mon"], "18:00", "00:00"), "2026-07-06 21:59:59", True),
        ((["mon"], "18:00", "00:00"), "2026-07-06 22:00", False),
        # The spring night: 02:00 to 03:00 is missing, 29 March 2026 is a Sunday.
        ((["sun"], "02:30", "04:00"), "2026-03-29 01:29:59", False),
        ((["sun"], "02:30", "04:00"), "2026-03-29 01:30", True),
        ((["sun"], "02:30", "04:00"), "2026-03-29 02:00", False),
        ((["sun"], "02:30", "03:00"), "2026-03-29 01:15", False),  # swallowed
        # The autumn night: 02:00 to 03:00 comes twice, 25 October 2026 is a Sunday.
        ((["sun"], "02:30", "03:00"), "2026-10-25 00:30", True),
        ((["sun"], "02:30", "03:00"), "2026-10-25 01:45", True),
        ((["sun"], "02:30", "03:00"), "2026-10-25 02:00", False),
        ((["sun"], "01:00", "02:30"), "2026-10-25 00:30", False),
    ],
)
def test_hours_by_hand(hours: tuple[list[str], str, str], at: str, expected: bool) -> None:
    assert on_duty([DutyHours.parse(*hours)], at) is expected


def test_several_hours_add_up() -> None:
    nights = DutyHours.parse(WEEK[:5], "18:00", "09:00")
    weekend = DutyHours.parse(WEEK[5:], "00:00", "00:00")
    both = [nights, weekend]
    assert not on_duty(both, "2026-07-03 12:00")  # Friday afternoon
    assert on_duty(both, "2026-07-03 17:00")
    assert on_duty(both, "2026-07-05 12:00")
    assert not on_duty(both, "2026-07-05 22:00")  # Sunday's hours end at midnight, Monday's begin at 18:00
    assert until(both, "2026-07-05 22:00") == utc("2026-07-06 16:00")


def test_hours_say_until_when_they_hold() -> None:
    monday = [DutyHours.parse(["mon"], "18:00", "09:00")]
    assert until(monday, "2026-07-06 20:00") == utc("2026-07-07 07:00")
    assert until(monday, "2026-07-07 07:00") == utc("2026-07-13 16:00")


def test_hours_swallowed_by_a_clock_change_are_back_a_week_later() -> None:
    sunday = [DutyHours.parse(["sun"], "02:30", "03:00")]
    assert until(sunday, "2026-03-22 12:00") == utc("2026-04-05 00:30")


def test_a_layer_without_hours_is_always_on_duty() -> None:
    assert hours_at(Layer("first"), ROME, utc("2026-07-05 22:00")) == (True, None)


def test_days_are_read_by_their_first_letters() -> None:
    assert DutyHours.parse(["Monday", " SUN "], "18:00", "09:00") == DutyHours(frozenset({0, 6}), time(18), time(9))


@pytest.mark.parametrize(
    ("days", "from_", "to", "says"),
    [
        (["someday"], "18:00", "09:00", "write mon, tue"),
        ([], "18:00", "09:00", "need weekdays"),
        (["mon"], "25:00", "09:00", 'such as "18:00"'),
        (["mon"], "18:00", 540, "cannot read the time 540: write it in quotes"),  # YAML's reading of 9:00
    ],
)
def test_unreadable_hours_say_how_to_write_them(days: list[str], from_: str, to: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        DutyHours.parse(days, from_, to)


def test_wrong_days_are_refused() -> None:
    with pytest.raises(ValueError, match="0 \\(Monday\\) to 6"):
        DutyHours(frozenset({7}), time(18), time(9))

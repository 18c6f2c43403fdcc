"""The years in which somebody plans."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings
from core.years import in_our_times, is_in_our_times
from demo.pretended_time import PretendError, read_time

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "good"),
    [
        (date(1, 1, 1), False),
        (date(1999, 12, 31), False),
        (date(2000, 1, 1), True),
        (date(2026, 6, 1), True),
        (date(2099, 12, 31), True),
        (date(2100, 1, 1), False),
        (date(9999, 12, 31), False),
    ],
)
def test_from_2000_to_2099(day: date, good: bool) -> None:
    assert is_in_our_times(day) is good
    if good:
        assert in_our_times(day) == day
    else:
        with pytest.raises(ValueError, match=f"the year must be from 2000 to 2099, not {day.year}"):
            in_our_times(day)


@given(st.datetimes(), st.integers(-1439, 1439))
def test_what_is_let_in_can_be_told_on_every_clock(at: datetime, minutes: int) -> None:
    """Whatever the offset it was written with: nothing overflows, a day earlier or later."""
    aware = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    if is_in_our_times(aware):
        assert abs(aware.astimezone(UTC) + timedelta(days=1) - aware) == timedelta(days=1)


@pytest.mark.parametrize("start", ["0001-01-01T00:00+05:00", "1999-12-31T23:59Z", "9999-12-31T23:59-05:00"])
def test_a_start_of_the_clock_in_other_years_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match="must lie in the years 2000 to 2099"):
        Settings(clock_start=start)
    assert Settings(clock_start="2099-12-31T23:59:59+00:00").clock_start is not None


@pytest.mark.parametrize(
    "words", ["0001-01-01T00:00+05:00", "0001-01-01", "9999-12-31T23:59-05:00", "9999-12-31T23:59"]
)
def test_a_pretended_time_in_other_years_is_refused(words: str) -> None:
    with pytest.raises(PretendError, match="must lie between 2020 and 2036"):
        read_time(words, NOW, "Europe/Rome")


@given(st.text(max_size=40) | st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat))
def test_nothing_that_is_typed_overflows(words: str) -> None:
    try:
        read_time(words, NOW, "Pacific/Kiritimati")
    except PretendError:
        return

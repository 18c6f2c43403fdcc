import pytest

from schedules.rosters.overrides import Kind, Override
from schedules.rosters.swaps import Shift, swap_overrides
from tests.schedules.clocks import utc, wall

MADE_AT = utc("2026-06-30 12:00")
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (utc(f"2026-07-{day} 16:00") for day in ("06", "07", "08", "09"))
GIVEN = Shift("first", MONDAY, TUESDAY, "Ada")


def test_a_shift_given_away_is_one_override() -> None:
    (override,) = swap_overrides(GIVEN, None, "Bruno", "Ada", MADE_AT)
    assert override == Override("first", MONDAY, TUESDAY, "Bruno", "swap", Kind.REPLACE, "Ada", MADE_AT)


def test_a_shift_taken_in_return_is_a_second_override() -> None:
    taken = Shift("backup", WEDNESDAY, THURSDAY, "Bruno")
    assert swap_overrides(GIVEN, taken, "Bruno", "Ada", MADE_AT) == (
        Override("first", MONDAY, TUESDAY, "Bruno", "swap", by="Ada", made_at=MADE_AT),
        Override("backup", WEDNESDAY, THURSDAY, "Ada", "swap", by="Ada", made_at=MADE_AT),
    )


def test_shifts_may_touch_and_may_share_time_in_two_layers() -> None:
    after = Shift("first", TUESDAY, WEDNESDAY, "Bruno")
    before = Shift("first", utc("2026-07-05 16:00"), MONDAY, "Bruno")
    beside = Shift("backup", MONDAY, TUESDAY, "Bruno")
    for taken in (after, before, beside):
        assert len(swap_overrides(GIVEN, taken, "Bruno", "Ada", MADE_AT)) == 2


@pytest.mark.parametrize(
    ("taken", "other", "says"),
    [
        (None, "Ada", "a swap needs two people"),
        (Shift("first", WEDNESDAY, THURSDAY, "Carla"), "Bruno", "must be one of the person who takes over"),
        (Shift("first", utc("2026-07-07 15:59"), WEDNESDAY, "Bruno"), "Bruno", "overlap in the layer 'first'"),
    ],
)
def test_swaps_that_make_no_sense_are_refused(taken: Shift | None, other: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        swap_overrides(GIVEN, taken, other, "Ada", MADE_AT)


def test_shifts_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Shift("first", MONDAY, MONDAY, "Ada")
    with pytest.raises(ValueError, match="must be aware"):
        Shift("first", wall("2026-07-06 18:00"), TUESDAY, "Ada")

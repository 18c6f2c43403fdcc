from schedules.rosters.steps import Steps
from tests.schedules.clocks import utc

NINE, TEN, NOON, NIGHT = (utc(f"2026-07-01 {hour}") for hour in ("09:00", "10:00", "12:00", "22:00"))
LIGHT = Steps([(NINE, "day"), (TEN, "day"), (NIGHT, "night")], before="night")


def test_a_value_holds_from_its_step_until_it_changes() -> None:
    assert LIGHT.at(utc("2026-07-01 08:59:59")) == ("night", NINE)
    assert LIGHT.at(NINE) == ("day", NIGHT)  # the step at ten changes nothing
    assert LIGHT.at(NOON) == ("day", NIGHT)
    assert LIGHT.at(NIGHT) == ("night", None)
    assert Steps([], before=7).at(NOON) == (7, None)


def test_a_span_begins_with_what_holds_and_excludes_its_end() -> None:
    assert LIGHT.between(NOON, NIGHT) == [(NOON, "day")]
    assert LIGHT.between(NINE, NIGHT) == [(NINE, "day")]
    assert LIGHT.between(utc("2026-07-01 00:00"), utc("2026-07-02 00:00")) == [
        (utc("2026-07-01 00:00"), "night"),
        (NINE, "day"),
        (NIGHT, "night"),
    ]

"""The time of calls: what a moment was in real time stays so, however often the speed is changed afterwards."""

import time

import pytest

from simulator.pace import Pace


class Wall:
    """The clock on the wall, which a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(time, "monotonic", wall)
    return wall


def test_call_seconds_run_at_the_speed_of_the_moment(wall: Wall) -> None:
    pace = Pace(2)
    wall.at += 3
    assert pace.now() == pytest.approx(6)
    pace.set_speed(0.5)
    wall.at += 4
    assert pace.now() == pytest.approx(8)


@pytest.mark.parametrize("speeds", [(1, 5), (5, 0.001, 5), (5, 0.001, 5, 0.001, 2)])
def test_what_was_stays_where_it_was(wall: Wall, speeds: tuple[float, ...]) -> None:
    """How long a call has lasted, and when a line was said, do not change with the speed."""
    pace = Pace(speeds[0])
    moments = []
    for speed in speeds:
        pace.set_speed(speed)
        for _ in range(3):
            moments.append((pace.now(), wall.at - 1000))
            wall.at += 7
        found = [pace.real(moment) for moment, _ in moments]
        assert found == pytest.approx([real for _, real in moments])
        assert found == sorted(found)
    ahead = pace.now() + speeds[-1]
    assert pace.real(ahead) == pytest.approx(wall.at - 1000 + 1)


def test_only_a_patient_network_waits_for_answers_and_for_people(wall: Wall) -> None:
    hasty, patient = Pace(10), Pace(10, patient=True)
    for pace in (hasty, patient):
        pace.hold("somebody")
        with pace.awaiting_answer():
            pass
    wall.at += 1
    assert hasty.now() == pytest.approx(10)
    assert patient.now() < 0.01


def test_no_more_than_a_second_passes_in_a_real_one_until_the_last_answer_is_there(wall: Wall) -> None:
    pace = Pace(10, patient=True)
    with pace.awaiting_answer():
        with pace.awaiting_answer():
            wall.at += 1
        wall.at += 1
    assert pace.now() == pytest.approx(2)
    wall.at += 1
    assert pace.now() == pytest.approx(12)
    assert pace.real(pace.now()) == pytest.approx(3), "when something was said is told by the clock on the wall"


def test_a_network_that_is_slower_than_that_stays_so(wall: Wall) -> None:
    pace = Pace(0.5, patient=True)
    with pace.awaiting_answer():
        wall.at += 2
    assert pace.now() == pytest.approx(1)


def test_time_stands_still_until_everybody_has_acted(wall: Wall) -> None:
    pace = Pace(10, patient=True)
    pace.hold("Ada")
    pace.hold("Bruno")
    pace.go_on("Ada")
    wall.at += 1
    assert pace.now() < 0.01
    pace.go_on("Bruno")
    pace.set_speed(5)
    wall.at += 1
    assert pace.now() == pytest.approx(5, abs=0.01)

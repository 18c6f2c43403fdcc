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

"""When a technician and a caller talked, from whatever reports of it arrived."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from oncall.models.conferences import Participant
from oncall.tickets.interventions import conversation, duration
from tests.conftest import SUNDAY_NIGHT

Times = tuple[int, int | None, int | None]


def stay(sent: int, joined: int | None = None, left: int | None = None) -> Participant:
    """A stay in the room: seconds at which it was sent there, came, left."""
    return Participant(sent_at=_at(sent), joined_at=_at(joined), left_at=_at(left))


def _at(second: int | None) -> object:
    return None if second is None else SUNDAY_NIGHT + timedelta(seconds=second)


def talked(
    technician: Sequence[Times], callers: Sequence[Times], *, coming_back: bool = False
) -> tuple[int, int | None] | None:
    """The conversation's begin and end in seconds."""
    talk = conversation([stay(*t) for t in technician], [stay(*t) for t in callers], coming_back=coming_back)
    if talk is None:
        return None
    seconds = [None if at is None else int((at - SUNDAY_NIGHT).total_seconds()) for at in (talk.start, talk.end)]
    return seconds[0] or 0, seconds[1]


@pytest.mark.parametrize(
    ("technician", "caller", "expected"),
    [
        pytest.param((0, 1, 60), (2, 3, 50), (3, 50), id="the caller hangs up first"),
        pytest.param((0, 1, 40), (2, 3, 50), (3, 40), id="the technician hangs up first"),
        pytest.param((0, 4, 40), (2, 3, 50), (4, 40), id="the technician comes last"),
        pytest.param((0, 1, None), (2, 3, None), (3, None), id="they are still talking"),
        pytest.param((0, 1, None), (2, 3, 50), (3, 50), id="the technician is left alone"),
        pytest.param((0, 1, None), (2, None, None), None, id="the caller is on the way"),
        pytest.param((0, 1, 5), (6, 7, 20), None, id="gone before the caller came"),
        pytest.param((0, None, 60), (2, None, 50), (2, 50), id="no arrival was reported"),
        pytest.param((0, None, 60), (2, 3, 50), (3, 50), id="the technician's arrival was not reported"),
        pytest.param((0, None, None), (2, 3, 50), None, id="nothing is known of the technician yet"),
        pytest.param((0, 70, 60), (2, 3, 50), (3, 50), id="an arrival reported after the departure"),
        pytest.param((0, 60, 60), (2, 50, 50), (2, 50), id="both arrivals reported with the departure"),
    ],
)
def test_one_stay_each(technician: Times, caller: Times, expected: tuple[int, int | None] | None) -> None:
    assert talked([technician], [caller]) == expected


def test_nobody_else_there() -> None:
    assert talked([(0, 1, 60)], []) is None
    assert talked([], [(0, 1, 60)]) is None


def test_the_order_of_the_stays_does_not_matter() -> None:
    technician: list[Times] = [(0, 1, 20), (25, 26, 40), (50, 51, 70)]
    callers: list[Times] = [(2, 3, 35), (36, 37, 60)]
    found = {talked(t, c) for t in permutations(technician) for c in permutations(callers)}
    assert found == {(3, 60)}


def test_stepping_aside_is_one_conversation() -> None:
    away: list[Times] = [(0, 1, 30)]
    there: list[Times] = [(2, 3, None)]
    assert talked(away, there) == (3, 30)
    assert talked(away, there, coming_back=True) == (3, None)
    assert talked([*away, (35, 36, None)], there) == (3, None)
    assert talked([*away, (35, 36, 90)], [(2, 3, 95)]) == (3, 90)


def test_nobody_to_come_back_to() -> None:
    assert talked([(0, 1, 30)], [(2, 3, 40)], coming_back=True) == (3, 30)


def test_a_colleague_has_a_conversation_of_their_own() -> None:
    callers: list[Times] = [(2, 3, 100)]
    assert talked([(0, 1, 60)], callers) == (3, 60)
    assert talked([(40, 45, 105)], callers) == (45, 100)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (192, "3 min 12 s"), (3600, "1 h"), (3725, "1 h 2 min 5 s")],
)
def test_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words

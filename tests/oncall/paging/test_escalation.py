"""Who is tried next: layers, then team leader and manager, rounds, then everybody again and again."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from oncall.paging.escalation import Step, behind, is_everybody_round, next_step
from oncall.sla.paging_times import PagingTimes

FIRST, BACKUP, LEADER, MANAGER, NEW = 11, 12, 13, 14, 15
ORDER = (FIRST, BACKUP, LEADER, MANAGER)
TIMES = PagingTimes(no_answer=45, rounds=3, then_every=300)


def walk(order: Sequence[int], steps: int, times: PagingTimes = TIMES, first: int | None = None) -> list[Step]:
    """The first steps of a page that nobody takes."""
    tried: set[tuple[int, int]] = set()
    taken: list[Step] = []
    for _ in range(steps):
        step = next_step(order, tried, taken[-1].round if taken else 1, times, first)
        tried |= {(step.round, person) for person in step.people}
        taken.append(step)
    return taken


def test_one_after_the_other_three_times_then_everybody_for_ever() -> None:
    steps = walk(ORDER, 16)
    assert [step.people for step in steps[:12]] == [(person,) for person in ORDER] * 3
    assert [step.round for step in steps[:12]] == [1] * 4 + [2] * 4 + [3] * 4
    assert {step.wait for step in steps[:12]} == {45}
    assert steps[12:] == [Step(ORDER, round_, 300) for round_ in (4, 5, 6, 7)]


def test_somebody_special_comes_first_and_only_once_in_the_first_round() -> None:
    steps = walk(ORDER, 8, first=LEADER)
    assert [step.people[0] for step in steps] == [LEADER, FIRST, BACKUP, MANAGER, *ORDER]
    outsider = walk(ORDER, 9, first=NEW)
    assert [step.people[0] for step in outsider] == [NEW, *ORDER, *ORDER]


def test_a_handoff_in_the_middle_of_a_round_rings_the_new_person_at_once() -> None:
    tried = {(1, FIRST), (1, BACKUP)}
    assert next_step((NEW, BACKUP, LEADER), tried, 1, TIMES).people == (NEW,)
    assert next_step((NEW, BACKUP, LEADER), tried | {(1, NEW)}, 1, TIMES).people == (LEADER,)


def test_nobody_to_ring_waits_and_tries_again() -> None:
    assert next_step((), set(), 1, TIMES) == Step((), 4, 300)
    assert next_step(ORDER, set(), 5, TIMES) == Step(ORDER, 5, 300)


def test_when_everybody_is_called() -> None:
    assert [is_everybody_round(round_, TIMES) for round_ in (1, 3, 4, 9)] == [False, False, True, True]


@given(
    order=st.lists(st.integers(1, 20), max_size=6, unique=True),
    rounds=st.integers(1, 4),
    first=st.none() | st.integers(1, 20),
    steps=st.integers(1, 40),
)
def test_whoever_is_on_call_everyone_has_their_turn(
    order: list[int], rounds: int, first: int | None, steps: int
) -> None:
    times = PagingTimes(rounds=rounds)
    taken = walk(order, steps, times, first)
    tried = [(step.round, person) for step in taken for person in step.people]
    assert len(tried) == len(set(tried)), "nobody is tried twice in one round"
    assert [step.round for step in taken] == sorted(step.round for step in taken)
    for step in taken:
        if is_everybody_round(step.round, times):
            assert step.people == tuple(order)
            assert step.wait == times.then_every
        else:
            assert len(step.people) == 1
            assert step.wait == times.no_answer
    if order and len(taken) > (len(order) + 1) * rounds:
        assert {person for round_, person in tried if round_ == 1} >= set(order)
        assert taken[-1].people == tuple(order), "it never ends"


def test_a_round_begins_behind_who_was_rung_in_vain() -> None:
    """They are the last of it, so a round that ends wraps around; who is on no roster changes nothing."""
    assert behind(ORDER, FIRST) == [BACKUP, LEADER, MANAGER, FIRST]
    assert behind(ORDER, MANAGER) == list(ORDER)
    assert behind(ORDER, LEADER) == [MANAGER, FIRST, BACKUP, LEADER]
    assert behind(ORDER, NEW) == behind(ORDER, None) == list(ORDER)
    assert behind([FIRST], FIRST) == [FIRST], "there is nobody else"
    steps = walk(behind(ORDER, BACKUP), 8)
    assert [step.people[0] for step in steps] == [LEADER, MANAGER, FIRST, BACKUP] * 2

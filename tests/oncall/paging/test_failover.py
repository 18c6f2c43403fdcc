"""The policy: when a page goes by a person's other channels too."""

import pytest

from oncall.paging.failover import POLICY, Reason, Trial, Trouble, reason_to_go_elsewhere

CALL, TEXT = "call", "text"
PATIENCE = 15


def reason(
    trouble: Trouble | None, priority: str = "P1", waited: float = 0, over: bool = False, kind: str = CALL
) -> Reason | None:
    troubles = frozenset() if trouble is None else frozenset({trouble})
    trials = tuple(Trial(each, troubles if each == kind else frozenset()) for each in (CALL, TEXT))
    return reason_to_go_elsewhere(trials, priority, waited, PATIENCE, over)


@pytest.mark.parametrize(
    ("trouble", "priority", "waited", "over", "goes"),
    [
        (None, "P1", 3600, True, False),
        (Trouble.FAILED, "P1", 0, False, True),
        (Trouble.FAILED, "P3", 0, False, True),
        (Trouble.KNOWN_BAD, "P2", 0, False, True),
        (Trouble.KNOWN_BAD, "P3", 99, False, False),
        (Trouble.NOTHING_GETS_THROUGH, "P1", 0, False, True),
        (Trouble.NOTHING_GETS_THROUGH, "P4", 99, True, False),
        (Trouble.NOT_TAKEN, "P1", 14.9, False, False),
        (Trouble.NOT_TAKEN, "P1", 15, False, True),
        (Trouble.NOT_TAKEN, "P2", 15, False, True),
        (Trouble.NOT_TAKEN, "P3", 15, False, False),
        # The attempt is over before the patience: the person must not be forgotten.
        (Trouble.NOT_TAKEN, "P1", 3, True, True),
    ],
)
def test_each_line(trouble: Trouble | None, priority: str, waited: float, over: bool, goes: bool) -> None:
    for kind in (CALL, TEXT):
        found = reason(trouble, priority, waited, over, kind)
        assert found == (Reason(kind, trouble) if goes and trouble else None)


def test_every_trouble_has_a_line() -> None:
    assert [rule.trouble for rule in POLICY] == list(Trouble)


def test_the_surest_reason_is_told() -> None:
    trials = (Trial(CALL, frozenset({Trouble.NOT_TAKEN})), Trial(TEXT, frozenset({Trouble.FAILED})))
    found = reason_to_go_elsewhere(trials, "P1", 99, PATIENCE, False)
    assert found is not None
    assert found.words == "the text failed for good"

"""When a page goes by a person's other channels too: a table, and a pure function that reads it.

The call and the text are tried on all the while, and the page rings and escalates as ever.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from oncall.sla.promises import Priority


class Trouble(Enum):
    """What may be wrong with a call or a text to somebody, most certain first. The words go on the ticket."""

    FAILED = "failed for good"
    KNOWN_BAD = "failed for good the last time"
    NOTHING_GETS_THROUGH = "can't be made, as nothing gets through to the telephone network"
    NOT_TAKEN = "is not taken by the telephone network"


class Wait(Enum):
    """How long a trouble must last before other channels are asked."""

    NONE = "at once"
    PATIENCE = "after `other_after` seconds, or when the attempt is over"


@dataclass(frozen=True)
class Rule:
    """One line of the policy: for pages of these priorities, other channels are asked after `wait`."""

    trouble: Trouble
    priorities: frozenset[str]
    wait: Wait


_URGENT: Final = frozenset({Priority.P1, Priority.P2})
_ALL: Final = frozenset({Priority.P1, Priority.P2, Priority.P3, Priority.P4})

# Invalid number, STOP, country not allowed, landline; also from late reports.    -> never again, so at once
# The latest text or call to that number failed so, and none got through since.   -> most likely again, so at once
# The breaker: nothing has got through for a minute (oncall/delivery/provider_health.py).  -> no use in waiting
# 429, 5xx, time-outs, refused connections.                                       -> usually over in seconds
POLICY: Final = (
    Rule(Trouble.FAILED, _ALL, Wait.NONE),
    Rule(Trouble.KNOWN_BAD, _URGENT, Wait.NONE),
    Rule(Trouble.NOTHING_GETS_THROUGH, _URGENT, Wait.NONE),
    Rule(Trouble.NOT_TAKEN, _URGENT, Wait.PATIENCE),
)


@dataclass(frozen=True)
class Trial:
    """One of the two ways that an attempt takes, and its troubles. `kind`: call or text."""

    kind: str
    troubles: frozenset[Trouble]


@dataclass(frozen=True)
class Reason:
    """Why other channels are asked."""

    kind: str
    trouble: Trouble

    @property
    def words(self) -> str:
        return f"the {self.kind} {self.trouble.value}"


def reason_to_go_elsewhere(
    trials: tuple[Trial, ...], priority: str, waited: float, patience: int, over: bool
) -> Reason | None:
    """Why other channels are asked now, by the first rule that applies; None while there is no reason.

    `waited`: seconds since the person was to be reached. `over`: nobody tries to reach them for this attempt any more.
    """
    for rule in POLICY:
        if priority not in rule.priorities or (rule.wait is Wait.PATIENCE and not over and waited < patience):
            continue
        for trial in trials:
            if rule.trouble in trial.troubles:
                return Reason(trial.kind, rule.trouble)
    return None

"""What goes first when calls or texts wait for their turn: a lower rank before a higher one."""

from typing import Final

from oncall.sla.promises import Priority

P1: Final = 1
P2: Final = 2
OTHER: Final = 3
DRILL: Final = 4

_OF_PRIORITY: Final[dict[str, int]] = {Priority.P1: P1, Priority.P2: P2}


def rank_of(priority: str) -> int:
    """The rank of what is sent about a ticket of this priority."""
    return _OF_PRIORITY.get(priority, OTHER)

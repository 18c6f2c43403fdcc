"""Why a change of a roster is not made. Each says in one sentence what is wrong and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from schedules.spans import Span


class RosterError(Exception):
    """The change is refused, and nothing has been changed."""


class TakenError(RosterError):
    """Somebody's override, or the same person's time off, is there already."""


class BusyError(RosterError):
    """Somebody else's change took longer than this one could wait."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else is changing rosters at this moment, so nothing of yours is saved yet: "
            "try again in a few seconds."
        )


class GoneError(RosterError):
    """What should be changed is not there any more, or no longer as it was."""


class ChangedError(GoneError):
    """Somebody else has changed it since it was loaded."""


class NotAllowedError(RosterError):
    """This person may not do that with this swap."""


@dataclass(frozen=True)
class Gap:
    """Time (UTC) in which a region's calls must be taken and nobody is on call."""

    region: str
    span: Span


class GapOpensError(RosterError):
    """The change would leave hours without anybody that are covered now; it can be confirmed."""

    def __init__(self, gaps: Sequence[Gap], words: str) -> None:
        super().__init__(words)
        self.gaps = tuple(gaps)

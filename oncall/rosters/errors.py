"""Why a change of a roster is not made. Each says in one sentence what is wrong and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schedules.rosters.rotation import Rotation
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


class ForeignError(RosterError):
    """The layer is another roster's: times would be read on the wrong clock."""

    def __init__(self) -> None:
        super().__init__("This layer belongs to another roster: load the page again.")


class NotAllowedError(RosterError):
    """This person may not do that with this swap."""


@dataclass(frozen=True)
class Gap:
    """Time (UTC) in which a region's calls must be taken and nobody is on call."""

    region: str
    span: Span


class Asks(StrEnum):
    """What a change is asked about before it is saved."""

    GAP = "gap"  # hours lose their last person
    AWAY = "time off"  # somebody is put on call who has time off, and is not rung
    TWICE = "two layers"  # one person stands in several layers, and nobody is behind them any more
    PAST = "past"  # hours that are over change hands, and with them the hours for payroll
    MOVES = "moves"  # a rotation that is changed moves who is on call now or soon
    IDLE = "idle"  # somebody's turns never fall on the hours of their layer
    SWAP = "swap"  # an agreed swap no longer covers the shift that it was made for


@dataclass(frozen=True)
class Choice:
    """A better choice: `words` for its button, and what to send in the place of what was sent.

    One of: another person, another beginning (UTC), other rotations; or `instead`, an address to which a POST is sent
    instead of all that.
    """

    words: str
    person_id: int | None = None
    start: datetime | None = None
    rotations: tuple[Rotation, ...] = ()
    instead: str = ""


@dataclass(frozen=True)
class Question:
    """One sentence that names people and times, with the list behind it. Whoever says yes sends `key` along."""

    asks: Asks
    words: str
    key: str
    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


class AskFirstError(RosterError):
    """The change looks right and may not be: it is saved once its questions are answered with yes."""

    def __init__(self, questions: Sequence[Question], gaps: Sequence[Gap] = ()) -> None:
        super().__init__(f"{' '.join(each.words for each in questions)} Save it all the same?")
        self.questions = tuple(questions)
        self.gaps = tuple(gaps)


class GapOpensError(AskFirstError):
    """One of the questions: the change would leave hours without anybody that are covered now."""

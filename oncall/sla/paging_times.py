"""How a page goes on: how long a phone rings, how often people are tried, what a caller waits for. Pure."""

from dataclasses import dataclass
from datetime import time

LONGEST_RING = 590


# In place of a time of day: nobody is drilled.
NEVER = "never"


@dataclass(frozen=True)
class PagingTimes:
    """How a page goes on. Seconds, but for `rounds`, `readings` and `goodbye_rings`. Defaults are those that ship.

    `drill`: the time of day, on the roster's clock, at which whoever comes on call next is called for a test; or never.
    """

    no_answer: int = 45
    rounds: int = 3
    then_every: int = 300
    readings: int = 2
    promise: int = 1800
    # So long a report that a caller has come into a room may be late, before it counts as not having happened.
    drop_grace: int = 4
    # The technician's line has ended (product, hotline step 11): so long a caller who presses nothing stays before the
    # technician is rung, how often that is done in a call, after what length of a conversation it is counted anew, and
    # how long a caller who is asked what should happen next may be silent.
    goodbye_pause: int = 10
    goodbye_rings: int = 2
    goodbye_talk: int = 60
    goodbye_silence: int = 20
    office_rings: int = 25
    handoff_notice: int = 3600
    # A call or text that the telephone network has not taken so long: the person's other channels are asked as well.
    other_after: int = 15
    # Before the notices of the usual handoff at 18:00, and while somebody in the office can still find a cover.
    drill: str = "16:00"

    def __post_init__(self) -> None:
        """Raises ValueError. Twilio rings for 600 s at most, and is told to ring 10 s longer than we wait."""
        for name, value in vars(self).items():
            if name == "drill":
                self._check_drill()
            elif isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 86400:
                raise ValueError(f"{name} must be a whole number from 1 to 86400, not {value!r}")
        for name in ("no_answer", "office_rings"):
            if getattr(self, name) > LONGEST_RING:
                raise ValueError(f"{name} must be a whole number from 1 to {LONGEST_RING}, not {getattr(self, name)!r}")

    def _check_drill(self) -> None:
        try:
            if self.drill != NEVER and f"{time.fromisoformat(self.drill):%H:%M}" != self.drill:
                raise ValueError
        except (TypeError, ValueError):
            raise ValueError(f'drill must be a time of day such as "16:00", or {NEVER}, not {self.drill!r}') from None

    @property
    def drill_at(self) -> time | None:
        """The time of day of drills; None when there are none."""
        return None if self.drill == NEVER else time.fromisoformat(self.drill)

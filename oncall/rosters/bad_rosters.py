"""One roster that can't be read, or worked out, must not take the others with it: nobody would be rung at all.

It is left out, said so loudly each time it is met, told to those in charge (`oncall/watchdog`), and named wherever it
is missed. Pure, but for the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from core import log
from oncall.rosters.errors import RosterError
from schedules.rosters.roster import Roster
from schedules.wall_clock import UnknownZoneError, zone_info

# What puts a bad roster right.
REMEDY: Final = "correct it on its page, or in the directory file and load that again"

T = TypeVar("T")

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class BadRoster:
    """A roster that can't be worked out, so that nobody is rung by it. `reason`: why, in words."""

    name: str
    reason: str
    time_zone: str
    regions: tuple[str, ...] = ()

    @property
    def clock(self) -> str:
        """A zone on whose clock times can be told, should its own be what is wrong."""
        return clock_of(self.time_zone)


def clock_of(time_zone: str) -> str:
    """The zone of a roster, or UTC where there is no such zone."""
    try:
        zone_info(time_zone)
    except UnknownZoneError:
        return "UTC"
    return time_zone


class BadRosterError(RosterError):
    """What was asked needs this roster, and it can't be worked out. Says why, and what to do."""

    def __init__(self, bad: BadRoster) -> None:
        super().__init__(f"The roster {bad.name} can't be worked out: {bad.reason}. To mend it, {REMEDY}.")


def answered(roster: Roster, ask: Callable[[Roster], T]) -> T | BadRoster:
    """What one of several rosters answers; if working it out fails, that is logged and returned.

    Whoever asks all rosters asks each in this way: the others have to answer whatever is wrong with one.
    """
    return tried(lambda: ask(roster), roster.name, roster.time_zone, roster.regions)


def tried(ask: Callable[[], T], name: str, time_zone: str, regions: tuple[str, ...]) -> T | BadRoster:
    """The same for a roster that is only being read."""
    try:
        return ask()
    except Exception as error:
        reason = str(error) or type(error).__name__
        bug = not isinstance(error, ValueError)
        logger.error("a roster can't be worked out: nobody is rung by it", roster=name, reason=reason, exc_info=bug)
        return BadRoster(name, reason, time_zone, regions)

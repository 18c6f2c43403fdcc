"""How many PINs may be tried, and how often a guesser who keeps at it all year then gets lucky."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.settings import Settings

_DAYS_A_YEAR: Final = 365


@dataclass(frozen=True)
class Limits:
    """The greatest number of wrong or unfinished attempts in any hour and any day."""

    number_hour: int
    number_day: int
    all_hour: int
    all_day: int
    registered_hour: int


def limits_from(settings: Settings) -> Limits:
    """The limits that the PIN_LIMIT_* settings give."""
    return Limits(
        number_hour=settings.pin_limit_number_hour,
        number_day=settings.pin_limit_number_day,
        all_hour=settings.pin_limit_all_hour,
        all_day=settings.pin_limit_all_day,
        registered_hour=settings.pin_limit_registered_hour,
    )


def strict(limits: Limits) -> Limits:
    """What one machine allows by itself while the database is away: half, as the others can't be asked.

    Whoever calls from a registered number keeps its whole limit: it is nobody else's.
    """
    number_hour, number_day, all_hour, all_day = (
        (each + 1) // 2 for each in (limits.number_hour, limits.number_day, limits.all_hour, limits.all_day)
    )
    return Limits(number_hour, number_day, all_hour, all_day, limits.registered_hour)


@dataclass(frozen=True)
class LuckyGuesses:
    """How many customers' PINs attackers who never pause should expect to hit in a year, for each kind of attacker.

    `one_number`: from one number, or from withheld ones. `all_numbers`: from as many numbers as they like, faked
    ones included. `faked_number`: beyond that, the PIN that belongs to one registered number which they fake; it
    is as likely for a technician's own PIN.
    """

    one_number: float
    all_numbers: float
    faked_number: float


def expected_lucky_guesses_per_year(limits: Limits, pins_in_force: int, pin_length: int) -> LuckyGuesses:
    """The risk that the limits leave: guesses a year, times PINs in force, over PINs there could be."""
    everyone = guesses_per_year(limits.all_hour, limits.all_day)
    alone = min(everyone, guesses_per_year(limits.number_hour, limits.number_day))
    faked = guesses_per_year(limits.registered_hour)
    pins = 10**pin_length
    return LuckyGuesses(alone * pins_in_force / pins, everyone * pins_in_force / pins, faked / pins)


def luckiest_guesses_per_year(limits: Limits, in_force: Mapping[int, int]) -> LuckyGuesses:
    """The same for PINs of several lengths, of attackers who guess at the length that pays best.

    `in_force`: how many PINs there are, by their number of digits.
    """
    risks = [expected_lucky_guesses_per_year(limits, count, length) for length, count in in_force.items()]
    return LuckyGuesses(
        max((risk.one_number for risk in risks), default=0.0),
        max((risk.all_numbers for risk in risks), default=0.0),
        max((risk.faked_number for risk in risks), default=0.0),
    )


def guesses_per_year(per_hour: int, per_day: float = math.inf) -> float:
    """What limits let through in a year of trying."""
    return min(24 * per_hour, per_day) * _DAYS_A_YEAR

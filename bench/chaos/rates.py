"""Whether requests came faster than a rate allows, and whether anybody was called twice at once. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Spell:
    """A number being called, from and to (monotonic seconds)."""

    number: str
    start: float
    end: float


def ahead_of_rate(at: Sequence[float], rate: float) -> float:
    """By how many seconds requests came too early at worst, over all windows.

    A window of w seconds may hold rate*w and one second's worth besides. Of a window from one request to another, the
    time that its requests should have taken at least, less the time that they took; below 0: never too early.
    """
    worst, lowest = float("-inf"), float("inf")
    for count, moment in enumerate(sorted(at)):
        # For the best beginning so far: (requests in between) / rate - 1 - time that went by.
        lowest = min(lowest, count / rate - moment)
        worst = max(worst, (count + 1) / rate - moment - lowest - 1.0)
    return worst


def overlaps(spells: Iterable[Spell]) -> list[tuple[Spell, Spell]]:
    """Pairs of calls to one number that went on at the same time."""
    by_number: dict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        by_number[spell.number].append(spell)
    found = []
    for each in by_number.values():
        each.sort(key=lambda spell: spell.start)
        found += [(one, next_) for one, next_ in pairwise(each) if next_.start < one.end]
    return found

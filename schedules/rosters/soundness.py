"""Whether a roster's dates can be reckoned with.

What is written today is held against `core.years` before. This is for what was written earlier: dates a little beyond
those years work as they always have, and are worth a word; those near the ends of the calendar make arithmetic fail.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from core.years import FIRST_YEAR, LAST_YEAR, YEARS
from schedules.rosters.roster import Roster

# From here on the longest turn (10,000 months) has room to both sides.
_FIRST_WORKABLE: Final = 1000
_LAST_WORKABLE: Final = 8000


class UnsoundRosterError(ValueError):
    """The roster has a date that can't be reckoned with; says which."""


def refuse_unsound(roster: Roster) -> None:
    """Raises UnsoundRosterError. Time off is not looked at: it is nobody's roster."""
    for where, at in _dates(roster):
        if not _FIRST_WORKABLE <= at.year <= _LAST_WORKABLE:
            raise UnsoundRosterError(_words(where, at))


def out_of_reach(roster: Roster) -> str | None:
    """The first date of the roster that nobody could write today, in words; None when there is none."""
    for where, at in _dates(roster):
        # A time of these years may lie a day beside them in UTC.
        if not FIRST_YEAR - 1 <= at.year <= LAST_YEAR + 1:
            return _words(where, at)
    return None


def _words(where: str, at: date) -> str:
    return f"{where} is in the year {at.year:04}, and only years from {YEARS} can be planned"


def _dates(roster: Roster) -> Iterator[tuple[str, date]]:
    for layer in roster.layers:
        for rotation in layer.rotations:
            yield f"the start of a rotation of layer {layer.name}", rotation.start
            if rotation.until is not None:
                yield f"the end (until) of a rotation of layer {layer.name}", rotation.until
    for override in roster.overrides:
        yield f"an override of layer {override.layer}", override.start
        yield f"an override of layer {override.layer}", override.end

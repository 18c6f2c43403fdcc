"""Swaps: two people trade shifts, or one takes over another's, by means of overrides."""

from dataclasses import dataclass
from datetime import datetime

from schedules.rosters.overrides import Override
from schedules.rosters.rotation import PersonId
from schedules.spans import settle

_NOTE = "swap"


@dataclass(frozen=True)
class Shift:
    """`person` is on call in `layer` from `start` to `end` (UTC, half-open). Raises ValueError for no time."""

    layer: str
    start: datetime
    end: datetime
    person: PersonId

    def __post_init__(self) -> None:
        settle(self, "a shift")

    def overlaps(self, other: "Shift") -> bool:
        """Whether both are in the same layer and share some time."""
        return self.layer == other.layer and self.start < other.end and other.start < self.end


def swap_overrides(
    given: Shift, taken: Shift | None, other: PersonId, by: str, made_at: datetime
) -> tuple[Override, ...]:
    """What puts a swap into force: `other` replaces the giver in `given`, and the giver replaces them in `taken`.

    `taken` is None when nothing is taken in return. `by` and `made_at` (UTC) go into the overrides. Raises ValueError
    when both are the same person, when `taken` is not a shift of `other`, or when the shifts overlap in one layer.
    """
    giver = given.person
    if other == giver:
        raise ValueError("a swap needs two people: nobody can swap a shift with themselves")
    if taken is None:
        return (_handed_over(given, other, by, made_at),)
    if taken.person != other:
        raise ValueError("the shift taken in return must be one of the person who takes over the first")
    if given.overlaps(taken):
        raise ValueError(f"the two shifts overlap in the layer {given.layer!r}: one person cannot give and take it")
    return _handed_over(given, other, by, made_at), _handed_over(taken, giver, by, made_at)


def _handed_over(shift: Shift, to: PersonId, by: str, made_at: datetime) -> Override:
    return Override(shift.layer, shift.start, shift.end, to, _NOTE, by=by, made_at=made_at)

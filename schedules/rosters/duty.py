"""What a roster answers: who is on call in a layer, at an instant or for a span, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schedules.rosters.overrides import Override
from schedules.rosters.rotation import PersonId


class Why(StrEnum):
    """What put a layer's people on call, or kept everybody off."""

    ROTATION = "rotation"
    OVERRIDE = "override"
    OFF_DUTY = "off duty"  # outside the layer's hours
    NOBODY = "nobody"  # no rotation has a turn: before the start, after the end


@dataclass(frozen=True)
class LayerDuty:
    """A layer's answer at one instant. `people` share the duty; it is empty when nobody is to be rung.

    `absent` would be on call too, but have time off; `why` stays what it was even if nobody is left. Nothing changes
    before `until` (UTC; None: ever), though the same people may go on after it.
    """

    layer: str
    people: tuple[PersonId, ...]
    why: Why
    until: datetime | None = None
    override: Override | None = None
    absent: tuple[PersonId, ...] = ()


class DutySpan(NamedTuple):
    """A layer's answer from `start` to `end` (UTC, half-open). A year has thousands: they have to be light."""

    start: datetime
    end: datetime
    people: tuple[PersonId, ...]
    why: Why
    override: Override | None = None
    absent: tuple[PersonId, ...] = ()

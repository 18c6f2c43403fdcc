"""One person's next shifts, for whoever looks at them on a phone: who covers and who is away is taken into account."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.reading import read_rosters
from schedules.rosters.roster import Roster, duty_spans

# So far ahead shifts are looked for.
AHEAD: Final = timedelta(days=60)


@dataclass(frozen=True)
class Shift:
    """A stretch on call without a break (UTC, half-open). `zone`: of the roster's clock."""

    roster: str
    layer: str
    zone: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class NextShifts:
    """The one that goes on now first. `unknown`: rosters that can't be worked out, whose shifts are missing here."""

    shifts: tuple[Shift, ...]
    unknown: tuple[str, ...] = ()


def next_shifts(session: Session, person_id: int, now: datetime, most: int) -> NextShifts:
    """The first `most` shifts of a person that are not over at `now` (UTC), in the order in which they begin.

    One that goes on for longer than is looked ahead ends where that ends.
    """
    until = now + AHEAD
    read = read_rosters(session, now, until)
    found: list[Shift] = []
    unknown = [each.name for each in read.bad]
    for roster in read.rosters:
        theirs = answered(roster, lambda each: list(_shifts(each, person_id, now, until)))
        if isinstance(theirs, BadRoster):
            unknown.append(theirs.name)
        else:
            found += theirs
    found.sort(key=lambda each: (each.start, each.end))
    return NextShifts(tuple(found[:most]), tuple(unknown))


def _shifts(roster: Roster, person_id: int, start: datetime, end: datetime) -> Iterator[Shift]:
    """Parts that touch are one shift, whatever the reason for each."""
    for layer in roster.layers:
        current: Shift | None = None
        for duty in duty_spans(roster, layer.name, start, end):
            if person_id not in duty.people:
                continue
            if current is not None and current.end == duty.start:
                current = replace(current, end=duty.end)
                continue
            if current is not None:
                yield current
            current = Shift(roster.name, layer.name, roster.time_zone, duty.start, duty.end)
        if current is not None:
            yield current

"""When drills are due, and whom they are for: pure functions of rosters and instants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from oncall.planning.handoffs import handoffs
from schedules.rosters.roster import PersonId, Roster
from schedules.wall_clock import to_utc, wall_time

# Found later than this (no worker was there, or the pretended time has jumped) a drill is not made up for.
LATE: Final = timedelta(hours=3)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """Somebody who comes on call at the instant (UTC), in one or more layers of a roster."""

    person: PersonId
    at: datetime
    roster: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Due:
    """The drill of a `day` on a roster's calendar: its instant and that of the next day's (UTC).

    Shifts that begin after the one and up to the other are its own: a day that is longer by a clock change leaves none
    out, and one that is shorter has none twice.
    """

    day: date
    at: datetime
    next_at: datetime


def last_due(now: datetime, at: time, zone: str) -> Due | None:
    """The drill of a roster's clock that is due at `now`; None when there is none.

    On the days of clock changes by the one rule of `schedules.wall_clock`.
    """
    today = wall_time(now, zone).date()
    for day in (today, today - _DAY):
        due, following = (to_utc(datetime.combine(each, at), zone) for each in (day, day + _DAY))
        if due <= now:
            return Due(day, due, following) if now - due < LATE else None
    return None


def coming_on(roster: Roster, start: datetime, end: datetime) -> list[Coming]:
    """Who comes on call with the next handoff of each layer after `start` up to `end` (UTC).

    A handoff with which people only go off is not one that anybody comes on with.
    """
    next_at: dict[str, datetime] = {}
    return [
        Coming(person, handoff.at, roster.name, (handoff.layer,))
        for handoff in handoffs(roster, start, end)
        if handoff.on and next_at.setdefault(handoff.layer, handoff.at) == handoff.at
        for person in handoff.on
    ]


def shift_of(roster: Roster, person: PersonId, start: datetime, end: datetime) -> Coming | None:
    """The next shift in the roster that somebody comes on with, after `start` up to `end` (UTC)."""
    shifts = [
        Coming(person, handoff.at, roster.name, (handoff.layer,))
        for handoff in handoffs(roster, start, end)
        if person in handoff.on
    ]
    return next(iter(first_shifts(shifts)), None)


def first_shifts(shifts: Iterable[Coming]) -> list[Coming]:
    """The earliest of everybody's shifts, in order of time; layers of one roster that begin together are one shift."""
    found: dict[PersonId, Coming] = {}
    for shift in sorted(shifts, key=lambda each: each.at):
        known = found.get(shift.person)
        if known is None:
            found[shift.person] = shift
        elif (known.at, known.roster) == (shift.at, shift.roster):
            found[shift.person] = Coming(shift.person, known.at, known.roster, known.layers + shift.layers)
    return list(found.values())

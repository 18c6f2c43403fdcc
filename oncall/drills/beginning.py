"""Beginning drills: those of the clock, found by a look each minute, and those that a manager asks for."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from core.jobs import Urgency
from core.locks import Lock
from oncall.drills.calling import is_busy
from oncall.drills.due import Coming, Due, coming_on, first_shifts, last_due, shift_of
from oncall.models import jobs
from oncall.models.drills import Drill, DrillCallResult
from oncall.models.people import Person, is_active
from oncall.models.rosters import Roster as RosterRow
from oncall.models.stored_settings import paging_times
from oncall.planning.finding import refuse_retired
from oncall.planning.handoffs import AROUND
from oncall.rosters.bad_rosters import BadRoster, answered, clock_of
from oncall.rosters.errors import RosterError
from oncall.rosters.reading import load_rosters, read_rosters
from schedules.rosters.roster import Roster

# A manager's test is about the person's next shift in the roster, if there is one so soon.
_NEXT_SHIFT: Final = timedelta(days=35)
# And it waits so long for somebody who is busy after all.
_TEST_LASTS: Final = timedelta(hours=1)
# A report of a text that has not come by then is not waited for.
_REPORTS: Final = timedelta(days=1)


def watch_drills(session: Session, now: datetime) -> None:
    """Put down the drills that are due at `now`, once each, and see that the open ones go on."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(Lock.DRILLS))):
        return  # another worker is at it
    at = paging_times(session).drill_at
    if at is not None:
        for shift, roster_id, day in _due(session, at, now):
            if is_active(session, int(shift.person)) and not _is_known(session, shift, day):
                _put_down(session, shift, roster_id, day, now)
    waits = and_(Drill.text_id.is_not(None), Drill.text_result.is_(None), Drill.begun_at > now - _REPORTS)
    for drill_id in session.scalars(select(Drill.id).where(or_(Drill.call_result.is_(None), waits))):
        jobs.check_drill.with_urgency(Urgency.NORMAL).wake(session, drill_id=drill_id)


def begin_now(session: Session, roster_id: int, person: Person, made_by: str, now: datetime) -> Drill:
    """A manager tests somebody's phone at once. Raises RosterError when that person is being tested,
    or busy, or has left."""
    refuse_retired(person)
    query = select(Drill.id).where(Drill.person_id == person.id, Drill.call_result.is_(None))
    if session.scalar(query) is not None:
        raise RosterError(f"{person.name} is being tested already: wait for the result.")
    if is_busy(session, person, now):
        raise RosterError(f"{person.name} is on a page or in a call right now: try again when that is over.")
    roster = session.get_one(RosterRow, roster_id)
    # Whether a phone can be reached has nothing to do with what is wrong with a roster.
    read = read_rosters(session, now - AROUND, now + _NEXT_SHIFT + AROUND, name=roster.name)
    shift = next((shift_of(each, person.id, now, now + _NEXT_SHIFT) for each in read.rosters), None)
    row = insert(Drill).values(
        roster_id=roster_id,
        layer=" and ".join(shift.layers) if shift else "",
        person_id=person.id,
        shift_at=shift.at if shift else None,
        made_by=made_by,
        begun_at=now,
        try_at=now,
        until_at=now + _TEST_LASTS,
    )
    drill_id = session.scalar(row.on_conflict_do_nothing().returning(Drill.id))
    if drill_id is None:  # the clock's drill, or another manager, was quicker
        raise RosterError(f"{person.name} is being tested already: wait for the result.")
    jobs.check_drill.wake(session, drill_id=drill_id)
    return session.get_one(Drill, drill_id)


def _due(session: Session, at: time, now: datetime) -> Iterator[tuple[Coming, int, date]]:
    """Shifts that somebody is to be drilled for, with the roster's id and the day of the drill."""
    rows = session.execute(select(RosterRow.id, RosterRow.name, RosterRow.time_zone))
    due = {name: (id_, found) for id_, name, zone in rows if (found := last_due(now, at, clock_of(zone)))}
    if not due:
        return
    start, end = min(each.at for _, each in due.values()), max(each.next_at for _, each in due.values())
    rosters = load_rosters(session, start - AROUND, end + AROUND)
    known = [(roster, due[roster.name][1]) for roster in rosters if roster.name in due]
    shifts = [shift for roster, drill in known for shift in _coming_on(roster, drill) if shift.at > now]
    for shift in first_shifts(shifts):
        roster_id, drill = due[shift.roster]
        yield shift, roster_id, drill.day


def _coming_on(roster: Roster, drill: Due) -> list[Coming]:
    found = answered(roster, lambda each: coming_on(each, drill.at, drill.next_at))
    return [] if isinstance(found, BadRoster) else found


def _is_known(session: Session, shift: Coming, day: date) -> bool:
    query = select(Drill.id).where(Drill.person_id == int(shift.person), Drill.day == day)
    needed = or_(Drill.call_result.is_(None), Drill.call_result != DrillCallResult.NOT_NEEDED)
    return session.scalar(query.where(needed)) is not None


def _put_down(session: Session, shift: Coming, roster_id: int, day: date, now: datetime) -> None:
    about = {
        "roster_id": roster_id,
        "layer": " and ".join(shift.layers),
        "shift_at": shift.at,
        "begun_at": now,
        "try_at": now,
        "until_at": shift.at,
    }
    key = {"person_id": int(shift.person), "day": day}
    made = session.scalar(insert(Drill).values(about | key).on_conflict_do_nothing().returning(Drill.id))
    if made is None:
        _begin_again(session, int(shift.person), day, about)


def _begin_again(session: Session, person_id: int, day: date, about: dict[str, object]) -> None:
    """A drill that was not needed any more is needed after all: the roster has changed back."""
    other = aliased(Drill)
    is_open = select(other.id).where(other.person_id == person_id, other.call_result.is_(None)).exists()
    given_up = update(Drill).where(
        Drill.person_id == person_id, Drill.day == day, Drill.call_result == DrillCallResult.NOT_NEEDED, ~is_open
    )
    session.execute(given_up.values(about | {"call_result": None, "ended_at": None}))

"""Somebody tests their own phone: a drill that they begin themselves, a few times an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.drills.beginning import begin_now
from oncall.models.drills import Drill
from oncall.models.people import Person
from oncall.models.rosters import Roster
from oncall.rosters.ahead import LOOKED_AHEAD, shifts_ahead
from oncall.rosters.errors import RosterError

MOST_AN_HOUR: Final = 5
_HOUR: Final = timedelta(hours=1)
_SHOWN: Final = 5


def try_own_phone(session: Session, person: Person, now: datetime) -> Drill:
    """Call and text them now. Raises RosterError: too often, busy, being tested, or there is no roster at all."""
    # One at a time, so that the limit is exact.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    own = select(func.count()).where(
        Drill.person_id == person.id, Drill.made_by == person.name, Drill.begun_at > now - _HOUR
    )
    if (session.scalar(own) or 0) >= MOST_AN_HOUR:
        raise RosterError(f"You have tested it {MOST_AN_HOUR} times in the last hour: wait a while.")
    return begin_now(session, _roster_of(session, person, now), person, person.name, now)


def own_drills(session: Session, person_id: int) -> Sequence[Drill]:
    """Their latest drills, whoever began them, newest first."""
    query = select(Drill).where(Drill.person_id == person_id).order_by(Drill.id.desc())
    return session.scalars(query.limit(_SHOWN)).all()


def _roster_of(session: Session, person: Person, now: datetime) -> int:
    """The roster of their next shift, or else the first one: a drill stands with one."""
    shifts = shifts_ahead(session, person.id, now, now + LOOKED_AHEAD).shifts
    found = shifts[0].roster_id if shifts else session.scalar(select(Roster.id).order_by(Roster.id).limit(1))
    if found is None:
        raise RosterError("There is no roster yet, and tests stand with one: ask a manager to make it.")
    return found

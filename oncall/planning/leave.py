"""Time off: spans in which somebody is never rung."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.planning.changes import TimeOff
from oncall.models.rosters import span_of
from oncall.planning.editing import Author, editing
from oncall.planning.finding import refuse_retired
from oncall.planning.plans.words import spelled
from oncall.rosters.errors import GoneError, NotAllowedError, TakenError
from schedules.spans import Span

_FILLING_IN: Final = timedelta(minutes=15)


def add_time_off(session: Session, author: Author, person_id: int, span: Span, zone: str, note: str = "") -> TimeOff:
    """Give somebody time off; `zone` is the clock on which history tells it. Raises RosterErrors."""
    person = session.get(Person, person_id)
    if person is None:
        raise GoneError("This person is not there any more: choose somebody else.")
    refuse_retired(person)
    _refuse_past(author, span)
    with editing(session, author, None) as edit:
        _refuse_twice(session, person, span, zone)
        row = TimeOff(
            person_id=person.id, span=Range(span.start, span.end), note=note, made_by=author.name, made_at=author.now
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            if "ex_time_off_overlap" not in str(error.orig):
                raise
            raise TakenError(f"{person.name} has just been given time off then: load the page again.") from None
        edit.words = f"Time off of {person.name}, {spelled(span, zone)}"
    return row


def remove_time_off(session: Session, author: Author, time_off_id: int, zone: str) -> None:
    """Take time off away. Raises RosterErrors."""
    with editing(session, author, None) as edit:
        row = session.get(TimeOff, time_off_id, populate_existing=True)
        if row is None:
            raise GoneError("This time off is not there any more: load the page again.")
        _refuse_past(author, span_of(row.span))
        edit.words = f"Removed: time off of {row.person.name}, {spelled(span_of(row.span), zone)}"
        session.delete(row)


def time_off_between(session: Session, start: datetime, end: datetime) -> list[TimeOff]:
    """Everybody's time off that touches `start` to `end` (UTC), by its beginning."""
    query = select(TimeOff).where(TimeOff.span.overlaps(Range(start, end)))
    return list(session.scalars(query.order_by(func.lower(TimeOff.span), TimeOff.id)))


def _refuse_past(author: Author, span: Span) -> None:
    """What was is a matter of pay: only managers change it. A quarter of an hour is for filling in the form."""
    if not author.manages and span.start < author.now - _FILLING_IN:
        raise NotAllowedError("This begins in the past: ask a manager to enter it, or begin now.")


def _refuse_twice(session: Session, person: Person, span: Span, zone: str) -> None:
    other = next(iter(_of(session, person.id, span)), None)
    if other is not None:
        when = spelled(span_of(other.span), zone)
        raise TakenError(f"{person.name} has time off already, {when}: change the dates, or remove that first.")


def _of(session: Session, person_id: int, span: Span) -> list[TimeOff]:
    return [each for each in time_off_between(session, span.start, span.end) if each.person_id == person_id]

"""Limits on guessing codes by text, kept in the database: exact however many texts and processes there are.

A text is judged, carried out and written down in one transaction. Texts of one number go one after the other; a code
that is not the sender's own is looked at under a lock that all numbers share, after counting. A process that dies in
between has told nothing and done nothing.

Wrong codes of the last hour count for the number; those that were looked at count for all numbers together, too. When
a number has used up its limit, nothing more from it is looked at. When all together have used up theirs, only codes
that are the sender's own can be right. So nobody can shut out a technician who has been paged, but by faking that very
number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.locks import Lock, lock
from oncall.models.messages import IncomingOutcome, IncomingText
from oncall.texting.limits import Limits

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

# First halves of advisory lock keys, taken in this order and before any row is locked.
_LONGEST_WAIT_MS: Final = 2500


class BusyError(Exception):
    """Others are at it for too long: the text was not looked at."""


@dataclass(frozen=True)
class Room:
    """What still fits: wrong codes of this number, of all together, answers that report no deed."""

    number: bool
    all: bool
    answers: bool


def within(now: datetime, span: timedelta) -> ColumnElement[bool]:
    """Texts of the last hour or day.

    Those "after now" count too, up to the same distance: another machine's clock may be a little ahead, and a clock
    that is set back must not open the limits.
    """
    return (IncomingText.at > now - span) & (IncomingText.at < now + span)


def is_one_of(*outcomes: IncomingOutcome) -> ColumnElement[bool]:
    """Texts of which this came."""
    return IncomingText.outcome.in_(outcomes)


def lock_sender(session: Session, sender: str) -> None:
    """One text after the other for each sender: a second delivery waits for the first, and finds its answer."""
    if not lock(session, Lock.TEXT_SENDER, sender, _LONGEST_WAIT_MS):
        raise BusyError


def lock_all(session: Session) -> None:
    """What is counted over all numbers stays as it is, until the transaction's end."""
    if not lock(session, Lock.TEXT_ALL, "all", _LONGEST_WAIT_MS):
        raise BusyError


def room_for(session: Session, number: str, now: datetime, limits: Limits) -> Room:
    """What still fits for this number. Exact for its own while it is locked, and for all while all are.

    Once its own limit is used up the others are not counted: under attack that is nearly every text.
    """
    counted = is_one_of(IncomingOutcome.WRONG, IncomingOutcome.OWN, IncomingOutcome.TOLD)
    own = _of_each(session, IncomingText.number == number, counted, within(now, HOUR))
    if own.get(IncomingOutcome.WRONG, 0) + own.get(IncomingOutcome.OWN, 0) >= limits.number_hour:
        return Room(number=False, all=False, answers=False)
    all_hour, all_day = wrong_of_all(session, now)
    return Room(
        number=True,
        all=all_hour < limits.all_hour and all_day < limits.all_day,
        answers=own.get(IncomingOutcome.TOLD, 0) < limits.answers_number_hour
        and _answered_to(session, IncomingOutcome.TOLD, now) < limits.answers_all_hour,
    )


def wrong_of_all(session: Session, now: datetime) -> tuple[int, int]:
    """Wrong codes of the last hour and the last day that count for all numbers together."""
    in_hour = func.count().filter(within(now, HOUR))
    query = select(in_hour, func.count()).where(is_one_of(IncomingOutcome.WRONG), within(now, DAY))
    hour, day = session.execute(query).one()
    return hour, day


def stranger_is_answered(session: Session, sender: str, now: datetime, limits: Limits) -> bool:
    """Whether a number that is nobody's of ours gets an answer: one a day, and not too many to all of them.

    To be asked while the sender and all are locked.
    """
    answered = is_one_of(IncomingOutcome.STRANGER)
    today = select(IncomingText.provider_sid).where(IncomingText.number == sender, answered, within(now, DAY))
    if session.scalar(today.limit(1)) is not None:
        return False
    return _answered_to(session, IncomingOutcome.STRANGER, now) < limits.strangers_hour


def texts_lately(session: Session, now: datetime) -> dict[IncomingOutcome, int]:
    """What came of the texts of the last hour: how many of each."""
    found = _of_each(session, is_one_of(*IncomingOutcome), within(now, HOUR))
    return {outcome: found.get(outcome, 0) for outcome in IncomingOutcome}


def _of_each(session: Session, *those: ColumnElement[bool]) -> dict[IncomingOutcome, int]:
    query = select(IncomingText.outcome, func.count()).where(*those).group_by(IncomingText.outcome)
    return dict(session.execute(query).all())


def _answered_to(session: Session, outcome: IncomingOutcome, now: datetime) -> int:
    """Answers of this kind in the last hour, to all numbers."""
    query = select(func.count()).where(is_one_of(outcome), within(now, HOUR))
    return session.scalar(query) or 0

"""When a technician's number gets no more answers by text: one line in the log, and one mail an hour to managers.

The first number that falls silent is told of at once. Those that follow within the hour are told of together at its
end, so ten thousand texts make one mail, and no number that fell silent goes untold.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from oncall.accounts.in_charge import in_charge
from oncall.models import jobs, messages
from oncall.models.messages import Channel, IncomingOutcome, IncomingText
from oncall.models.people import ACTIVE, Person
from oncall.models.stored_settings import Setting, write
from oncall.runtime import Work
from oncall.texting import words
from oncall.texting.guard import HOUR, is_one_of, lock_all, within

# When managers were told last, and of which numbers: {"at": ISO instant, "numbers": [...]}.
_TOLD: Final = "silent_numbers_told"
_SILENT: Final = (IncomingOutcome.SILENT, IncomingOutcome.OWN)

logger = log.get_logger(__name__)


def note_silence(work: Work, number: str, reason: str) -> None:
    """A text of this number is about to be put down unanswered. To be called while its sender is locked."""
    before = select(IncomingText.provider_sid).where(
        IncomingText.number == number, is_one_of(*_SILENT), within(work.now, HOUR)
    )
    is_first = work.session.scalar(before.limit(1)) is None
    if is_first:
        logger.warning("texts from a technician's number get no answer any more", number=number, reason=reason)
    at, _ = _last_told(work.session)
    if at is not None and abs(work.now - at) < HOUR:
        if is_first:
            jobs.tell_silence.wake_at(work.session, work.runtime.clock, at + HOUR)
        return
    lock_all(work.session)
    at, _ = _last_told(work.session)
    if at is None or abs(work.now - at) >= HOUR:
        _tell(work.session, [*silent_numbers(work.session, work.now), number], work.now)


def tell_silence(session: Session, now: datetime) -> None:
    """The hour is over: tell managers of the numbers that fell silent in it and were not named yet."""
    lock_all(session)
    at, named = _last_told(session)
    left = [number for number in silent_numbers(session, now) if number not in named]
    if left and (at is None or abs(now - at) >= HOUR):
        _tell(session, left, now)


def _tell(session: Session, numbers: Sequence[str], now: datetime) -> None:
    numbers = sorted(set(numbers))
    people = session.scalars(select(Person).where(Person.phone.in_(numbers), ACTIVE).order_by(Person.name)).all()
    write(session, _TOLD, {"at": now.isoformat(), "numbers": numbers})
    subject, body = words.silence_mail([(person.name, person.phone) for person in people])
    for recipient in in_charge(session):
        key = f"silence:{now.isoformat()}:{recipient}"
        messages.post(session, now, key=key, channel=Channel.MAIL, recipient=recipient, subject=subject, body=body)


def _last_told(session: Session) -> tuple[datetime | None, list[str]]:
    told = session.scalar(select(Setting.value).where(Setting.name == _TOLD))  # as it stands now
    return (datetime.fromisoformat(told["at"]), told["numbers"]) if told else (None, [])


def silent_numbers(session: Session, now: datetime) -> Sequence[str]:
    """Technicians' numbers of which a text got no answer in the last hour."""
    query = select(IncomingText.number).where(is_one_of(*_SILENT), within(now, HOUR)).distinct()
    return session.scalars(query).all()

"""Calendar feeds: secret addresses at which calendars read who is on call, until they are revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.accounts.models import Account
from oncall.people import Person
from oncall.rostering.errors import GoneError
from oncall.rostering.models import CalendarFeed
from oncall.rosters import Roster


@dataclass(frozen=True)
class Subject:
    """What a feed is about: a person's own shifts, or a roster."""

    person_id: int | None = None
    roster_id: int | None = None


def make_feed(session: Session, subject: Subject, made_by: str, now: datetime) -> tuple[CalendarFeed, str]:
    """A new feed and its token, which is told this once. Raises GoneError for a subject that is not there."""
    known = (
        session.get(Person, subject.person_id)
        if subject.person_id is not None
        else session.get(Roster, subject.roster_id)
    )
    if known is None:
        raise GoneError("This person or roster is not there any more: load the page again.")
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        token_digest=_digest(token),
        person_id=subject.person_id,
        roster_id=subject.roster_id,
        made_by=made_by,
        made_at=now,
    )
    session.add(feed)
    session.flush()
    return feed, token


def revoke_feed(session: Session, feed_id: int, now: datetime, made_by: str | None = None) -> None:
    """From now on its address shows nothing; a second time changes nothing.

    `made_by`: only if it is theirs. Raises GoneError.
    """
    feed = session.get(CalendarFeed, feed_id)
    if feed is None or made_by not in (None, feed.made_by):
        raise GoneError("This calendar is not there any more: load the page again.")
    feed.revoked_at = feed.revoked_at or now


def feeds(session: Session, made_by: str | None = None) -> Sequence[CalendarFeed]:
    """Feeds in force, newest first: those that somebody has made, or all."""
    query = select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None))
    if made_by is not None:
        query = query.where(CalendarFeed.made_by == made_by)
    return session.scalars(query.order_by(CalendarFeed.id.desc())).all()


def find_feed(session: Session, token: str) -> CalendarFeed | None:
    """The feed in force with this token; none when the account that made it is disabled."""
    disabled = select(Account.id).where(Account.email == CalendarFeed.made_by, Account.disabled_at.is_not(None))
    query = select(CalendarFeed).where(
        CalendarFeed.token_digest == _digest(token), CalendarFeed.revoked_at.is_(None), ~disabled.exists()
    )
    return session.scalar(query)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

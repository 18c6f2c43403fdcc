"""Calendar feeds: secret addresses at which calendars read who is on call, until they are revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from oncall.models.people import Person
from oncall.models.planning.changes import CalendarFeed
from oncall.models.rosters import Roster, RosterLayer
from oncall.rosters.errors import GoneError, RosterError

LONGEST_NAME: Final = 80


class WrongNameError(RosterError):
    """A calendar can't be called so."""


@dataclass(frozen=True)
class Subject:
    """What a feed is about: a person's own shifts, a roster, or one layer, which is known by its own id."""

    person_id: int | None = None
    roster_id: int | None = None
    layer_id: int | None = None


def make_feed(
    session: Session, subject: Subject, made_by: str, now: datetime, name: str = ""
) -> tuple[CalendarFeed, str]:
    """A new feed and its token, which is told this once. `name`: what calendars shall call it; empty: what it is about.

    Raises GoneError for a subject that is not there, WrongNameError.
    """
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        token_digest=_digest(token),
        person_id=subject.person_id,
        roster_id=_roster_of(session, subject),
        layer_id=subject.layer_id,
        name=_checked_name(name),
        made_by=made_by,
        made_at=now,
    )
    session.add(feed)
    session.flush()
    return feed, token


def _roster_of(session: Session, subject: Subject) -> int | None:
    if subject.person_id is not None:
        known = session.get(Person, subject.person_id) is not None
        roster_id = None
    elif subject.layer_id is not None:
        layer = session.get(RosterLayer, subject.layer_id)
        roster_id = None if layer is None else layer.roster_id
        known = roster_id is not None and subject.roster_id in (None, roster_id)
    else:
        roster_id = subject.roster_id
        known = session.get(Roster, roster_id) is not None
    if not known:
        raise GoneError("This person, roster or layer is not there any more: load the page again.")
    return roster_id


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise WrongNameError(f"This name has {len(name)} characters: choose one of at most {LONGEST_NAME}.")
    if not name.isprintable():
        raise WrongNameError("This name has characters that can't be shown: write it with letters and figures.")
    return name


def about(session: Session, feed: CalendarFeed) -> str:
    """Whose shifts it shows: "Ada Rossi", "Nights", "Nights, first"."""
    if feed.person is not None:
        return feed.person.name
    roster = feed.roster.name if feed.roster else ""
    if feed.layer_id is None:
        return roster
    layer = session.get(RosterLayer, feed.layer_id)
    return f"{roster}, {layer.name if layer else 'a layer that is not there any more'}"


def title(session: Session, feed: CalendarFeed) -> str:
    """What calendars call it."""
    return feed.name or f"On call: {about(session, feed)}"


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

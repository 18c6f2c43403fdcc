"""A calendar fetches its feed: the document, its tag, since when it is so, and a note that it was fetched."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from oncall.rostering.feed_marks import in_passing
from oncall.rostering.ical import calendar
from oncall.rostering.models import CalendarFeed

# A calendar that asks all the time is noted as seldom as this.
NOTED_EVERY: Final = timedelta(minutes=5)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Fetched:
    """A feed's document. `tag` names its bytes.

    `changed_at`: an instant (UTC, whole seconds) that is later for every other content of this feed that comes after
    it; None when that could not be written down.
    """

    document: bytes
    tag: str
    changed_at: datetime | None


def fetch(session: Session, feed: CalendarFeed, now: datetime) -> Fetched:
    """The feed as it is now. That it was fetched is noted, unless somebody holds its row or nothing can be written."""
    document = calendar(session, feed, now)
    digest = hashlib.sha256(document).digest()
    at = feed.content_at if feed.content_digest == digest else None
    last = feed.last_fetched_at
    # Not only when it is long ago: a pretended clock may have been set back.
    if at is None or last is None or not timedelta(0) <= now - last < NOTED_EVERY:
        values: dict[str, object] = {"last_fetched_at": now}
        if at is None:
            values |= {"content_digest": digest, "content_at": _later(feed.content_at, now)}
        at = _note(session, feed.id, values, at)
    return Fetched(document, digest.hex()[:32], at)


def _later(before: datetime | None, now: datetime) -> datetime:
    second = now.replace(microsecond=0)
    return second if before is None else max(second, before + _SECOND)


def _note(session: Session, feed_id: int, values: dict[str, object], at: datetime | None) -> datetime | None:
    """Since when its content is as it is, as it stands written now."""
    written: list[datetime] = []
    free = select(CalendarFeed.id).where(CalendarFeed.id == feed_id).with_for_update(skip_locked=True)
    change = update(CalendarFeed).where(CalendarFeed.id.in_(free.scalar_subquery())).values(values)

    def write() -> None:
        done = session.execute(
            change.returning(CalendarFeed.content_at), execution_options={"synchronize_session": False}
        )
        written.extend(each for each in done.scalars() if each is not None)

    done = in_passing(session, write)
    return written[0] if done and written else at

"""A calendar fetches its feed: the document, its tag, since when it is so, and a note that it was fetched."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from oncall.models.planning.changes import CalendarFeed
from oncall.planning.feeds.ical import calendar
from oncall.planning.feeds.marks import in_passing

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
    before = _Noted(feed.content_digest, feed.content_at)  # as it was read: the document is made of what came later
    document = calendar(session, feed, now)
    digest = hashlib.sha256(document).digest()
    at = before.at if before.digest == digest else None
    last = feed.last_fetched_at
    # Not only when it is long ago: a pretended clock may have been set back.
    if at is not None and last is not None and timedelta(0) <= now - last < NOTED_EVERY:
        return Fetched(document, digest.hex()[:32], at)
    if at is None:
        new = _Noted(digest, _later(before.at, now))
        at = new.at if _note(session, feed.id, before, {"last_fetched_at": now} | new.columns()) else None
    else:
        _note(session, feed.id, before, {"last_fetched_at": now})
    return Fetched(document, digest.hex()[:32], at)


@dataclass(frozen=True)
class _Noted:
    """A content, by its digest, and since when it is there."""

    digest: bytes | None
    at: datetime | None

    def columns(self) -> dict[str, object]:
        return {"content_digest": self.digest, "content_at": self.at}


def _later(before: datetime | None, now: datetime) -> datetime:
    second = now.replace(microsecond=0)
    return second if before is None else max(second, before + _SECOND)


def _note(session: Session, feed_id: int, before: _Noted, values: dict[str, object]) -> bool:
    """Whether it is written: only if nobody has noted another content since `before` was read.

    Of two that fetch at once one may have an older document. If its time was written last, or told, the newer one
    would seem to be known already to whoever asks by that time.
    """
    written: list[int] = []
    free = (
        select(CalendarFeed.id)
        .where(
            CalendarFeed.id == feed_id,
            CalendarFeed.content_digest.is_not_distinct_from(before.digest),
            CalendarFeed.content_at.is_not_distinct_from(before.at),
        )
        .with_for_update(skip_locked=True)
    )
    change = update(CalendarFeed).where(CalendarFeed.id.in_(free.scalar_subquery())).values(values)

    def write() -> None:
        done = session.execute(change.returning(CalendarFeed.id), execution_options={"synchronize_session": False})
        written.extend(done.scalars())

    return in_passing(session, write) and bool(written)

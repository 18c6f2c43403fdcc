"""How often and when each event of the feeds has changed, so that calendars see what is new, and only that.

What was shown is kept by the event's UID. An event that says something else now has changed when the rosters last did,
as far as history or the last directory file tells: whoever looks, and however often, finds the same, also before it is
written down. Writing waits for nobody: what could not be written is found again at the next look.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import any_, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from core import log
from oncall.models.planning.changes import CalendarEvent, RosterChange
from oncall.models.rosters import Roster
from oncall.models.stored_settings import DIRECTORY_CHANGED_AT, read
from oncall.planning.feeds.entries import Entry

logger = log.get_logger(__name__)

_SECOND: Final = timedelta(seconds=1)
# Longest waits for a lock and for a statement: a calendar is being answered.
_HURRY: Final = text(
    "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
    " set_config('lock_timeout', '100ms', true), set_config('statement_timeout', '2s', true)"
)
_AS_BEFORE: Final = text("SELECT set_config('lock_timeout', :lock, true), set_config('statement_timeout', :all, true)")
_FORGET: Final = text("DELETE FROM calendar_event WHERE ends_at < :before")
# In the order of UIDs, so that two who write the same wait for each other in one order. Who is behind writes nothing.
_WRITE: Final = text("""
    INSERT INTO calendar_event (uid, digest, sequence, changed_at, ends_at)
    SELECT * FROM unnest(CAST(:uids AS text[]), CAST(:digests AS bytea[]), CAST(:sequences AS int[]),
                         CAST(:changed AS timestamptz[]), CAST(:ends AS timestamptz[]))
    ON CONFLICT (uid) DO UPDATE
    SET digest = excluded.digest, sequence = excluded.sequence, changed_at = excluded.changed_at,
        ends_at = excluded.ends_at
    WHERE calendar_event.sequence < excluded.sequence
""")


@dataclass(frozen=True)
class Mark:
    """How often an event has changed since it was first shown, and when last (UTC, whole seconds)."""

    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class Marks:
    """The entries' marks by UID, and those of them that are not written down yet."""

    by_uid: dict[str, Mark]
    fresh: tuple[Entry, ...]


def marks(session: Session, found: Sequence[Entry], month: datetime) -> Marks:
    """The marks of all entries. `month`: its beginning (UTC), when calendars last moved on by themselves."""
    shown = _shown(session, [each.uid for each in found])
    fresh = tuple(each for each in found if each.uid not in shown or shown[each.uid].digest != each.digest)
    changes = _changes(session) if fresh else _Changes({}, None)
    by_uid = {each.uid: each.mark for each in shown.values()}
    for entry in fresh:
        before = by_uid.get(entry.uid)
        at = _changed_at(changes.of(entry.roster), None if before is None else before.changed_at, month)
        by_uid[entry.uid] = Mark(0 if before is None else before.sequence + 1, at)
    return Marks(by_uid, fresh)


@dataclass(frozen=True)
class _Shown:
    """An event as it was last shown."""

    uid: str
    digest: bytes
    mark: Mark


def _shown(session: Session, uids: Sequence[str]) -> dict[str, _Shown]:
    columns = (CalendarEvent.uid, CalendarEvent.digest, CalendarEvent.sequence, CalendarEvent.changed_at)
    query = select(*columns).where(CalendarEvent.uid == any_(literal(list(uids), ARRAY(Text))))
    return {uid: _Shown(uid, digest, Mark(sequence, at)) for uid, digest, sequence, at in session.execute(query)}


def keep(session: Session, new: Marks, before: datetime) -> None:
    """Write down what is new, and forget what was over `before`: that is in no calendar any more."""
    ordered = sorted(new.fresh, key=lambda each: each.uid)
    if not ordered:
        return
    found = [new.by_uid[each.uid] for each in ordered]
    rows = {
        "uids": [each.uid for each in ordered],
        "digests": [each.digest for each in ordered],
        "sequences": [each.sequence for each in found],
        "changed": [each.changed_at for each in found],
        "ends": [each.ends_at for each in ordered],
    }

    def write() -> None:
        session.execute(_WRITE, rows)
        session.execute(_FORGET, {"before": before})

    in_passing(session, write)


def in_passing(session: Session, write: Callable[[], None]) -> bool:
    """Write something of which no answer may depend; whether it was written.

    It waits for a lock for 0.1 s, and a database that is busy, can only be read, or goes away is left alone.
    """
    try:
        with session.begin_nested():
            lock, all_, *_ = session.execute(_HURRY).one()
            write()
            session.execute(_AS_BEFORE, {"lock": lock, "all": all_})
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", error)).__name__
        logger.warning("what calendars have read is not written down now", reason=reason)
        return False
    return True


@dataclass(frozen=True)
class _Changes:
    """When rosters last changed (UTC), by their names; `all_`: what concerns every one of them."""

    by_roster: dict[str, datetime]
    all_: datetime | None

    def of(self, roster: str) -> datetime | None:
        """In whole seconds; None when nobody knows."""
        known = [each for each in (self.by_roster.get(roster), self.all_) if each is not None]
        return max(known).replace(microsecond=0) if known else None


def _changes(session: Session) -> _Changes:
    latest = func.max(RosterChange.at)
    query = (
        select(Roster.name, latest)
        .outerjoin(Roster, Roster.id == RosterChange.roster_id)
        .where(or_(RosterChange.roster_id.is_(None), Roster.id.is_not(None)))
        .group_by(Roster.name)
    )
    by_roster: dict[str, datetime] = {}
    common: list[datetime] = []
    for name, at in session.execute(query):
        if name is None:  # somebody's time off
            common.append(at)
        else:
            by_roster[name] = at
    if loaded := read(session, DIRECTORY_CHANGED_AT):
        common.append(datetime.fromisoformat(loaded))
    return _Changes(by_roster, max(common, default=None))


def _changed_at(rosters: datetime | None, before: datetime | None, month: datetime) -> datetime:
    """Later than `before`, when the event changed the last time. What history does not know is dated by the month."""
    if rosters is not None and (before is None or rosters > before):
        return rosters
    return month if before is None else max(month, before + _SECOND)

"""Looking, and telling: by every worker and every web process, as a dead fleet can't report itself."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from oncall.accounts.in_charge import in_charge
from oncall.models.customers import default_zone
from oncall.models.operations.troubles import Trouble
from oncall.monitoring.alerting import alert
from oncall.monitoring.watchdog.outage import AwayWatch
from oncall.monitoring.watchdog.seeing import Finding, Sight, Word, findings, next_word, see
from oncall.monitoring.watchdog.words import trouble_notice
from oncall.runtime import Runtime, Work

LOOK_EVERY: Final = 5.0
# A longer pause between two looks (a machine that slept) makes what was seen before it worthless, seconds.
GAP: Final = 20.0
# Whoever notes that a trouble lasts does not do so with each look.
_NOTED: Final = timedelta(seconds=4)

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class Telling:
    """Something that this process has taken on to tell."""

    trouble_id: int
    times: int
    word: Word
    finding: Finding
    now: datetime
    recipients: tuple[str, ...]
    zone: str


class Watchdog:
    """One a process. Remembers for how long it has been watching, by a clock that only runs forward (seconds)."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._since = self._alive = self._last = float("-inf")

    def start(self, runtime: Runtime) -> None:
        """Watch for ever, in a thread of a web process; the database's absence, too."""
        threading.Thread(target=self._watch_for_ever, args=(runtime,), name="watchdog", daemon=True).start()

    def _watch_for_ever(self, runtime: Runtime) -> None:
        away, told = AwayWatch(runtime.settings), ""
        while True:
            try:
                away.look(runtime.database.outlook.away, real_now())
                if not runtime.database.outlook.away:
                    self.look(runtime)
                told = ""
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                if reason != told:
                    told = reason
                    expected = isinstance(error, SQLAlchemyError | OSError)
                    logger.error("the watchdog could not look", reason=reason, exc_info=not expected)
            time.sleep(LOOK_EVERY)

    def look(self, runtime: Runtime) -> None:
        """See what is in trouble, and tell what has to be told. Raises SQLAlchemyError."""
        try:
            with runtime.database.transaction() as session:
                session.execute(text("SET LOCAL statement_timeout = 3000"))
                tellings = [
                    telling
                    for finding, now in self._findings(see(session, runtime.clock.now()))
                    if (telling := _settle(Work(session, runtime, now), finding)) is not None
                ]
        except DBAPIError as error:
            if _unreachable(error):
                self._last = float("-inf")
            raise
        for telling in tellings:
            _tell(runtime, telling)
        self._last = self._ticks()

    def _findings(self, sight: Sight) -> Iterator[tuple[Finding, datetime]]:
        at = self._ticks()
        if at - self._last > GAP:
            self._since = self._alive = at
        if sight.alive:
            self._alive = at
        self._last = at
        watched, silent = timedelta(seconds=at - self._since), timedelta(seconds=at - self._alive)
        return ((finding, sight.now) for finding in findings(sight, watched, silent))


def _unreachable(error: DBAPIError) -> bool:
    """Whether there was no database; one that is only slow has been watched all the same."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(("08", "57P"))


def _settle(work: Work, finding: Finding) -> Telling | None:
    """Note what was found in the trouble's row, and claim what is to be told: of many watchers one gets it."""
    trouble = _open(work.session, finding, work.now)
    if trouble is None:
        return None
    word = next_word(trouble, finding, work.now)
    if not finding.calm and work.now - trouble.seen_at > _NOTED:
        trouble.seen_at = work.now
    if word is Word.FORGOTTEN:
        trouble.ended_at = work.now
        return None
    if word is None:
        return None
    trouble.claimed_at = work.now
    zone = default_zone(work.session, work.runtime.settings.default_region)
    if word is Word.OVER:
        finding = Finding(finding.kind, False, True, trouble.since)
    return Telling(trouble.id, trouble.times, word, finding, work.now, tuple(in_charge(work.session)), zone)


def _open(session: Session, finding: Finding, now: datetime) -> Trouble | None:
    """The trouble's row, locked, made now if need be; None when there is none, or another watcher is at it."""
    query = select(Trouble).where(Trouble.kind == finding.kind, Trouble.ended_at.is_(None))
    found = session.scalar(query.with_for_update(skip_locked=True))
    if found is None and finding.present:
        row = insert(Trouble).values(kind=finding.kind, since=finding.since, seen_at=now, times=0, pages=[])
        made = session.scalar(row.on_conflict_do_nothing().returning(Trouble.id))
        found = session.get(Trouble, made) if made is not None else None
    return found


def _tell(runtime: Runtime, telling: Telling) -> None:
    """Whoever can't be reached is tried again by whichever process finds the claim expired."""
    key = f"trouble:{telling.trouble_id}:{telling.word.value}:{telling.times}"
    url = runtime.settings.public_url
    notice = trouble_notice(key, telling.word, telling.finding, telling.now, telling.zone, url)
    if not alert(runtime.settings, telling.recipients, notice):
        return
    with runtime.database.transaction() as session:
        trouble = session.get(Trouble, telling.trouble_id, with_for_update=True)
        if trouble is None:
            return
        now = session.scalars(select(func.now())).one()
        trouble.claimed_at, trouble.told_at, trouble.times = None, now, trouble.times + 1
        trouble.pages = telling.finding.ids
        if telling.word is Word.OVER:
            trouble.ended_at = now

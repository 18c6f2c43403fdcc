"""Whether anything gets through to the telephone network: results of requests, counted, and a breaker over them.

It breaks nothing: calls and texts are tried on as ever. While it is open, pages go by other channels at once beside
the call, and those in charge are told when it opens and when something gets through again.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.models.operations.provider_health import ProviderOutage, ProviderResult, RequestKind, RequestResult

SILENT_FOR: Final = timedelta(seconds=60)
AT_LEAST: Final = 3
# Failures further apart than this are not one outage; and an outage in which nobody tries any more proves nothing.
LOOKED_AT: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(days=1)
_BUCKET_SECONDS: Final = 5


@dataclass
class Tally:
    """Results of this process that are not yet in the database: counting must not cost a page anything."""

    _counts: Counter[tuple[datetime, RequestKind, RequestResult]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    last_words: str = ""

    def count(self, kind: RequestKind, result: RequestResult, words: str = "") -> None:
        """Note what came of a request just now."""
        seconds = int(real_now().timestamp()) // _BUCKET_SECONDS * _BUCKET_SECONDS
        with self._lock:
            self._counts[datetime.fromtimestamp(seconds, UTC), kind, result] += 1
            self.last_words = words or self.last_words

    def take(self) -> Counter[tuple[datetime, RequestKind, RequestResult]]:
        """What was counted since the last time; `give_back` it when it could not be written."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
            return taken

    def give_back(self, counts: Counter[tuple[datetime, RequestKind, RequestResult]]) -> None:
        with self._lock:
            self._counts.update(counts)


@dataclass(frozen=True)
class Spell:
    """Results of five seconds."""

    at: datetime
    sent: int
    failed: int


@dataclass(frozen=True)
class ProviderState:
    """How the telephone network does, for health pages.

    `since`: from when on (real UTC) nothing has got through, None while something does. The rest: requests of the last
    ten minutes.
    """

    since: datetime | None
    words: str
    sent: int
    refused: int
    failed: int

    @property
    def nothing_gets_through(self) -> bool:
        return self.since is not None


def silent_since(spells: Sequence[Spell], now: datetime) -> datetime | None:
    """The first failure since anything got through, when that was long enough ago and enough have failed. Pure.

    `spells`: of the last ten minutes, oldest first.
    """
    last_sent = max((spell.at for spell in spells if spell.sent), default=None)
    failing = [spell for spell in spells if spell.failed and (last_sent is None or spell.at > last_sent)]
    if sum(spell.failed for spell in failing) < AT_LEAST or failing[0].at > now - SILENT_FOR:
        return None
    return failing[0].at


def write_results(session: Session, counts: Counter[tuple[datetime, RequestKind, RequestResult]]) -> None:
    """Add what a process has counted."""
    for (at, kind, result), amount in sorted(counts.items()):
        row = insert(ProviderResult).values(at=at, kind=kind, result=result, amount=amount)
        more = {"amount": ProviderResult.amount + row.excluded.amount}
        session.execute(row.on_conflict_do_update(index_elements=["at", "kind", "result"], set_=more))


def forget_results(session: Session, now: datetime) -> None:
    """Drop counts that nobody looks at any more."""
    session.execute(delete(ProviderResult).where(ProviderResult.at < now - _KEPT))


def spells_until(session: Session, now: datetime) -> list[Spell]:
    """The last ten minutes, oldest first."""
    rows = session.execute(
        select(ProviderResult.at, ProviderResult.result, func.sum(ProviderResult.amount))
        .where(ProviderResult.at > now - LOOKED_AT)
        .group_by(ProviderResult.at, ProviderResult.result)
    )
    found: dict[datetime, Counter[RequestResult]] = {}
    for at, result, amount in rows:
        found.setdefault(at, Counter())[result] += int(amount)
    return [Spell(at, counts[RequestResult.SENT], counts[RequestResult.FAILED]) for at, counts in sorted(found.items())]


def open_outage(session: Session) -> ProviderOutage | None:
    """The outage that goes on now."""
    return session.scalar(select(ProviderOutage).where(ProviderOutage.open))


def provider_state(session: Session, now: datetime) -> ProviderState:
    """What health pages say of the telephone network at `now` (real UTC, not the pretended time)."""
    rows = session.execute(
        select(ProviderResult.result, func.sum(ProviderResult.amount))
        .where(ProviderResult.at > now - LOOKED_AT)
        .group_by(ProviderResult.result)
    )
    counts = {result: int(amount) for result, amount in rows}
    outage = open_outage(session)
    words = outage.words if outage is not None else ""
    since = outage.since if outage is not None else None
    return ProviderState(since, words, *(counts.get(result, 0) for result in RequestResult))

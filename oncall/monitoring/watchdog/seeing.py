"""What the watchdog sees, and when it is worth a word. By the database's own clock, which nobody pretends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import DateTime, Interval, func, select, type_coerce
from sqlalchemy.orm import Session

from core.jobs import WORKERS
from oncall.models.customers import Customer
from oncall.models.operations.troubles import Trouble, TroubleKind
from oncall.models.pages import Page, PageState
from oncall.models.rosters import Roster
from oncall.models.tickets import Ticket
from oncall.monitoring.metrics import LATE_SECONDS, WORKER_SILENCE_SECONDS
from oncall.rosters.reading import SHELF

# A step of a page that is due for longer is told; and a fleet of workers that is silent for longer.
OVERDUE: Final = timedelta(seconds=LATE_SECONDS)
SILENCE: Final = timedelta(seconds=60)
AGAIN: Final = timedelta(minutes=15)
# Tickets that come late to a trouble are told of after so long, all together.
GATHERING: Final = timedelta(seconds=60)
# A trouble that has not been seen for so long is over.
CALM: Final = timedelta(seconds=30)
# Whoever took it on to tell has either done so by then, or died.
CLAIM: Final = timedelta(seconds=60)
MOST: Final = 200
_REAL_NOW: Final = func.clock_timestamp(type_=DateTime(timezone=True))
# The kind of trouble that rosters are which can't be worked out.


@dataclass(frozen=True)
class Late:
    """A page whose next step is overdue since `due_at` (real time)."""

    page_id: int
    number: int
    priority: str
    customer: str
    due_at: datetime


@dataclass(frozen=True)
class Bad:
    """A roster that can't be worked out, and why."""

    roster_id: int
    name: str
    reason: str


@dataclass(frozen=True)
class Sight:
    """One look. `beat`: since when the worker that reported last is silent; None when there is none."""

    now: datetime
    beat: timedelta | None
    late: tuple[Late, ...]
    bad: tuple[Bad, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether some worker lives."""
        return self.beat is not None and self.beat < timedelta(seconds=WORKER_SILENCE_SECONDS)


@dataclass(frozen=True)
class Finding:
    """Of one kind of trouble: is it there (`present`), is it surely not (`calm`), or can't it be said yet (neither)."""

    kind: TroubleKind
    present: bool
    calm: bool
    since: datetime
    late: tuple[Late, ...] = ()
    alive: bool = False
    bad: tuple[Bad, ...] = ()

    @property
    def ids(self) -> list[int]:
        """What it is about: pages that are late, or rosters."""
        return [each.page_id for each in self.late] or [each.roster_id for each in self.bad]

    @property
    def again(self) -> timedelta | None:
        """How often it is told while it lasts; None: once, as everybody who is left is rung meanwhile."""
        return None if self.kind == TroubleKind.ROSTERS else AGAIN


class Word(Enum):
    """What is to be told of a trouble."""

    BEGUN = "begun"
    MORE = "more"
    AGAIN = "again"
    OVER = "over"
    # It was over before anybody was told: nothing is said.
    FORGOTTEN = "forgotten"


def see(session: Session, at: datetime) -> Sight:
    """Three queries, all by an index, while no roster changes. `at`: the gateway's time, for questions to rosters."""
    newest = select(func.max(WORKERS.c.last_heartbeat)).scalar_subquery()
    now, beat = session.execute(select(_REAL_NOW, type_coerce(_REAL_NOW - newest, Interval))).one()
    query = (
        select(Page.id, Ticket.number, Ticket.priority, Customer.name, Page.due_at)
        .join(Ticket, Ticket.id == Page.ticket_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Page.state == PageState.PAGING, Page.due_at < func.now() - OVERDUE)
        .order_by(Page.due_at)
        .limit(MOST)
    )
    return Sight(now, beat, tuple(Late(*row) for row in session.execute(query)), tuple(_bad_rosters(session, at)))


def _bad_rosters(session: Session, at: datetime) -> Iterator[Bad]:
    failing = {each.name: each for each in SHELF.read_at(session, at).failing_at(at)}
    if failing:
        for key, name in session.execute(select(Roster.id, Roster.name).where(Roster.name.in_(failing))):
            yield Bad(key, name, failing[name].reason)


def findings(sight: Sight, watched: timedelta, silent: timedelta) -> Sequence[Finding]:
    """What one look means. Pure.

    `watched`: for how long this process has been looking without a gap; `silent`: for how long of that no worker lived.
    Right after a start, or after the database was away, everything is overdue and nobody has had time to see to it.
    """
    since = min((late.due_at for late in sight.late), default=sight.now)
    gone = max(silent, sight.beat or silent)
    return (
        Finding(
            TroubleKind.PAGES, bool(sight.late) and watched >= OVERDUE, not sight.late, since, sight.late, sight.alive
        ),
        Finding(TroubleKind.ROSTERS, bool(sight.bad), not sight.bad, sight.now, alive=sight.alive, bad=sight.bad),
        Finding(
            TroubleKind.WORKERS, not sight.alive and silent >= SILENCE, sight.alive, sight.now - gone, alive=sight.alive
        ),
    )


def next_word(trouble: Trouble, finding: Finding, now: datetime) -> Word | None:
    """What to tell of an open trouble now, if anything. Pure."""
    if trouble.claimed_at is not None and now - trouble.claimed_at < CLAIM:
        return None
    if finding.present:
        if trouble.told_at is None:
            return Word.BEGUN
        if finding.again is not None and now - trouble.told_at >= finding.again:
            return Word.AGAIN
        more = not set(finding.ids) <= set(trouble.pages)
        return Word.MORE if more and now - trouble.told_at >= GATHERING else None
    if finding.calm and now - trouble.seen_at >= CALM:
        return Word.OVER if trouble.told_at is not None else Word.FORGOTTEN
    return None

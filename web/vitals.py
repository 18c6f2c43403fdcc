"""How the service is doing, in a handful of numbers that cost one query each time they are asked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# A worker reports every two seconds; one that has been silent for this long is taken for dead.
WORKER_SILENCE_SECONDS = 10
# A page is late when its next step should have been taken this long ago.
LATE_SECONDS = 30

# All by the database's own clock: pages are due in real time, also where another is pretended.
_WORK = text("""
SELECT
  (SELECT count(*) FROM page WHERE state = 'paging') AS open_pages,
  (SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0) FROM page
    WHERE state = 'paging' AND due_at < now())::float AS overdue_seconds,
  (SELECT count(*) FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS jobs_due,
  (SELECT count(*) FROM procrastinate_workers
    WHERE last_heartbeat > now() - make_interval(secs => :silence)) AS workers
""")

_TOTALS = text("""
SELECT 'ticket' AS kind, '' AS state, count(*) AS amount FROM ticket
UNION ALL SELECT 'call', '', count(*) FROM phone_call WHERE state <> 'ended'
UNION ALL SELECT 'message', state, count(*) FROM message GROUP BY state
""")


@dataclass(frozen=True)
class Work:
    """What is waiting to be done. `overdue_seconds`: age of the oldest page whose next step is due, or 0."""

    open_pages: int
    overdue_seconds: float
    jobs_due: int
    workers: int


@dataclass(frozen=True)
class Totals:
    """Counts over everything kept. `messages` by state."""

    tickets: int
    calls_in_progress: int
    messages: dict[str, int]


def work(session: Session, now: datetime) -> Work:
    """The state of the background work at `now` of the gateway's time."""
    row = session.execute(_WORK, {"now": now, "silence": WORKER_SILENCE_SECONDS}).one()
    return Work(**row._mapping)


def totals(session: Session) -> Totals:
    rows = session.execute(_TOTALS).all()
    single = {row.kind: row.amount for row in rows if row.kind != "message"}
    return Totals(single["ticket"], single["call"], {row.state: row.amount for row in rows if row.kind == "message"})

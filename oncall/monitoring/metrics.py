"""How the service is doing, in numbers that cost a query each, by an index, whenever they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.jobs import QUEUED, WORKERS

# A worker reports twice a second; one that has been silent for this long is no worker to count on.
WORKER_SILENCE_SECONDS: Final = 10
# A page is late when its next step should have been taken this long ago.
LATE_SECONDS: Final = 30
# Whoever asks gives up by then, milliseconds.
PATIENCE: Final = text("SET LOCAL statement_timeout = 3000")
KINDS: Final = ("call", "text", "mail")
# Tickets' priorities, and what belongs to no ticket.
NO_TICKET: Final = "none"
PRIORITIES: Final = ("P1", "P2", "P3", "P4", NO_TICKET)

# All by the database's own clock: pages are due in real time, also where another is pretended.
_WORK = text(f"""
SELECT
  (SELECT count(*) FROM page WHERE state = 'paging') AS open_pages,
  (SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0) FROM page
    WHERE state = 'paging' AND due_at < now())::float AS overdue_seconds,
  (SELECT count(*) FROM {QUEUED.name}
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS jobs_due,
  (SELECT count(*) FROM {WORKERS.name}
    WHERE last_heartbeat > now() - make_interval(secs => :silence)) AS workers,
  (SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat)) FROM {WORKERS.name})::float AS newest_beat,
  (SELECT extract(epoch FROM clock_timestamp() - min(last_heartbeat)) FROM {WORKERS.name})::float AS oldest_beat
""")  # noqa: S608 - names of ours

# By the gateway's time, in which they were put down.
_QUEUES = text("""
SELECT waiting.kind, coalesce(ticket.priority, 'none') AS priority, count(*) AS length,
  greatest(extract(epoch FROM :now - min(waiting.created_at)), 0)::float AS oldest_seconds
FROM (
  SELECT 'call' AS kind, ticket_id, created_at FROM phone_call
    WHERE state <> 'ended' AND state IN ('queued', 'sending') AND direction = 'out'
  UNION ALL SELECT channel, ticket_id, created_at FROM message WHERE state IN ('queued', 'sending')
) waiting LEFT JOIN ticket ON ticket.id = waiting.ticket_id
GROUP BY 1, 2
""")

_SENDS = text("""
SELECT 'call' AS kind, CASE
    WHEN state IN ('queued', 'sending') THEN 'waiting'
    WHEN result = 'failed' THEN 'failed'
    WHEN result = 'canceled' THEN 'canceled'
    ELSE 'accepted' END AS outcome, count(*) AS amount, sum(tries) AS tries
FROM phone_call WHERE direction = 'out' GROUP BY 2
UNION ALL
SELECT channel, CASE
    WHEN state IN ('queued', 'sending') THEN 'waiting'
    WHEN state IN ('undelivered', 'failed') THEN 'failed'
    WHEN state = 'merged' THEN 'merged'
    ELSE 'accepted' END, count(*), sum(tries)
FROM message GROUP BY 1, 2
""")

_TOTALS = text("""
SELECT 'ticket' AS counted, '' AS state, count(*) AS amount FROM ticket
UNION ALL SELECT 'call', '', count(*) FROM phone_call WHERE state <> 'ended'
UNION ALL SELECT 'message', state, count(*) FROM message GROUP BY state
""")


@dataclass(frozen=True)
class Work:
    """What is waiting to be done. `overdue_seconds`: age of the oldest page whose next step is due, or 0.

    Beats: ages in seconds of the newest and the oldest one; None when no worker is known. A worker that died keeps its
    last beat until another one clears it away.
    """

    open_pages: int
    overdue_seconds: float
    jobs_due: int
    workers: int
    newest_beat: float | None = None
    oldest_beat: float | None = None


@dataclass(frozen=True)
class Queue:
    """Calls, texts or mails of one priority that wait to be sent; `oldest_seconds` since the oldest was put down."""

    kind: str
    priority: str
    length: int
    oldest_seconds: float


@dataclass
class Sends:
    """What came of calls, texts or mails, over everything kept: counts by outcome, and tries in all."""

    outcomes: dict[str, int] = field(default_factory=dict)
    tries: int = 0


@dataclass(frozen=True)
class Totals:
    """Counts over everything kept. `messages` by state."""

    tickets: int
    calls_in_progress: int
    messages: dict[str, int]


def work(session: Session) -> Work:
    """The state of the background work."""
    row = session.execute(_WORK, {"silence": WORKER_SILENCE_SECONDS}).one()
    return Work(**row._mapping)


def queues(session: Session, now: datetime) -> Sequence[Queue]:
    """What waits at `now` of the gateway's time, by kind and priority, those that are empty included."""
    found = {(row.kind, row.priority): Queue(*row) for row in session.execute(_QUEUES, {"now": now})}
    every = [(kind, priority) for kind in KINDS for priority in PRIORITIES]
    return [found.get(place, Queue(*place, 0, 0.0)) for place in [*every, *sorted(set(found) - set(every))]]


def sends(session: Session) -> dict[str, Sends]:
    """By kind: accepted (the network took it), failed (refused, or not delivered), canceled, waiting."""
    found = {kind: Sends({"accepted": 0, "failed": 0}) for kind in KINDS}
    for kind, outcome, amount, tries in session.execute(_SENDS):
        of_kind = found.setdefault(kind, Sends())
        of_kind.outcomes[outcome] = amount
        of_kind.tries += int(tries)
    return found


def totals(session: Session) -> Totals:
    """Tickets, calls in progress, messages."""
    rows = session.execute(_TOTALS).all()
    single = {row.counted: row.amount for row in rows if row.counted != "message"}
    return Totals(single["ticket"], single["call"], {row.state: row.amount for row in rows if row.counted == "message"})

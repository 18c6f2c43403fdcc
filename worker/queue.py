"""All that is written to procrastinate's own tables, besides the jobs that are put down (`core.jobs`).

Statements are psycopg's: lifelines and job keepers have connections of their own.
"""

from typing import Final, LiteralString

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.jobs import Urgency
from oncall.models import jobs

# --- Workers that live, and those that don't (`worker.liveness`).

# Arguments: who asks; the silence, and how long the database has been up, in seconds.
SILENT_WORKERS: Final = """
SELECT worker.id, mark.worker_id IS NOT NULL, extract(epoch FROM clock_timestamp() - worker.last_heartbeat)::float
FROM procrastinate_workers worker LEFT JOIN worker_lock mark ON mark.worker_id = worker.id
WHERE worker.id <> %s AND worker.last_heartbeat < clock_timestamp() - make_interval(secs => %s)
    AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %s)
ORDER BY worker.id
"""
MARK: Final = "INSERT INTO worker_lock (worker_id, host, pid, since) VALUES (%s, %s, %s, clock_timestamp())"
SAY_ALIVE: Final = "UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() WHERE id = %s RETURNING id"
# The dead can't fetch a job nor claim a row from here on: both ask for a share of this lock.
LAY_OUT: Final = "SELECT id FROM procrastinate_workers WHERE id = ANY(%s) FOR UPDATE"
GIVE_BACK: Final = (
    "SELECT id, procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM (SELECT id FROM procrastinate_jobs"
    " WHERE status = 'doing' AND worker_id = ANY(%s) FOR UPDATE) held"
)
# As procrastinate tells of new jobs; it does not tell of those given back.
TELL_WORKERS: Final = (
    "SELECT pg_notify('procrastinate_queue_v1#nightline', json_build_object('type', 'job_inserted', 'job_id', 0)::text)"
)
# What a pacer has claimed has no job that could be given back. Rows that somebody has locked are left: `claimed` asks
# whether the worker lives, and the sweep finds them.
_FREE: Final = (
    "WITH freed AS (UPDATE {table} SET claimed_at = NULL, claimed_by = NULL WHERE id IN (SELECT id FROM {table}"
    " WHERE state = 'sending' AND claimed_by = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED) RETURNING id)"
    " SELECT procrastinate_defer_jobs_v1(array_agg(ROW('nightline', '{task}', {priority}, NULL, NULL,"
    " jsonb_build_object('{name}', id), NULL)::procrastinate_job_to_defer_v1)) FROM freed HAVING count(*) > 0"
)
FORGET: Final = (
    _FREE.format(table="phone_call", task=jobs.place_call.name, priority=int(Urgency.URGENT), name="call_id"),
    _FREE.format(table="message", task=jobs.send_message.name, priority=int(Urgency.SOON), name="message_id"),
    "DELETE FROM procrastinate_workers WHERE id = ANY(%s)",
    "DELETE FROM worker_lock WHERE worker_id = ANY(%s) OR worker_id NOT IN (SELECT id FROM procrastinate_workers)",
)

# --- Ends of jobs (`worker.fenced_jobs`).

# Only the job that this worker still holds: that of one who was declared dead is somebody else's by now.
_OURS: Final = (
    " FROM (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND status = 'doing' AND worker_id = %(worker_id)s"
    " FOR UPDATE) ours"
)
END_JOB: Final[LiteralString] = "SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s)" + _OURS
RETRY_JOB: Final[LiteralString] = (
    "SELECT procrastinate_retry_job_v2(id, %(at)s, %(priority)s, %(queue)s, %(lock)s)" + _OURS
)

_RETRY_ORPHANS: Final = text(
    "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM (SELECT id FROM procrastinate_jobs"
    " WHERE status = 'doing' AND worker_id IS NULL FOR UPDATE SKIP LOCKED) orphan"
)


def retry_orphans(session: Session) -> None:
    """Jobs whose worker has no row any more go back into the queue: an earlier version left them behind."""
    session.execute(_RETRY_ORPHANS)

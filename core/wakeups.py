"""Wake-ups: background jobs put down in the same transaction as the facts they are about.

A wake-up names a row and carries no decision: whoever runs it locks the row and looks again, so one too many
does no harm.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import Clock

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('nightline', :task, :priority, NULL, NULL,"
    " CAST(:args AS jsonb), CAST(:at AS timestamptz))::procrastinate_job_to_defer_v1])"
)

URGENT = 10


def wake(session: Session, task: str, *, priority: int = 0, **args: Any) -> None:
    """Run `task` with `args` as soon as this transaction is committed; a higher priority goes first."""
    _defer(session, task, args, priority, None)


def wake_at(session: Session, clock: Clock, due: datetime, task: str, **args: Any) -> None:
    """Run `task` at the instant `due` of the gateway's (maybe pretended) time."""
    _defer(session, task, args, 0, due - clock.shift())


def _defer(session: Session, task: str, args: dict[str, Any], priority: int, at: datetime | None) -> None:
    session.execute(_DEFER, {"task": task, "priority": priority, "args": json.dumps(args), "at": at})

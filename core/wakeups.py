"""Wake-ups: background jobs put down in the same transaction as the facts they are about.

A wake-up names a row and carries no decision: whoever runs it locks the row and looks again, so one too many
does no harm. Those of a transaction are written together when it is committed, each once.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.orm import Session, SessionTransaction

from core.clock import Clock

_DEFER: Final = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg("
    "ROW('nightline', task, priority, NULL, NULL, args::jsonb, due)::procrastinate_job_to_defer_v1 ORDER BY place))"
    " FROM unnest(CAST(:tasks AS text[]), CAST(:priorities AS integer[]), CAST(:args AS text[]),"
    " CAST(:dues AS timestamptz[])) WITH ORDINALITY AS wake_up (task, priority, args, due, place)"
)
_KEY: Final = "wake_ups"

# Somebody is on the line and waits for it; or it must not wait behind requests that hang: notices by other channels.
FIRST: Final = 20
URGENT: Final = 10
# Pages that go on to the next person: after calls, which they put down, and before texts, which may hang.
NEXT: Final = 7
SOON: Final = 5


@dataclass(frozen=True)
class _WakeUp:
    task: str
    args: str
    due: datetime | None


def wake(session: Session, task: str, *, priority: int = 0, **args: Any) -> None:
    """Run `task` with `args` as soon as this transaction is committed; a higher priority goes first."""
    _put_down(session, _WakeUp(task, json.dumps(args), None), priority)


def wake_at(session: Session, clock: Clock, due: datetime, task: str, *, priority: int = 0, **args: Any) -> None:
    """Run `task` at the instant `due` of the gateway's (maybe pretended) time."""
    _put_down(session, _WakeUp(task, json.dumps(args), due - clock.shift()), priority)


def put_down(session: Session) -> list[str]:
    """The tasks that this transaction has asked for so far, in order."""
    waiting: dict[_WakeUp, int] = session.info.get(_KEY, {})
    return [one.task for one in waiting]


def _put_down(session: Session, wake_up: _WakeUp, priority: int) -> None:
    waiting: dict[_WakeUp, int] = session.info.setdefault(_KEY, {})
    waiting[wake_up] = max(priority, waiting.get(wake_up, priority))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    waiting: dict[_WakeUp, int] | None = session.info.pop(_KEY, None)
    if not waiting:
        return
    columns = {
        "tasks": [one.task for one in waiting],
        "priorities": list(waiting.values()),
        "args": [one.args for one in waiting],
        "dues": [one.due for one in waiting],
    }
    session.execute(_DEFER, columns)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, rolled_back: SessionTransaction) -> None:
    # A savepoint's end leaves all of them: better one wake-up too many than one of the facts before it lost.
    if rolled_back.parent is None:
        session.info.pop(_KEY, None)

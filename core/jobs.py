"""Background jobs: typed functions, woken in the same transaction as the facts they are about.

A job is declared once, by a function with keyword-only arguments and no body: its name, what it is given and how urgent
it is. So whoever wakes it needs nothing of what runs it; the runner is registered where the work is done.

    @job(Urgency.URGENT)
    def place_call(*, call_id: int) -> None: ...     # a low module: the declaration

    place_call.wake(session, call_id=call.id)        # whoever knows a call

    @place_call.runner
    def ring(sender: Sender, *, call_id: int) -> None:   # the worker

A wake-up names a row and carries no decision: whoever runs it locks the row and looks again, so one too many
does no harm. Those of a transaction are written together when it is committed, each once.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Concatenate, Final, Generic, ParamSpec, TypeVar

from sqlalchemy import BigInteger, DateTime, Text, column, event, table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, SessionTransaction

from core.clock import Clock

Arguments = ParamSpec("Arguments")
Context = TypeVar("Context")

# The queue of procrastinate in which all jobs stand.
QUEUE: Final = "nightline"
# Its own tables, as far as others look at them: what waits or runs, and who works. Writing to them is `worker.queue`'s.
QUEUED: Final = table(
    "procrastinate_jobs",
    column("id", BigInteger),
    column("task_name", Text),
    column("status"),
    column("args", JSONB),
    column("scheduled_at", DateTime(timezone=True)),
)
WORKERS: Final = table(
    "procrastinate_workers", column("id", BigInteger), column("last_heartbeat", DateTime(timezone=True))
)

_DEFER: Final = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg(ROW("
    "CAST(:queue AS text), task, priority, NULL, NULL, args::jsonb, due)::procrastinate_job_to_defer_v1"
    " ORDER BY place)) FROM unnest(CAST(:tasks AS text[]), CAST(:priorities AS integer[]), CAST(:args AS text[]),"
    " CAST(:dues AS timestamptz[])) WITH ORDINALITY AS wake_up (task, priority, args, due, place)"
)
_KEY: Final = "wake_ups"


class Urgency(IntEnum):
    """What goes first of the jobs that are due; the numbers stand in the queue."""

    NORMAL = 0
    SOON = 5
    # Pages that go on to the next person: after calls, which they put down, and before texts, which may hang.
    NEXT = 7
    URGENT = 10
    # Somebody is on the line and waits for it; or it must not wait behind requests that hang: other channels.
    FIRST = 20


@dataclass(frozen=True)
class _WakeUp:
    task: str
    args: str
    due: datetime | None


@dataclass(frozen=True)
class Job(Generic[Arguments]):
    """A declared job. `urgency` is that of a wake-up at once, `later` that of one for a later instant."""

    declaration: Callable[Arguments, None]
    urgency: Urgency
    later: Urgency

    @property
    def name(self) -> str:
        """Its name in the queue, for good: workers of other versions run it by that name."""
        return self.declaration.__name__

    def with_urgency(self, urgency: Urgency) -> "Job[Arguments]":
        """The same job for a wake-up that is more or less urgent than usual."""
        return replace(self, urgency=urgency, later=urgency)

    def wake(self, session: Session, /, *_: Arguments.args, **arguments: Arguments.kwargs) -> None:
        """Run it as soon as this transaction is committed; a higher priority goes first."""
        _put_down(session, _WakeUp(self.name, json.dumps(arguments), None), self.urgency)

    def wake_at(
        self, session: Session, clock: Clock, due: datetime, /, *_: Arguments.args, **arguments: Arguments.kwargs
    ) -> None:
        """Run it at the instant `due` of the gateway's (maybe pretended) time."""
        _put_down(session, _WakeUp(self.name, json.dumps(arguments), due - clock.shift()), self.later)

    def runner(
        self, function: Callable[Concatenate[Context, Arguments], None]
    ) -> Callable[Concatenate[Context, Arguments], None]:
        """Let this function do the work; it is given what its process holds, and the job's arguments."""
        if self.name in _RUNNERS:
            raise ValueError(f"job {self.name} has a runner already: {_RUNNERS[self.name]}")
        _RUNNERS[self.name] = function
        return function


_DECLARED: Final[dict[str, Job[...]]] = {}
_RUNNERS: Final[dict[str, Callable[..., None]]] = {}


def job(
    urgency: Urgency = Urgency.NORMAL, *, later: Urgency = Urgency.NORMAL
) -> Callable[[Callable[Arguments, None]], Job[Arguments]]:
    """Declare a job by a function: its name and keyword-only arguments, values of JSON."""

    def declare(declaration: Callable[Arguments, None]) -> Job[Arguments]:
        parameters = inspect.signature(declaration).parameters.values()
        if any(one.kind is not inspect.Parameter.KEYWORD_ONLY for one in parameters):
            raise TypeError(f"the arguments of job {declaration.__name__} are stored by name: make them keyword-only")
        declared = Job(declaration, urgency, later)
        if _DECLARED.setdefault(declared.name, declared) is not declared:
            raise ValueError(f"two jobs are called {declared.name}")
        return declared

    return declare


def declared_jobs() -> Mapping[str, Job[...]]:
    """Every job of the modules that are imported, by name."""
    return MappingProxyType(_DECLARED)


def runners() -> Mapping[str, Callable[..., None]]:
    """What runs each job, by name, as far as its module is imported."""
    return MappingProxyType(_RUNNERS)


def forget_wake_ups(session: Session) -> None:
    """Run nothing for what this transaction has done so far: for whoever has done the jobs' work within it."""
    session.info.pop(_KEY, None)


def _put_down(session: Session, wake_up: _WakeUp, urgency: Urgency) -> None:
    waiting: dict[_WakeUp, Urgency] = session.info.setdefault(_KEY, {})
    waiting[wake_up] = max(urgency, waiting.get(wake_up, urgency))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    waiting: dict[_WakeUp, Urgency] | None = session.info.pop(_KEY, None)
    if not waiting:
        return
    columns = {
        "queue": QUEUE,
        "tasks": [one.task for one in waiting],
        "priorities": [int(urgency) for urgency in waiting.values()],
        "args": [one.args for one in waiting],
        "dues": [one.due for one in waiting],
    }
    session.execute(_DEFER, columns)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, rolled_back: SessionTransaction) -> None:
    # A savepoint's end leaves all of them: better one wake-up too many than one of the facts before it lost.
    if rolled_back.parent is None:
        forget_wake_ups(session)

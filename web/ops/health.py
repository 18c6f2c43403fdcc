"""`/healthz` and `/readyz`: whether this process lives, and whether it can take a call."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from oncall.monitoring import metrics
from oncall.monitoring.outage_check import age_of_snapshot, check_snapshot, in_words, seconds_since_written
from oncall.monitoring.preflight import Level
from oncall.outage.snapshot_file import NoSnapshotError
from web.platform.access import open_to_all, runtime

blueprint = Blueprint("health", __name__)

_REMEDY = "run `flask init`"


@blueprint.get("/healthz")
@open_to_all
def healthz() -> ResponseReturnValue:
    """The process answers. Says nothing about the database."""
    return {"status": "alive"}


@blueprint.get("/readyz")
@open_to_all
def readyz() -> ResponseReturnValue:
    """200 when calls can be taken, else 503 with `problems`.

    Late background work stands in `warnings` and keeps the 200, also when no worker lives: that is so for all web
    processes at once, and a load balancer that took them all out would cut callers off from a gateway that still
    answers them and opens their tickets. So does a database that is away, with a snapshot to go on from, and one that
    is too busy to count.
    """
    try:
        # The clock asks the database by itself: within a transaction that would take a second connection.
        now = runtime().clock.now()
        with runtime().database.transaction() as session:
            session.execute(metrics.PATIENCE)
            report = _report(session, now)
    except SQLAlchemyError as error:
        report = _without_database(f"the database does not answer ({type(error).__name__})")
    ready = not report["problems"]
    return {"status": "ready" if ready else "not ready", **report}, 200 if ready else 503


def _without_database(words: str) -> dict[str, Any]:
    try:
        age = in_words(age_of_snapshot(runtime().settings))
    except NoSnapshotError as error:
        return {"problems": [words, f"and there is no snapshot to go on from: {error}"]}
    if not runtime().database.outlook.away:  # this process does not go on without it
        return {"problems": [words]}
    return {"problems": [], "warnings": [f"{words}: calls are answered from the snapshot of {age} ago"]}


def _report(session: Session, now: datetime) -> dict[str, Any]:
    version = schema_version(session)
    if is_behind(version):
        found = f"is at version {version}" if version else "is missing"
        return {"problems": [f"the schema {found}, wanted is {schema_head()}: {_REMEDY}"]}
    newer = [f"the schema is at version {version}, newer than this program"] if version != schema_head() else []
    snapshot = check_snapshot(runtime().settings)
    stale = [] if snapshot.level is Level.OK else [f"snapshot: {snapshot.words}; {snapshot.remedy}"]
    late, figures = _figures(session, now)
    return {
        "problems": [],
        "warnings": late + stale + newer,
        "schema": version,
        **figures,
        "snapshot_age_seconds": _rounded(seconds_since_written(runtime().settings)),
    }


def _figures(session: Session, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """What to warn of, and the numbers. They are read apart, as without them calls are taken all the same."""
    try:
        with session.begin_nested():
            work = metrics.work(session)
            return warnings(work), _numbers(session, work, now)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return [f"the figures could not be read in time ({type(error.orig).__name__})"], {}


def _numbers(session: Session, work: metrics.Work, now: datetime) -> dict[str, Any]:
    return {
        "oldest_overdue_page_seconds": round(work.overdue_seconds, 1),
        "jobs_due": work.jobs_due,
        "workers": work.workers,
        "beats": {"newest_seconds": _rounded(work.newest_beat), "oldest_seconds": _rounded(work.oldest_beat)},
        "queues": _queues(session, now),
        "sends": {kind: {**each.outcomes, "tries": each.tries} for kind, each in metrics.sends(session).items()},
    }


def _queues(session: Session, now: datetime) -> dict[str, dict[str, dict[str, float]]]:
    """By kind and priority, only those in which something waits."""
    found: dict[str, dict[str, dict[str, float]]] = {kind: {} for kind in metrics.KINDS}
    for queue in metrics.queues(session, now):
        if queue.length:
            line = {"length": queue.length, "oldest_seconds": round(queue.oldest_seconds, 1)}
            found.setdefault(queue.kind, {})[queue.priority] = line
    return found


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def warnings(work: metrics.Work) -> list[str]:
    """What an operator should look at, though calls are still taken."""
    found = []
    if work.workers == 0:
        found.append("no worker is running: nobody is rung; start `flask worker`")
    if work.overdue_seconds > metrics.LATE_SECONDS:
        found.append(f"a page has been waiting for its next step for {work.overdue_seconds:.0f} s")
    return found


def schema_version(session: Session) -> str | None:
    """The version the database has, or None when it was never prepared."""
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def is_behind(version: str | None) -> bool:
    """Whether the database is not prepared for this program. A newer schema is one that a deploy has just brought."""
    return version is None or version < (schema_head() or "")


@lru_cache(maxsize=1)
def schema_head() -> str | None:
    """The version this program was written for."""
    # Loaded on first use: the migration tool is a tenth of this process's memory.
    from alembic.script import ScriptDirectory  # on first use: once a process

    from core.schema import alembic_config  # the same

    return ScriptDirectory.from_config(alembic_config()).get_current_head()

"""Bringing the journal into the database: each fact once, however often it is read and whoever is killed meanwhile.

A fact and the mark that it was brought in are one transaction; a batch is removed only after all of its facts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from core.clock import real_now
from core.log import get_logger
from core.retry import is_passing
from oncall.models.operations.journal import JournalFact
from oncall.outage.facts import put_down
from oncall.outage.journal import Entry, Journal
from oncall.runtime import Runtime

# Notes a report of the provider by the ordinary way: runtime, which one, the parts of its address, its parameters, when
# it came (the gateway's time).
Replay = Callable[[Runtime, str, Mapping[str, Any], dict[str, str], datetime], None]

logger = get_logger(__name__)


def bring_in(runtime: Runtime, journal: Journal, replay: Replay) -> int:
    """Bring in all that waits on this machine; how many facts were new. Raises SQLAlchemyError when it has to wait.

    Nothing is done while another process of the machine is at it.
    """
    if journal.is_empty():
        return 0
    with journal.alone() as alone:
        if not alone:
            return 0
        return sum(_bring_in_batch(runtime, journal, batch, replay) for batch in journal.batches())


def _bring_in_batch(runtime: Runtime, journal: Journal, batch: Path, replay: Replay) -> int:
    new, whole = 0, True
    for entry in journal.read(batch):
        if entry is None:
            logger.error("a line of the journal can't be read", batch=batch.name)
            whole = False
            continue
        try:
            new += _bring_in_once_more(runtime, entry, replay)
        except Exception as error:
            if is_passing(error):
                raise  # the database is away again, or busy: the batch is read again, which changes nothing twice
            logger.exception("a fact of the journal could not be brought in", kind=entry.kind, key=entry.key)
            whole = False
    journal.remove(batch, whole)
    logger.info("journal brought in", batch=batch.name, facts=new)
    return new


def _bring_in_once_more(runtime: Runtime, entry: Entry, replay: Replay) -> bool:
    """Whether it was new. A row that another transaction has just made is there when this one begins again."""
    try:
        return _bring_in_entry(runtime, entry, replay)
    except IntegrityError:
        return _bring_in_entry(runtime, entry, replay)


def _bring_in_entry(runtime: Runtime, entry: Entry, replay: Replay) -> bool:
    """Whether it was new."""
    if entry.kind == "report":
        return _replay(runtime, entry, replay)
    with runtime.database.transaction() as session:
        row = insert(JournalFact).values(key=entry.key, taken_at=real_now()).on_conflict_do_nothing()
        if session.scalar(row.returning(JournalFact.key)) is None:
            return False
        put_down(session, runtime, entry)
    return True


def _replay(runtime: Runtime, entry: Entry, replay: Replay) -> bool:
    """Reports may come twice by nature, so this one is noted first and marked then."""
    with runtime.database.transaction() as session:
        if session.get(JournalFact, entry.key) is not None:
            return False
    replay(runtime, entry.more["endpoint"], entry.more["args"], entry.more["form"], entry.at)
    with runtime.database.transaction() as session:
        row = insert(JournalFact).values(key=entry.key, taken_at=real_now()).on_conflict_do_nothing()
        session.execute(row)
    return True

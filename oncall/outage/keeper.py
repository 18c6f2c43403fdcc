"""The thread of a web process that keeps this machine ready: renews the snapshot, and brings the journal in."""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from core.change_listener import Watch
from core.clock import real_now
from core.log import get_logger
from oncall.outage import replay as outage_replay
from oncall.outage.journal import Journal
from oncall.outage.replay import Replay
from oncall.outage.snapshot import Snapshot
from oncall.outage.snapshot_file import SnapshotFile
from oncall.outage.snapshot_taking import CHANGES, take, versions
from oncall.runtime import Runtime

LOOK_EVERY: Final = 0.5
RENEW_EVERY: Final = 60.0
# While nobody tells of changes. An unchanged one costs one small query.
RENEW_UNWATCHED_EVERY: Final = 5.0
# Ring orders are worked out for days ahead; so often even if nothing has changed.
WORK_OUT_EVERY: Final = 3600.0

logger = get_logger(__name__)


class Keeper:
    """One a web process. Of those on one machine, one renews the snapshot, and one at a time brings the journal in."""

    def __init__(self, runtime: Runtime, replay: Replay) -> None:
        self._runtime, self._replay = runtime, replay
        self._file, self._journal = SnapshotFile(runtime.settings), Journal(runtime.settings)
        self._lock: int | None = None
        self._watch: Watch | None = None
        self._last: Snapshot | None = None
        self._mark: int | None = None  # of what stands in the snapshot
        self._renewed = self._worked_out = float("-inf")
        self._told: dict[str, str] = {}

    def start(self) -> None:
        """Begin, in this process. Looks after the database's outlook, too."""
        self._runtime.database.outlook.start()
        threading.Thread(target=self._keep_for_ever, name="keeper", daemon=True).start()

    def _keep_for_ever(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """What is due now. A journal that can't be brought in does not keep the snapshot from being renewed."""
        if self._runtime.database.outlook.away:
            return
        self._try("the snapshot is not renewed", self._keep_snapshot)
        self._try("the journal is not brought in", self._bring_journal_in)

    def close(self) -> None:
        """Listen no more, and let another process of this machine renew the snapshot."""
        if self._watch is not None:
            self._watch.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _try(self, failed: str, action: Callable[[], object]) -> None:
        try:
            action()
            self._told.pop(failed, None)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            if reason != self._told.get(failed):  # twice a second, nobody could read the log
                self._told[failed] = reason
                expected = isinstance(error, SQLAlchemyError | OSError)
                logger.error(failed, reason=reason, exc_info=not expected)

    def _keep_snapshot(self) -> None:
        self._runtime.clock.shift()  # a pretended time that is read now is the one that is known while it can't be
        if self._is_ours():
            mark = self._watch.mark() if self._watch is not None else None
            if self._is_due(mark):
                self._renew()
                self._mark = mark  # not before: a change whose snapshot failed is still to be taken

    def _bring_journal_in(self) -> None:
        outage_replay.bring_in(self._runtime, self._journal, self._replay)

    def _is_ours(self) -> bool:
        """Whether this process renews the snapshot: the first one does, until it ends."""
        if self._lock is None:
            self._runtime.settings.var_dir.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._runtime.settings.var_dir / ".snapshot.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self._lock = handle
            self._watch = Watch(self._runtime.database.url, CHANGES)
        return True

    def _is_due(self, mark: int | None) -> bool:
        """`mark`: what the watch tells of changes; None while it may miss some."""
        every = RENEW_EVERY if mark is not None else RENEW_UNWATCHED_EVERY
        due = time.monotonic() - self._renewed > every
        return due or (mark is not None and mark != self._mark) or not self._file.path.exists()

    def _renew(self) -> None:
        now = self._runtime.clock.now()
        snapshot = self._still_true()
        if snapshot is None:
            with self._runtime.database.transaction() as session:
                snapshot = take(session, now)
            self._worked_out = time.monotonic()
        self._file.write(snapshot)
        self._last, self._renewed = snapshot, time.monotonic()

    def _still_true(self) -> Snapshot | None:
        """The last snapshot with today's date on it, if nothing has changed since it was worked out."""
        if self._last is None or time.monotonic() - self._worked_out > WORK_OUT_EVERY:
            return None
        with self._runtime.database.transaction() as session:
            same = versions(session) == self._last.versions
        return replace(self._last, taken_at=real_now()) if same else None

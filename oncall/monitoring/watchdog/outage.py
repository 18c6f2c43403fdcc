"""A database that is away, told from the snapshot: once a machine, again while it lasts, once when it is back."""

import json
import socket
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from core import log
from core.settings import Settings
from oncall.models.customers import DEFAULT_REGIONS
from oncall.monitoring.alerting import alert
from oncall.monitoring.watchdog.seeing import AGAIN, CLAIM
from oncall.monitoring.watchdog.words import database_notice
from oncall.outage.files import held_by_nobody_else, write_whole
from oncall.outage.snapshot import Snapshot
from oncall.outage.snapshot_file import NoSnapshotError, SnapshotFile

# PostgreSQL that is only started again is no news.
PATIENCE: Final = timedelta(seconds=30)

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class _Told:
    """What this machine has told, in a file for all its processes. Instants are real time, ISO 8601."""

    since: str
    at: str
    reached: bool


class AwayWatch:
    """One a web process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._snapshots = SnapshotFile(settings)
        self._path = settings.var_dir / "database_away"
        self._since: datetime | None = None

    def look(self, away: bool, now: datetime) -> None:
        """Tell what has to be told of a database that is, or is not, away. `now`: real time."""
        self._since = min(self._since or now, now) if away else None  # the machine's clock may be set back
        if self._since is not None and now - self._since >= PATIENCE:
            with self._mine() as mine:
                if mine:
                    self._tell_away(self._since, now)
        elif not away and self._path.exists():
            with self._mine() as mine:
                if mine:
                    self._tell_back(now)

    def _mine(self) -> AbstractContextManager[bool]:
        """Whether no other process of this machine is telling at this moment."""
        return held_by_nobody_else(self._path.with_name(".database_away.lock"))

    def _tell_away(self, since: datetime, now: datetime) -> None:
        told = self._told()
        if told is not None:
            since = min(since, datetime.fromisoformat(told.since))
            # A clock that was set back is no reason to keep quiet.
            if timedelta(0) <= now - datetime.fromisoformat(told.at) < (AGAIN if told.reached else CLAIM):
                return
        reached = self._alert(since, now, over=False)
        self._keep(_Told(since.isoformat(), now.isoformat(), reached or (told is not None and told.reached)))

    def _tell_back(self, now: datetime) -> None:
        told = self._told()
        self._path.unlink(missing_ok=True)
        if told is not None and told.reached:
            self._alert(datetime.fromisoformat(told.since), now, over=True)

    def _alert(self, since: datetime, now: datetime, over: bool) -> bool:
        try:
            snapshot = self._snapshots.read()
        except NoSnapshotError as error:
            logger.error("the database is away, and nobody is known who could be told", reason=str(error))
            return False
        machine = socket.gethostname()
        key = f"database away:{machine}:{since.isoformat()}:{'over' if over else now.isoformat()}"
        notice = database_notice(key, since, now, over, self._zone(snapshot), machine)
        return alert(self._settings, snapshot.in_charge, notice)

    def _zone(self, snapshot: Snapshot) -> str:
        name = self._settings.default_region
        region = snapshot.region(name)
        return region.time_zone if region is not None else DEFAULT_REGIONS.get(name, "Europe/Rome")

    def _told(self) -> _Told | None:
        try:
            return _Told(**json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _keep(self, told: _Told) -> None:
        write_whole(self._path, json.dumps(asdict(told)).encode())

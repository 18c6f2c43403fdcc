"""The snapshot on disk: sealed, whole or not at all, read once a process until it is renewed."""

import threading
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.clock import real_now
from core.log import get_logger
from core.security.sealing import SealError, seal_for
from core.settings import Settings
from oncall.outage.files import write_whole
from oncall.outage.snapshot import Snapshot

_PURPOSE: Final = "snapshot"
_SHAPE: Final = TypeAdapter(Snapshot)

logger = get_logger(__name__)


class NoSnapshotError(Exception):
    """There is no snapshot that can be used; says why, for operators."""


class SnapshotFile:
    """Where this machine's snapshot lies. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.var_dir / "snapshot"
        self._secret: Callable[[], bytes] = lambda: settings.pin_secret
        self._old_after = timedelta(hours=settings.snapshot_old_hours)
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, int], Snapshot] | None = None

    def write(self, snapshot: Snapshot) -> None:
        """Raises OSError."""
        content = zlib.compress(_SHAPE.dump_json(snapshot), level=1)
        write_whole(self.path, seal_for(self._secret(), _PURPOSE).close(content))

    def read(self) -> Snapshot:
        """The newest snapshot. An old one is used all the same, but said in the log. Raises NoSnapshotError."""
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            with self._lock:
                if self._kept is None or self._kept[0] != stamp:
                    self._kept = (stamp, self._decode(self.path.read_bytes()))
                snapshot = self._kept[1]
        except FileNotFoundError as error:
            raise NoSnapshotError("none was written on this machine yet") from error
        except OSError as error:
            raise NoSnapshotError(f"{self.path} can't be read ({type(error).__name__})") from error
        except (SealError, zlib.error, ValidationError) as error:
            raise NoSnapshotError(f"{self.path} is broken, or of another PIN_KEY ({type(error).__name__})") from error
        age = real_now() - snapshot.taken_at
        if age > self._old_after:
            logger.error("the snapshot is old", hours=round(age / timedelta(hours=1), 1))
        return snapshot

    def _decode(self, sealed: bytes) -> Snapshot:
        return _SHAPE.validate_json(zlib.decompress(seal_for(self._secret(), _PURPOSE).open(sealed)))

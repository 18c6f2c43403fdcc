"""The journal: what happens while the database is away, one sealed line a fact, on disk before the answer goes out.

All processes of a machine write one file, in order. Whoever brings it into the database first puts it aside as a batch
of its own, so that no line is written to a file that is about to be removed.
"""

import fcntl
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core.log import get_logger
from core.security.sealing import Seal, SealError, seal_for
from core.settings import Settings
from oncall.outage.files import appended, held, held_by_nobody_else, sync_folder

_PURPOSE: Final = "journal"
_OPEN: Final = "open.log"

logger = get_logger(__name__)


@dataclass(frozen=True)
class Entry:
    """A fact. `key` is the same however often the same request brings it; `at` is the gateway's time (UTC).

    `call`: the provider's id of the call. `more`: what the kind says besides (`oncall.outage.facts`).
    """

    key: str
    at: datetime
    kind: str
    call: str
    more: dict[str, Any] = field(default_factory=dict)


class Journal:
    """The journal of this machine. Any number of processes and threads may write at once."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.var_dir / "journal"
        self._settings = settings

    @property
    def _seal(self) -> Seal:
        return seal_for(self._settings.pin_secret, _PURPOSE)

    def write(self, *entries: Entry) -> None:
        """Put facts down for good, in order. A disk that refuses is logged: the caller on the phone comes first."""
        if not entries:
            return
        try:
            seal = self._seal
            lines = b"".join(seal.close_text(coded(entry)).encode() + b"\n" for entry in entries)
            self._append(lines)
        except OSError as error:
            kinds = [entry.kind for entry in entries]
            logger.error("facts of a call could not be put down", kinds=kinds, reason=str(error))

    def _append(self, lines: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(self.folder / _OPEN) as handle:
            if appended(handle, lines):
                sync_folder(self.folder)

    def is_empty(self) -> bool:
        """Whether nothing waits to be brought into the database."""
        # In this order: a file that is put aside between the two looks is seen by the second.
        return not (self.folder / _OPEN).exists() and not self._batches()

    def _batches(self) -> list[Path]:
        return sorted(self.folder.glob("batch-*.log"))

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether this process is the only one of the machine that takes batches, for the length of the block."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held_by_nobody_else(self.folder / ".taking") as alone:
            yield alone

    def batches(self) -> list[Path]:
        """Files that nobody writes any more, oldest first; what was open until now is among them."""
        path = self.folder / _OPEN
        if path.exists():
            aside = self.folder / f"batch-{time.time_ns():020d}-{secrets.token_hex(4)}.log"
            path.rename(aside)
            with aside.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # a line may just be under way into it; after this none can be
        return self._batches()

    def read(self, batch: Path) -> Iterator[Entry | None]:
        """The facts of a batch in order; None for a line that can't be read."""
        seal = self._seal
        for line in batch.read_bytes().splitlines():
            if not line:
                continue
            try:
                yield decoded(seal.open_text(line.decode("ascii", "replace")))
            except (SealError, ValueError, TypeError, KeyError):
                yield None

    def remove(self, batch: Path, whole: bool) -> None:
        """A batch is in the database. One with unreadable lines is kept for a person to look at."""
        if whole:
            batch.unlink()
        else:
            batch.rename(batch.with_name(f"unreadable-{batch.name}"))


def coded(entry: Entry) -> bytes:
    """As a line has it, before it is sealed."""
    return json.dumps(asdict(entry) | {"at": entry.at.isoformat()}, separators=(",", ":")).encode()


def decoded(content: bytes | str) -> Entry:
    """What `coded` made. Raises ValueError, TypeError, KeyError."""
    fields = json.loads(content)
    return Entry(**fields | {"at": datetime.fromisoformat(fields["at"])})

"""How ready this machine is for a database that goes away: told by `flask check` and `/readyz`."""

import time
from datetime import timedelta

from core.clock import real_now
from core.settings import Settings
from oncall.monitoring.preflight import Check, Level
from oncall.outage.snapshot_file import NoSnapshotError, SnapshotFile

_REMEDY = "see that the web process runs, and that it may write to VAR_DIR"


def age_of_snapshot(settings: Settings) -> timedelta:
    """Raises NoSnapshotError."""
    return real_now() - SnapshotFile(settings).read().taken_at


def seconds_since_written(settings: Settings) -> float | None:
    """The snapshot's age by its file alone, which costs nothing; None when there is none."""
    try:
        return max(0.0, time.time() - SnapshotFile(settings).path.stat().st_mtime)
    except OSError:
        return None


def check_snapshot(settings: Settings) -> Check:
    """A line of the preflight."""
    try:
        age = age_of_snapshot(settings)
    except NoSnapshotError as error:
        words = f"the hotline could not go on without its database: {error}"
        return Check("snapshot", Level.WARNING, words, _REMEDY)
    words = f"taken {in_words(age)} ago"
    if age > timedelta(hours=settings.snapshot_old_hours):
        return Check("snapshot", Level.WARNING, words, _REMEDY)
    return Check("snapshot", Level.OK, words)


def in_words(age: timedelta) -> str:
    """An age for people: "40 s", "12 min", "30 h"."""
    seconds = max(0.0, age.total_seconds())
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"

"""On what, and of which version, it was measured."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def commit() -> str:
    """The short commit, with "-changed" when files differ from it; "unknown" outside a checkout."""
    name = _git("rev-parse", "--short", "HEAD")
    if not name:
        return "unknown"
    return f"{name}-changed" if _git("status", "--porcelain", "--untracked-files=no") else name


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def load_average() -> list[float]:
    """Processes that want to run, over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def describe() -> dict[str, Any]:
    """The machine and the moment."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.release(),
        "python": platform.python_version(),
    }

"""Reads an iCal file in a child process, which may use only so much time and memory.

`python -m oncall.planning.imports.ical.child` reads {"content", "zone", "start", "end"} as JSON and writes a
Reading, or {"refused": sentence}.
"""

import base64
import json
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core.log import get_logger
from oncall.planning.imports.comparing import Event, ImportRefusedError, Reading, Trouble
from oncall.planning.imports.ical.time_limit import TOO_LONG
from oncall.planning.imports.source import source_from_json
from schedules.spans import Span

_log = get_logger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[4]
_LISTS: Final = ("guests", "names", "declined")
_CPU_SECONDS: Final = 6
_MEMORY_BYTES: Final = 512 * 1024 * 1024
# Waiting for a processor included; the web server's own patience is longer.
_SECONDS: Final = 15


def read_ical(content: bytes, zone: str, window: Span) -> Reading:
    """The occurrences that touch the window, on a roster's clock `zone`. Raises ImportRefusedError."""
    asked = {
        "content": base64.b64encode(content).decode(),
        "zone": zone,
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
    }
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked).encode(), capture_output=True, cwd=_ROOT, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ImportRefusedError(TOO_LONG) from None
    if done.returncode < 0:  # stopped by the limits below
        raise ImportRefusedError(TOO_LONG)
    if done.returncode > 0:
        _log.error("reading a calendar failed", cause=done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
        raise ImportRefusedError("This calendar can't be read: export it anew, or fewer months of it.")
    return _answer(json.loads(done.stdout))


def _answer(told: dict[str, Any]) -> Reading:
    if "refused" in told:
        raise ImportRefusedError(told["refused"])
    events = (each | {name: tuple(each[name]) for name in _LISTS} | _times(each) for each in told["events"])
    troubles = tuple(Trouble(**each) for each in told["troubles"])
    source = source_from_json(told["source"])
    return Reading(tuple(Event(**each) for each in events), troubles, told["outside"], told["cancelled"], source)


def _times(told: dict[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(told[name]) for name in ("start", "end")}


def main() -> None:
    """What the child does."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    from oncall.planning.imports.ical.reading import read  # its libraries are for this process alone

    window = Span(**_times(asked))
    try:
        told = asdict(read(base64.b64decode(asked["content"]), asked["zone"], window))
    except ImportRefusedError as error:
        told = {"refused": str(error)}
    json.dump(told, sys.stdout, default=datetime.isoformat)


if __name__ == "__main__":
    main()

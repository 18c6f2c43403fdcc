"""Runs the tests on six other days than today: `python -m tests.dates [--only DAY ...] [what pytest is to run]`.

The real date is moved for pytest and for all that it starts: the gateway, PostgreSQL, Chromium (`moved_date.c`). Every
process is as far from the true time as every other, and the clocks by which programs wait run as ever. Folders of tests
or single ones may be named, as for pytest; without any, all are run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests import browser_setup

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = Path(__file__).with_name("moved_date.c")
LOGS: Final = ROOT / "var" / "dates"
# When a run begins. In the run the week's handoff comes, the year turns, the clocks of Rome change.
DAYS: Final = {
    "monday": datetime(2027, 6, 7, 15, 55, tzinfo=UTC),
    "sunday": datetime(2027, 5, 16, 0, 5, tzinfo=UTC),
    "new-year": datetime(2027, 12, 31, 23, 55, tzinfo=UTC),
    "leap-day": datetime(2028, 2, 29, 9, 0, tzinfo=UTC),
    "spring": datetime(2027, 3, 28, 0, 55, tzinfo=UTC),
    "autumn": datetime(2027, 10, 31, 0, 55, tzinfo=UTC),
}
# Days on which the machine's own clock is Rome's, too.
IN_ROME: Final = {"spring", "autumn"}

_DISTANCE: Final = "MOVED_DATE_SECONDS"
_BYTECODE: Final = "PYTHONPYCACHEPREFIX"


class DatesError(Exception):
    """No day can be run; one line with the remedy."""


def build(folder: Path) -> Path:
    """The library that moves the date; its compiler is installed when it is missing and we may. Raises DatesError."""
    if not shutil.which("cc") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing a C compiler ...", flush=True)
        browser_setup.install("gcc", "libc6-dev")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise DatesError("a C compiler is missing: install one (Debian: apt-get install gcc libc6-dev).")
    built = folder / "moved_date.so"
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", str(built), str(SOURCE), "-ldl"],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise DatesError(f"{SOURCE.name} does not compile (glibc and its headers are needed):\n{made.stderr}")
    return built


def pretended(instant: datetime, now: datetime, library: Path) -> dict[str, str]:
    """What a process's environment has besides, for it to begin at `instant` when our own date is `now`."""
    moved_already = int(os.environ.get(_DISTANCE, "0"))  # `now` may be a pretended day's own
    return {
        "LD_PRELOAD": str(library),
        # A distance and no date, so that a child which starts later is not behind its parent.
        _DISTANCE: str(round((instant - now).total_seconds()) + moved_already),
        # The times of files are moved along, and would make everybody's compiled files look out of date.
        _BYTECODE: str(library.parent / "bytecode"),
    }


def same_day() -> dict[str, str]:
    """What a program that is started without our environment needs all the same, to live on the day that we do."""
    return {name: os.environ[name] for name in ("LD_PRELOAD", _DISTANCE, _BYTECODE, "TZ") if name in os.environ}


def run(day: str, processes: int, what: list[str]) -> tuple[int, str]:
    """pytest's status and its closing line of one day; everything it said goes to a file of `var/dates/`."""
    command = [sys.executable, "-m", "pytest", *what]
    if processes > 1:
        command += ["--numprocesses", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
    log = LOGS / f"{day}.log"
    with tempfile.TemporaryDirectory(prefix="nightline-dates-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else when we are root
        moved = pretended(DAYS[day], datetime.now(UTC), build(Path(folder)))
        zone = {"TZ": "Europe/Rome"} if day in IN_ROME else {}
        with log.open("w", encoding="utf-8") as output:
            status = subprocess.run(
                command,
                check=False,
                cwd=ROOT,
                env={**os.environ, **moved, **zone},
                stdout=output,
                stderr=subprocess.STDOUT,
            ).returncode
    said = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    return status, said[-1] if said else "pytest said nothing"


def main(arguments: list[str]) -> int:
    """0 when all passed on every day that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.dates", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=list(DAYS), help="this day alone (may be repeated)")
    parser.add_argument("--processes", type=int, default=int(os.environ.get("TEST_PROCESSES", "3")))
    options, what = parser.parse_known_args(arguments)
    LOGS.mkdir(parents=True, exist_ok=True)
    failed = False
    for day in options.only or DAYS:
        status, closing = run(day, options.processes, what)
        failed = failed or status != 0
        print(f"{day:<9} {DAYS[day]:%a %Y-%m-%d %H:%M} UTC  {closing}", flush=True)
    if failed:
        print(f"What failed stands in {LOGS.relative_to(ROOT)}/.")
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except DatesError as error:
        sys.exit(str(error))

"""`python -m bench.chaos`: breaks workers, web, database, network and clock; counts what was lost, stuck or doubled.

Ends with 1 when a target was missed.
"""

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import machine
from bench.chaos import database, flood, kills, scale, sick
from bench.chaos.part import Part
from bench.report import table, write

RESULTS: Final = Path(__file__).resolve().parents[1] / "results"
PARTS: Final[dict[str, Callable[[bool], Part]]] = {
    "kills": kills.measure,
    "database": database.measure,
    "sick": sick.measure,
    "flood": flood.measure,
    "scale": scale.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: does it hold at all")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write to")
    options = parser.parse_args()
    chosen = options.only or list(PARTS)
    about, load = machine.describe(), machine.load_average()
    # The network remembers every exchange, and searching for garbage would take ever longer.
    gc.disable()
    parts = []
    for name in chosen:
        print(f"chaos: {name} ...", flush=True)
        parts.append(PARTS[name](options.quick))
        print(table(parts[-1].figures, [], parts[-1].remarks), flush=True)
    return _report(
        options, parts, _heading(about, load, chosen, options.quick), {"machine": about, "load_before": load}
    )


def _heading(about: dict[str, object], load: list[float], chosen: list[str], quick: bool) -> list[str]:
    averages = " ".join(f"{value:.2f}" for value in load)
    lines = [
        f"Nightline {about['commit']}, chaos, {about['at']}, {about['processors']} processors ({about['machine']})",
        f"Python {about['python']}, embedded PostgreSQL; load average before the run: {averages}",
        "Gateway, PostgreSQL, telephone network and people share this machine.",
    ]
    if load[0] > 0.5:
        lines.append("The machine was busy with something else: the figures may be worse than they are.")
    if chosen != list(PARTS):
        lines.append(f"Only a part of it: {', '.join(chosen)}.")
    return [*lines, "A quick run: smaller and shorter than what was promised."] if quick else lines


def _report(options: argparse.Namespace, parts: list[Part], heading: list[str], more: dict[str, object]) -> int:
    figures = [figure for part in parts for figure in part.figures]
    page = table(figures, heading, [remark for part in parts for remark in part.remarks])
    about = machine.describe()
    words = [
        "chaos",
        str(about["at"])[:10],
        str(about["commit"]),
        *(options.only or []),
        *(["quick"] if options.quick else []),
    ]
    details = more | {part.name: part.details for part in parts}
    files = write(options.results, "-".join(words), page, figures, details)
    print(f"\n{page}\n\nWritten to {' and '.join(str(file) for file in files)}")
    return 1 if any(figure.verdict == "MISSED" for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())

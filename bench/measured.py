"""Everything that one run brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.gateway import Memory
from bench.load import Result
from bench.roster_http import RosterHttp
from bench.rosters import RosterTimes


@dataclass(frozen=True)
class Measured:
    """`processor`: seconds of processor time while the many calls went on, by process."""

    single: Result
    many: Result
    bare: Result
    rush: Result
    bare_rush: Result
    memory: Mapping[str, Memory]
    processor: Mapping[str, float]
    machine: Mapping[str, Any]
    load_before: list[float]
    load_after: list[float]
    postgres: Mapping[str, str]
    rosters: RosterTimes
    roster_http: RosterHttp

    def heading(self, quick: bool) -> list[str]:
        """What, when, on what."""
        of = self.machine
        title = f"Nightline {of['commit']}, {of['at']}, {of['processors']} processors ({of['machine']})"
        averages = " ".join(f"{value:.2f}" for value in self.load_before)
        server = f"PostgreSQL {self.postgres['server_version'].split()[0]}, fsync {self.postgres['fsync']}"
        lines = [title, f"Python {of['python']}, {server}; load average before the run: {averages}"]
        if self.load_before[0] > 0.5:
            lines.append("The machine was busy with something else: the figures may be worse than they are.")
        return [*lines, "A quick run: too few samples for its percentiles to mean much."] if quick else lines

"""Rosters over HTTP: who is on call, asked as often as it is answered, and the roster's page for a manager."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

from bench.gateway import ROOT
from bench.roster_world import Place, World, standing

ONE: Final = World("one", people=10, rosters=1, overrides=0)
MANY: Final = World("many", people=10, rosters=100, overrides=50)
PAGE: Final = World("page", people=50, rosters=1, overrides=100, times_off=60)
CONNECTIONS: Final = 8
_DAYS: Final = 91
# Each figure counts after so many answers that don't: processes read their rosters when they are first asked.
_WARM_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Asked:
    """One round of asking. Times in seconds."""

    answers: int
    failed: int
    seconds: float
    median: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass(frozen=True)
class RosterHttp:
    """Rounds with one roster and with many in turn; and the seconds that page and data took, with their bytes."""

    one: tuple[Asked, ...]
    many: tuple[Asked, ...]
    everything: Asked
    page: tuple[float, ...]
    page_bytes: int
    page_among_many: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """The rate with many rosters to that with one, round by round: the machine's speed wanders less within one."""
        return [many.rate / one.rate for one, many in zip(self.one, self.many, strict=True)]

    @property
    def failed(self) -> int:
        return sum(each.failed for each in (*self.one, *self.many, self.everything))


def measure_roster_http(server: str, folder: Path, rounds: int, seconds: float, pages: int) -> RosterHttp:
    """In databases of their own in this server."""
    with standing(server, folder, (ONE, MANY, PAGE)) as (one, many, page):
        for place in (one, many):
            _ask(place, _WARM_SECONDS)
        pairs = [(_ask(one, seconds), _ask(many, seconds)) for _ in range(rounds)]
        everything = _ask(many, seconds, "/api/v1/on-call")
        shown = list(_open_page(page, pages))
        return RosterHttp(
            one=tuple(pair[0] for pair in pairs),
            many=tuple(pair[1] for pair in pairs),
            everything=everything,
            page=tuple(took for took, _ in shown),
            page_bytes=round(statistics.median(size for _, size in shown)),
            page_among_many=tuple(took for took, _ in _open_page(many, max(3, pages // 4))),
        )


def _ask(place: Place, seconds: float, path: str = "/api/v1/on-call?roster=Roster%20000") -> Asked:
    command = [sys.executable, "-m", "bench.asking", f"{place.url}{path}", "--token", place.token]
    options = ["--connections", str(CONNECTIONS), "--seconds", str(seconds)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return Asked(**found)


def _open_page(place: Place, times: int) -> Iterator[tuple[float, int]]:
    """Seconds and bytes of a roster's page and of its data for three months, one after the other as a browser asks."""
    query = f"from={date.today().isoformat()}&days={_DAYS}"  # noqa: DTZ011 - any day will do
    for number in range(times + 3):
        begun = time.perf_counter()
        size = sum(len(_get(place, path)) for path in ("/rosters/1", f"/rosters/1/board.json?{query}"))
        if number >= 3:
            yield time.perf_counter() - begun, size


def _get(place: Place, path: str) -> bytes:
    request = Request(f"{place.url}{path}", headers={"Cookie": f"nightline={place.cookie}"})  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
        found: bytes = answer.read()
    if b"Sign in" in found[:2000]:
        raise AssertionError(f"{path} asks to sign in")
    return found

"""Part `sick`: the provider's API fails half of the time, then always; pages have to reach somebody all the same."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from bench.chaos import ledger
from bench.chaos.collectors import Collectors
from bench.chaos.opening import Opened
from bench.chaos.part import Part
from bench.chaos.reached import Reached, first_reached, reports
from bench.chaos.staff import EAGER, Staff
from bench.chaos.stage import Opener, Stage, standing
from bench.chaos.world import CHIEFS, World
from bench.figures import percentile
from bench.report import Figure
from oncall.directory import DirectoryError, parse
from oncall.models.pages import Attempt
from simulator.rest.faults import Kind

REACHED_WITHIN: Final = 60.0  # seconds after a page was due
_HALF: Final[list[Kind]] = [429, 500, "hang"]
_ALL: Final[list[Kind]] = [500, "hang", "reset"]


@dataclass(frozen=True)
class Scale:
    """Seconds that the API fails half of the time, and pages a second meanwhile; pages while it is away."""

    half_seconds: float = 300.0
    rate: float = 0.3
    away_pages: int = 20
    regions: int = 6
    technicians: int = 3
    speed: float = 5.0


WHOLE: Final = Scale()
QUICK: Final = Scale(half_seconds=60.0, away_pages=8)


def measure(quick: bool) -> Part:
    """The whole part."""
    scale = QUICK if quick else WHOLE
    with Collectors() as collectors:
        address = f"json://127.0.0.1:{collectors.http_port}/{{name}}"
        world = World(scale.regions, scale.technicians, channels=(address,), mail_host="example.org")
        known = _channels_are_known(world)
        if not known:
            world = World(scale.regions, scale.technicians, mail_host="example.org")
        with standing(world, scale.speed, SMTP_URL=collectors.mail_url) as stage:
            half, away = _run(stage, scale, collectors)
    return _as_part(scale, half, away, known)


def _channels_are_known(world: World) -> bool:
    """Whether this version lets people have other channels."""
    try:
        parse(world.directory())
    except DirectoryError:
        return False
    return True


def _run(stage: Stage, scale: Scale, collectors: Collectors) -> tuple[list[Reached], list[Reached]]:
    numbers = [phone for _, phone in stage.world.staff()] + [phone for _, phone, _ in CHIEFS]
    staff = Staff(stage.network, numbers, EAGER)
    stage.start_workers(2)
    stage.network.fail_api(_HALF, times=None, probability=0.5)
    count = round(scale.half_seconds * scale.rate)
    half = Opener(stage, "half", count, rate=scale.rate).wait(scale.half_seconds + 60)
    time.sleep(REACHED_WITHIN)
    half_reached = _reached(stage, half, collectors)
    stage.network.heal_api()
    stage.network.fail_api(_ALL, times=None)
    away = Opener(stage, "away", scale.away_pages, rate=1.0).wait(scale.away_pages + 60)
    time.sleep(REACHED_WITHIN)
    away_reached = _reached(stage, away, collectors)
    stage.network.heal_api()
    staff.stop()
    return half_reached, away_reached


def _reached(stage: Stage, opened: Sequence[Opened], collectors: Collectors) -> list[Reached]:
    calls: dict[int, list[int]] = defaultdict(list)
    with stage.gateway.database.transaction() as session:
        query = select(Attempt.page_id, Attempt.call_id).where(Attempt.call_id.is_not(None))
        for page, call in session.execute(query):
            calls[page].append(int(call or 0))
    journal = stage.network.journal
    asked = ledger.sent(journal.requests())
    return first_reached(opened, calls, asked, reports(journal.webhooks("/status")), list(collectors.arrived))


def _as_part(scale: Scale, half: list[Reached], away: list[Reached], known: bool) -> Part:
    figures = [
        *_rows(f"API failing 50% for {scale.half_seconds:.0f} s", half),
        *_rows("API away", away),
    ]
    remarks = [
        "sick: 429, 500 or no answer in equal parts, at half of all requests; then 500, no answer or a cut connection"
        " at all of them.",
        f"sick: reached half-failing by {_by(half)}; away by {_by(away)}.",
    ]
    if not known:
        remarks.append("sick: this version knows no other channels of people: nobody can be reached without the API.")
    return Part("sick", figures, remarks, {"half": _details(half), "away": _details(away)})


def _rows(name: str, found: Sequence[Reached]) -> list[Figure]:
    seconds = [each.seconds for each in found if each.seconds is not None]
    late = sum(each.seconds is None or each.seconds > REACHED_WITHIN for each in found)
    return [
        Figure(f"{name}: P1 pages that reached nobody in 60 s", late, "", 0, len(found)),
        Figure("  due until a person was reached: longest", max(seconds, default=float("nan")), "s"),
        Figure("  the same, median", percentile(seconds, 0.5), "s"),
    ]


def _by(found: Sequence[Reached]) -> str:
    counts = Counter(each.channel for each in found)
    return ", ".join(f"{channel} ({count})" for channel, count in counts.most_common()) or "nothing"


def _details(found: Sequence[Reached]) -> list[dict[str, Any]]:
    return [{"page": each.page.page, "channel": each.channel, "seconds": each.seconds} for each in found]

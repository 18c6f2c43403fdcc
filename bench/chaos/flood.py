"""Part `flood`: thousands of alarms that each open a P1 page for a few technicians, at the rates that ship."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psutil  # type: ignore[import-untyped]

from bench.chaos import ledger
from bench.chaos.part import Part
from bench.chaos.rates import Spell, ahead_of_rate, overlaps
from bench.chaos.staff import EAGER, Manner, Staff
from bench.chaos.stage import Opener, Stage, standing
from bench.chaos.waiting import Caller, call_in
from bench.chaos.world import World
from bench.gateway import family
from bench.report import Figure

CALLS_A_SECOND: Final = 1.0  # the defaults
TEXTS_A_SECOND: Final = 10.0
# The way from the bucket to the network is not always as long: what comes earlier than that counts as too fast.
SLACK: Final = 0.1
AHEAD_WITHIN: Final = 2.0
MB: Final = 1e6
_WORKER_MB: Final = 200.0
# Technicians of the flood, and callers who have one of their own each.
_FLOODED: Final = 40
_EACH: Final = 1


@dataclass(frozen=True)
class Scale:
    """`seconds`: how long it goes on once all pages are open."""

    pages: int = 10_000
    seconds: float = 180.0
    callers: int = 8
    speed: float = 2.0


WHOLE: Final = Scale()
QUICK: Final = Scale(pages=600, seconds=40.0, callers=3)


@dataclass
class Outcome:
    """`memory`: bytes of the largest worker at its largest; `delays`: seconds from a caller's key to the request."""

    opened: int
    seconds: float
    asked: list[ledger.Sent]
    spells: list[Spell]
    callers: list[Caller]
    memory: float = 0.0
    still_open: int = 0
    troubles: list[str] = field(default_factory=list)


def measure(quick: bool) -> Part:
    """The whole part."""
    scale = QUICK if quick else WHOLE
    world = World(_FLOODED + scale.callers, _EACH, pins=True)
    rates = {"CALLS_PER_SECOND": str(CALLS_A_SECOND), "TEXTS_PER_SECOND": str(TEXTS_A_SECOND)}
    with standing(world, scale.speed, **rates) as stage:
        return _as_part(scale, _run(stage, scale))


def _run(stage: Stage, scale: Scale) -> Outcome:
    world = stage.world
    flooded = [phone for region in range(_FLOODED) for phone in world.phones(region)]
    own = [phone for region in range(_FLOODED, world.regions) for phone in world.phones(region)]
    staff = Staff(stage.network, flooded, Manner(answers=0.7, accepts=0.6, passes=0.3, picking_up=(4.0, 15.0)))
    colleagues = Staff(stage.network, own, EAGER, seed=2)
    stage.start_workers(2)
    begun = time.monotonic()
    with _memory_watched(stage) as most:
        opener = Opener(stage, "flood", scale.pages, batch=20, regions=_FLOODED)
        opened = opener.wait(1200)
        callers, troubles = _call_in(stage, scale)
        time.sleep(max(0.0, begun + scale.seconds - time.monotonic()))
    seconds = time.monotonic() - begun
    staff.stop()
    colleagues.stop()
    asked = [one for one in ledger.sent(stage.network.journal.requests()) if one.at <= begun + seconds]
    return Outcome(
        len(opened), seconds, asked, _spells(stage, asked), callers, most[0], stage.pages("paging"), troubles
    )


def _call_in(stage: Stage, scale: Scale) -> tuple[list[Caller], list[str]]:
    """One caller after the other, spread over the time that is left."""
    found, troubles = [], []
    for number in range(scale.callers):
        began = time.monotonic()
        region = _FLOODED + number
        try:
            found.append(call_in(stage, region))
        except AssertionError as error:
            troubles.append(str(error).splitlines()[0])
        time.sleep(max(0.0, began + scale.seconds / (scale.callers + 1) - time.monotonic()))
    return found, troubles


@contextmanager
def _memory_watched(stage: Stage) -> Iterator[list[float]]:
    """Look twice a second how much memory the largest worker has; the most so far."""
    most, over = [0.0], threading.Event()
    roots = [one.child.pid for name, one in stage.gateway.processes.items() if name.startswith("worker")]

    def look() -> None:
        while not over.wait(0.5):
            for root in roots:
                try:
                    most[0] = max(most[0], sum(one.memory_info().rss for one in family(root)))
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=look, name="memory of workers", daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join(10)


def _spells(stage: Stage, asked: Sequence[ledger.Sent]) -> list[Spell]:
    """When which number was being called, by the network's own clock."""
    exchange = stage.network.exchange
    to_monotonic = time.monotonic() - exchange.pace.real(exchange.pace.now())
    spells = []
    for one in asked:
        call = exchange.calls.get(one.sid) if one.kind == "call" else None
        if call is not None:
            end = float("inf") if call.ended_at is None else exchange.pace.real(call.ended_at) + to_monotonic
            spells.append(Spell(one.to, one.at, end))
    return spells


def _as_part(scale: Scale, found: Outcome) -> Part:
    at = {kind: [one.at for one in found.asked if one.kind == kind] for kind in ("call", "text")}
    calls = ahead_of_rate(at["call"], CALLS_A_SECOND)
    texts = ahead_of_rate(at["text"], TEXTS_A_SECOND)
    twice = overlaps(found.spells)
    called = sorted(one.called for one in found.callers)
    missing = f"{scale.callers - len(called)} callers' technicians were not rung" if len(called) < scale.callers else ""
    texted = sorted(one.texted for one in found.callers if one.texted is not None)
    figures = [
        Figure(f"alarms that opened a P1 page for {_FLOODED * _EACH} technicians", found.opened, "pages", None),
        Figure("calls: ahead of 1 a second at worst, any window", calls, "s", SLACK, len(at["call"])),
        Figure("texts: ahead of 10 a second at worst, any window", texts, "s", SLACK, len(at["text"])),
        Figure("persons rung twice at once", len(twice), "", 0, len(found.spells)),
        Figure("P1 with a waiting caller: key to call, longest", max(called, default=float("nan")), "s", AHEAD_WITHIN,
               len(called), missing),
        Figure("  key to text, longest", max(texted, default=float("nan")), "s"),
        Figure("memory of a worker (RSS), most", found.memory / MB, "MB", _WORKER_MB),
    ]  # fmt: skip
    remarks = [
        f"flood: watched for {found.seconds:.0f} s, opening included; {found.still_open} pages were still open then.",
        f"flood: any window of w seconds may hold rate*w + one second's worth; {SLACK:g} s are granted for the way.",
    ]
    return Part("flood", figures, remarks, _details(found, at))


def _details(found: Outcome, at: dict[str, list[float]]) -> dict[str, Any]:
    per_second: dict[str, dict[int, int]] = {kind: defaultdict(int) for kind in at}
    first = min((moment for each in at.values() for moment in each), default=0.0)
    for kind, moments in at.items():
        for moment in moments:
            per_second[kind][int(moment - first)] += 1
    callers = [vars(replace(one)) for one in found.callers]
    return {"sent_by_second": {kind: dict(each) for kind, each in per_second.items()}, "callers": callers,
            "troubles": found.troubles}  # fmt: skip

"""Part `kills`: pages while workers and web processes are killed, the clock jumps and callbacks come anyhow."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from bench.chaos import audit, ledger
from bench.chaos.killing import Trouble, Workers, disturb, jump, kill_web
from bench.chaos.part import Part
from bench.chaos.staff import Manner, Staff
from bench.chaos.stage import RATES_OFF, Opener, Stage, standing, until
from bench.chaos.world import CHIEFS, World
from bench.figures import percentile
from bench.report import Figure

STUCK_AFTER: Final = 30.0  # seconds
ADVANCED_WITHIN: Final = 5.0
# How many pages more are opened while too few workers have been killed.
_MORE: Final = 4
_PAGING: Final = {"then_every": 20, "drop_grace": 1}


@dataclass(frozen=True)
class Scale:
    """`rate`: pages a second; `kill_every`, `web_every`, `jump_every`, `mood_every`: seconds on average, 0 for never;
    `longest`: seconds after the last page until which all must have been accepted; `answer_seconds`: how long the
    network takes to answer; `only_asking`: workers are killed only while they wait for that; `least_kills`: pages go on
    being opened until so many workers have been killed; `no_answer`: seconds that a phone rings; `recovery`: seconds of
    calm after all that in which what is left must be done."""

    pages: int = 1000
    rate: float = 6.0
    regions: int = 10
    technicians: int = 4
    workers: int = 3
    kill_every: float = 2.0
    least_kills: int = 0
    web_every: float = 15.0
    jump_every: float = 20.0
    mood_every: float = 6.0
    longest: float = 240.0
    speed: float = 10.0
    answer_seconds: float = 0.15
    only_asking: bool = False
    no_answer: int = 8
    recovery: float = STUCK_AFTER
    manner: Manner = field(default_factory=Manner)
    settings: dict[str, str] = field(default_factory=dict)


WHOLE: Final = Scale()
QUICK: Final = Scale(pages=120, rate=6.0, longest=120.0)


@dataclass
class Outcome:
    """What came of a run. `accepted`: of the pages that were opened; `late`: pages that were seen overdue by more than
    STUCK_AFTER, with how long at most."""

    opened: int
    kills: int
    seconds: float
    accepted: int
    ringing: int
    account: ledger.Account
    repeats: int
    held: list[audit.Held]
    waits: dict[str, float]
    late: dict[int, tuple[float, float]]
    counts: dict[str, int]
    surprises: int

    @property
    def stuck(self) -> int:
        """Pages that were overdue, rows that are left unsent, and held work that nobody took up again."""
        return len(self.late) + len(self.account.unsent) + sum(held.seconds is None for held in self.held)

    @property
    def resumed(self) -> list[float]:
        return [held.seconds for held in self.held if held.seconds is not None]


def measure(quick: bool) -> Part:
    """The whole part."""
    return as_part(run(QUICK if quick else WHOLE))


def run(scale: Scale) -> Outcome:
    """Break it, wait until it has recovered, and count."""
    world = World(scale.regions, scale.technicians)
    env = RATES_OFF | {"WEB_CONCURRENCY": "2"} | scale.settings
    with standing(world, scale.speed, **env) as stage:
        # Most of a worker's time goes by between asking and being answered: that is when it is killed.
        stage.network.fail_api("slow", times=None, seconds=scale.answer_seconds)
        audit.install(stage.gateway.database)
        stage.gateway.set_paging(no_answer=scale.no_answer, **_PAGING)
        numbers = [phone for _, phone in world.staff()] + [phone for _, phone, _ in CHIEFS]
        staff = Staff(stage.network, numbers, scale.manner)
        workers = Workers(stage, scale.workers)
        begun = time.monotonic()
        with _watched(stage) as late:
            opener = Opener(stage, "kills", scale.pages, rate=scale.rate, p2_every=3)
            trouble = _trouble(stage, workers, scale)
            opened = list(opener.wait(scale.pages / scale.rate + 120))
            while _is_too_little(workers, scale) and time.monotonic() < begun + scale.longest:
                more = Opener(stage, f"kills, from {len(opened)}", _MORE, rate=scale.rate, p2_every=3)
                opened += more.wait(scale.longest)
            until(lambda: stage.pages("paging") == 0, scale.longest)
            trouble.stop()
            took = time.monotonic() - begun
            workers.await_all()
            until(lambda: stage.pages("paging") == 0 and not _unsent(stage), scale.recovery)
        staff.stop()
        return _count(stage, workers, [each.page for each in opened], took, late, trouble, len(staff.surprises))


def _is_too_little(workers: Workers, scale: Scale) -> bool:
    """Whether more has to go wrong before anything is shown."""
    return len(workers.killed) < scale.least_kills or (scale.only_asking and not workers.has_hit_all)


def _trouble(stage: Stage, workers: Workers, scale: Scale) -> Trouble:
    trouble = Trouble(stage, seed=7)
    harms = (
        (scale.kill_every, "kills of workers", workers.kill_one_asking if scale.only_asking else workers.kill_one),
        (scale.web_every, "kills of web processes", kill_web(stage)),
        (scale.jump_every, "jumps of the clock", jump(stage)),
        (scale.mood_every, "changes of delivery", disturb(stage)),
    )
    for seconds, what, harm in harms:
        if seconds:
            trouble.every(seconds, what, harm)
    return trouble


@contextmanager
def _watched(stage: Stage) -> Iterator[dict[int, tuple[float, float]]]:
    """Look each second which pages are overdue."""
    found: dict[int, tuple[float, float]] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            found.update(audit.overdue(stage.gateway.database, STUCK_AFTER))

    thread = threading.Thread(target=look, name="overdue pages", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join(10)


def _unsent(stage: Stage) -> list[str]:
    return ledger.balance([], [], ledger.books(stage.gateway.database)).unsent


def _count(
    stage: Stage,
    workers: Workers,
    opened: list[int],
    took: float,
    late: dict[int, tuple[float, float]],
    trouble: Trouble,
    surprises: int,
) -> Outcome:
    # A text may be on its phone, and reported, before the request for it has been answered.
    until(lambda: stage.network.server.gate.busy == 0, 30, every=0.05)
    asked = ledger.sent(stage.network.journal.requests())
    books = ledger.books(stage.gateway.database)
    done = audit.acts(stage.gateway.database)
    return Outcome(
        opened=len(opened),
        kills=len(workers.killed),
        seconds=took,
        # A ticket may be paged again later, when the clock has jumped beyond what was promised: pages of their own.
        accepted=sum(books.pages.get(page) == "accepted" for page in opened),
        ringing=list(books.pages.values()).count("paging"),
        account=ledger.balance(opened, asked, books),
        repeats=ledger.repeats(asked),
        held=audit.held_by(workers.killed, done),
        waits=audit.longest_waits(done),
        late=late,
        counts=trouble.counts,
        surprises=surprises,
    )


def as_part(found: Outcome) -> Part:
    """As rows of the table."""
    every = found.seconds / found.kills if found.kills else 0.0
    figures = [
        Figure(f"pages accepted, {found.kills} kills of workers", found.accepted, "pages", None, found.opened),
        Figure("  still ringing, not overdue", found.ringing, "pages"),
        Figure("  a worker killed -9, on average every", every, "s"),
        Figure("pages, calls or texts lost", len(found.account.lost), "", 0),
        Figure("stuck: overdue by 30 s, unsent, or never taken up", found.stuck, "", 0),
        Figure("calls or texts made twice", found.repeats, "", found.kills),
        Figure("calls or texts of no row", len(found.account.unknown), "", 0),
        Figure("kill until its work went on: longest", max(found.resumed, default=0.0), "s", ADVANCED_WITHIN,
               len(found.held)),
        Figure("  the same, 99th percentile", percentile(found.resumed, 0.99), "s"),
        Figure("  the same, median", percentile(found.resumed, 0.5), "s"),
        *(Figure(f"put down until sent: {kind}, longest", wait, "s") for kind, wait in found.waits.items()),
    ]  # fmt: skip
    words = ", ".join(f"{count} {what}" for what, count in found.counts.items())
    return Part("kills", figures, [f"kills: {words}, in {found.seconds:.0f} s."], _details(found))


def _details(found: Outcome) -> dict[str, Any]:
    held = [vars(each) for each in found.held]
    account = {name: lines[:200] for name, lines in vars(found.account).items()}
    return {"account": account, "held": held, "late": found.late, "counts": found.counts, "surprises": found.surprises}

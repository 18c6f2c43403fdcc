"""Part `scale`: how much more four workers do than one while the provider takes its time; how soon a page goes out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from sqlalchemy import select

from bench.chaos import ledger
from bench.chaos.opening import Opened
from bench.chaos.part import Part
from bench.chaos.stage import RATES_OFF, Opener, Stage, standing, until
from bench.chaos.world import World
from bench.figures import percentile
from bench.report import Figure
from oncall.models.pages import Attempt

ANSWER_SECONDS: Final = 0.2
WORKERS: Final = 4
# A worker of so many threads waits for the provider most of the time: that is what more workers are for.
THREADS: Final = 4
_GAIN, _MEDIAN, _P99 = 2.5, 50.0, 500.0
_PROMISED_RATE: Final = 50.0
_WAIT: Final = 120.0
# Pages before those that count, so that every process has done its first work.
_WARM: Final = 5


@dataclass(frozen=True)
class Scale:
    """`backlog`: pages that wait when the workers begin. `spans`: pages a second, and for how many seconds."""

    backlog: int = 240
    rounds: int = 2
    spans: tuple[tuple[float, float], ...] = ((10.0, 20.0), (_PROMISED_RATE, 20.0))


WHOLE: Final = Scale()
QUICK: Final = Scale(backlog=100, rounds=1, spans=((10.0, 6.0), (_PROMISED_RATE, 6.0)))


@dataclass(frozen=True)
class Delays:
    """Milliseconds from a page's commit to the request that rings somebody, and to its text; pages without either."""

    rate: float
    opened: int
    paced: float  # pages a second that were opened in fact
    calls: list[float]
    texts: list[float]
    missing: int


def measure(quick: bool) -> Part:
    """The whole part: each page has a technician of its own, so that nobody's line is what it waits for."""
    scale = QUICK if quick else WHOLE
    with standing(World(scale.backlog, 1), 1.0, **RATES_OFF) as stage:
        stage.gateway.set_paging(no_answer=590, then_every=3600)
        stage.network.fail_api("slow", times=None, seconds=ANSWER_SECONDS)
        throughputs: dict[int, list[float]] = defaultdict(list)
        for _ in range(scale.rounds):
            for workers in (1, WORKERS):
                throughputs[workers].append(_throughput(stage, scale.backlog, workers))
    delays = [_delays(rate, seconds) for rate, seconds in scale.spans]
    return _as_part(scale, throughputs, delays)


def _throughput(stage: Stage, backlog: int, workers: int) -> float:
    """Requests a second from the first to the last, of a backlog that stood there before the workers began."""
    _forget(stage)
    Opener(stage, f"backlog-{workers}", backlog, batch=20).wait(_WAIT)
    stage.start_workers(workers, WORKER_CONCURRENCY=str(THREADS))
    until(lambda: len(_made(stage)) >= 2 * backlog, _WAIT, every=0.2)
    stage.stop_workers()
    at = [one.at for one in _made(stage)]
    assert len(at) >= 2 * backlog, f"only {len(at)} of {2 * backlog} requests came"
    # Workers start one after the other: the middle half is when all of them are at work.
    start, end = at[len(at) // 4], at[3 * len(at) // 4]
    return (3 * len(at) // 4 - len(at) // 4) / (end - start)


def _forget(stage: Stage) -> None:
    """No pages, calls and texts, as at the beginning."""
    stage.gateway.stop_pages()
    stage.network.reset()
    stage.gateway.truncate("ticket", "phone_call", "message", "procrastinate_jobs")
    stage.network.fail_api("slow", times=None, seconds=ANSWER_SECONDS)


def _made(stage: Stage) -> list[ledger.Sent]:
    return ledger.sent(stage.network.journal.requests())


def _delays(rate: float, seconds: float) -> Delays:
    """Pages at a steady pace, two workers as they ship, the provider answering at the same speed as before.

    Nobody answers reports: hundreds a second would cost more of this machine than all that is measured.
    """
    count = round(rate * seconds)
    with standing(World(count + _WARM, 1), 1.0, **RATES_OFF) as stage:
        stage.gateway.processes.pop("web").stop()
        stage.gateway.set_paging(no_answer=590, then_every=3600)
        stage.network.fail_api("slow", times=None, seconds=ANSWER_SECONDS)
        stage.start_workers(2)
        Opener(stage, "warm", _WARM, rate=_WARM, regions=_WARM).wait(_WAIT)
        # Other people: a second text to one who has just had one waits for a third.
        opened = Opener(stage, "pace", count, rate=rate, regions=count, from_region=_WARM).wait(seconds + _WAIT)
        until(lambda: len(_made(stage)) >= 2 * (count + _WARM), 60, every=3.0)
        return _compare(stage, rate, opened)


def _compare(stage: Stage, rate: float, opened: Sequence[Opened]) -> Delays:
    with stage.gateway.database.transaction() as session:
        query = select(Attempt.page_id, Attempt.call_id).where(Attempt.call_id.is_not(None)).order_by(Attempt.id)
        call_of: dict[int, int | None] = dict(row.tuple() for row in reversed(session.execute(query).all()))
    asked = _made(stage)
    calls: dict[int, float] = {}
    texts: dict[str, float] = {}
    for one in asked:
        if one.kind == "call":
            calls.setdefault(one.row, one.at)
        else:
            texts.setdefault(one.body.partition(" ticket ")[2].partition(" ")[0], one.at)
    rung = [(page, calls.get(call_of.get(page.page, 0) or 0)) for page in opened]
    told = [(page, texts.get(str(page.number))) for page in opened]
    span = opened[-1].at - opened[0].at
    return Delays(
        rate=rate,
        opened=len(opened),
        paced=(len(opened) - 1) / span if span else 0.0,
        calls=[1000 * (at - page.at) for page, at in rung if at is not None],
        texts=[1000 * (at - page.at) for page, at in told if at is not None],
        missing=sum(at is None for _, at in [*rung, *told]),
    )


def _as_part(scale: Scale, throughputs: dict[int, list[float]], delays: Sequence[Delays]) -> Part:
    one, four = median(throughputs[1]), median(throughputs[WORKERS])
    figures = [
        Figure(f"{WORKERS} workers to 1, {THREADS} threads each, 200 ms answers", four / one, "x", None,
               len(throughputs[1]), least=_GAIN),
        Figure("  requests a second, 1 worker", one, "/s"),
        Figure(f"  requests a second, {WORKERS} workers", four, "/s"),
    ]  # fmt: skip
    for each in delays:
        figures += _rows(each)
    remarks = [
        f"scale: {THREADS} threads that wait 200 ms for each answer can ask {THREADS / ANSWER_SECONDS:.0f} times a"
        f" second; {scale.backlog} pages waited. Workers, web, network, opener and PostgreSQL share this machine.",
        "scale: delays are from just before the commit that opens a page to its request at the network; 2 workers, and"
        " no web process, which would have to answer some 250 reports a second on the same processors.",
    ]
    return Part("scale", figures, remarks, _details(throughputs, delays))


def _rows(found: Delays) -> list[Figure]:
    promised = found.rate == _PROMISED_RATE
    spoilt = f"{found.missing} requests never came" if found.missing else ""
    if promised and found.paced < 0.95 * found.rate:
        spoilt = f"only {found.paced:.0f} pages a second could be opened"
    both = found.calls + found.texts
    name = f"due to request sent, {found.rate:.0f} pages/s"
    return [
        Figure(f"{name}: median", percentile(both, 0.5), "ms", _MEDIAN if promised else None, len(both), spoilt),
        Figure("  the same, 99th percentile", percentile(both, 0.99), "ms", _P99 if promised else None),
        Figure("  the same, calls alone: median", percentile(found.calls, 0.5), "ms"),
    ]


def _details(throughputs: dict[int, list[float]], delays: Sequence[Delays]) -> dict[str, Any]:
    return {
        "requests_a_second": {str(workers): found for workers, found in throughputs.items()},
        "delays": [
            {"rate": each.rate, "paced": each.paced, "missing": each.missing,
             "deciles": [percentile(each.calls + each.texts, share / 10) for share in range(1, 11)]}
            for each in delays
        ],
    }  # fmt: skip

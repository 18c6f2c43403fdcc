"""From the measurements of a run to the figures that were promised."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, Final

from bench.figures import (
    by_kind,
    failures,
    hotline_webhooks,
    latencies,
    paging_delays,
    percentile,
    within,
)
from bench.load import Result
from bench.measured import Measured
from bench.report import Figure
from bench.roster_http import CONNECTIONS, MANY, RosterHttp
from bench.roster_world import PROCESSES

MB: Final = 1e6


def assess(measured: Measured) -> list[Figure]:
    """The table's rows, the promised ones first."""
    return [
        *_paging(measured),
        *_webhooks(measured),
        *_rosters(measured),
        *_roster_http(measured.roster_http),
        *_memory(measured),
        *_saturation(measured),
    ]


def _paging(measured: Measured) -> list[Figure]:
    one, many = _delays(measured.single), _delays(measured.many)
    n_one, n_many = len(one[0]), len(many[0])
    at_once = concurrency(measured.many)
    return [
        Figure("priority key to ring request, 1 call: median", percentile(one[0], 0.5), "ms", 50, n_one, one[1]),
        Figure("  the same, 99th percentile", percentile(one[0], 0.99), "ms"),
        Figure(f"priority key to ring request, {at_once:.0f} calls: p99", percentile(many[0], 0.99), "ms", 250, n_many,
               many[1]),
        Figure("  the same, median", percentile(many[0], 0.5), "ms"),
    ]  # fmt: skip


def _delays(result: Result) -> tuple[list[float], str]:
    found = paging_delays(result.seen, result.technicians, result.start, result.end)
    spoilt = f"{found.missing} pages rang nobody" if found.missing else ""
    return [seconds * 1000 for seconds in found.seconds], spoilt


def concurrency(result: Result) -> float:
    """How many calls of customers went on at a time, on average over the measured time."""
    span = result.end - result.start
    shared = (min(end, result.end) - max(begun, result.start) for begun, end in result.calls)
    return sum(max(0.0, seconds) for seconds in shared) / span if span else 0.0


def _webhooks(measured: Measured) -> list[Figure]:
    result = measured.many
    hooks = hotline_webhooks(within(result.seen, result.start, result.end))
    bare_hooks = hotline_webhooks(measured.bare.seen)
    ours, bare = _milliseconds(latencies(hooks)), _milliseconds(latencies(bare_hooks))
    failed, at_once = failures(hooks), concurrency(result)
    spoilt = f"{failed} were not answered with 200" if failed else ""
    half, most = percentile(ours, 0.5), percentile(ours, 0.99)
    bare_half, bare_most = percentile(bare, 0.5), percentile(bare, 0.99)
    return [
        Figure(f"hotline webhooks, {at_once:.0f} calls: p99", most, "ms", 100, len(ours), spoilt),
        Figure("  the same, median", half, "ms"),
        Figure("  webhooks a second", len(hooks) / (result.end - result.start), "/s"),
        Figure("bare Flask route, same requests at the same pace: p99", bare_most, "ms", None, len(bare)),
        Figure("  the same, median", bare_half, "ms"),
        Figure("hotline webhooks to bare route: p99", most / bare_most, "x"),
        Figure("  the same, median", half / bare_half, "x"),
    ]


def _rosters(measured: Measured) -> list[Figure]:
    instants, years = _milliseconds(measured.rosters.instants), _milliseconds(measured.rosters.years)
    return [
        Figure("who at one instant, 100 overrides", percentile(instants, 0.5), "ms", 0.2, len(instants)),
        Figure("365 days, two 12 h layers, 100 overrides", percentile(years, 0.5), "ms", 8, len(years)),
    ]


def _roster_http(found: RosterHttp) -> list[Figure]:
    spoilt = f"{found.failed} were not answered with 200" if found.failed else ""
    one, many = (statistics.median(each.rate for each in rounds) for rounds in (found.one, found.many))
    page, among = _milliseconds(found.page), _milliseconds(found.page_among_many)
    ratio = statistics.median(found.ratios)
    at = f"{CONNECTIONS} connections, {PROCESSES} processes"
    return [
        Figure(f"GET who is on call, {at}", one, "/s", None, len(found.one), spoilt, least=2500),
        Figure("  the same, 99th percentile", statistics.median(each.p99 for each in found.one) * 1000, "ms"),
        Figure(f"  with {MANY.rosters} rosters, {MANY.rosters * MANY.overrides} overrides", many, "/s"),
        Figure("  with them to with one", ratio, "x", None, len(found.ratios), spoilt, least=0.9),
        Figure(f"  all {MANY.rosters} rosters in each answer", found.everything.rate, "/s"),
        Figure("roster page and data, 50 people, 3 months: p99", percentile(page, 0.99), "ms", 300, len(page)),
        Figure("  the same, median", percentile(page, 0.5), "ms"),
        Figure("  the same, size", found.page_bytes / 1000, "kB"),
        Figure("  beside 99 other rosters: median", percentile(among, 0.5), "ms", None, len(among)),
    ]


def _milliseconds(seconds: Iterable[float]) -> list[float]:
    return [one * 1000 for one in seconds]


def _memory(measured: Measured) -> list[Figure]:
    web, worker = measured.memory["web"], measured.memory["worker"]
    return [
        Figure("memory of web and worker after the load: RSS", (web.rss + worker.rss) / MB, "MB", 300),
        Figure("  the same, shared pages counted once: PSS", (web.pss + worker.pss) / MB, "MB"),
        Figure(f"  web ({web.processes} processes): RSS", web.rss / MB, "MB"),
        Figure(f"  worker ({worker.processes} process): RSS", worker.rss / MB, "MB"),
    ]


def _saturation(measured: Measured) -> list[Figure]:
    ours, bare = rate(measured.rush), rate(measured.bare_rush)
    return [
        Figure("webhooks at saturation (greeting, PIN, level, end)", ours, "/s"),
        Figure("bare Flask route at saturation", bare, "/s"),
    ]


def rate(result: Result) -> float:
    """Answered webhooks a second."""
    return len(latencies(hotline_webhooks(result.seen))) / (result.end - result.start)


def remarks(measured: Measured) -> list[str]:
    """What one has to know to judge the figures."""
    many = measured.many
    span = many.end - many.start
    used = ", ".join(f"{name} {seconds / span * 100:.0f} %" for name, seconds in measured.processor.items())
    lines = [
        f"Processor time while {concurrency(many):.0f} calls went on, of one processor: {used}.",
        f"The network's own delay, contained in all figures: median {percentile(many.lags, 0.5) * 1000:.1f} ms,"
        f" p99 {percentile(many.lags, 0.99) * 1000:.1f} ms.",
        "RSS is the sum over all gunicorn processes and the worker; it counts shared pages several times.",
    ]
    if find_spec("rich") is not None:
        lines.append(
            "Tools for development are installed beside: structlog loads one of them (rich) into every process, some"
            " 5 MB each that an installation does not have."
        )
    troubles = measured.single.troubles + many.troubles
    warnings = measured.single.warnings + many.warnings
    if troubles:
        lines.append(f"{len(troubles)} calls did not go as they should, such as: {troubles[0]}")
    if warnings:
        lines.append(f"The network complained {len(warnings)} times, such as: {warnings[0]}")
    return [*lines, ""]


def details(measured: Measured) -> dict[str, Any]:
    """For the JSON file: what stands behind the figures."""
    many = measured.many
    hooks = hotline_webhooks(within(many.seen, many.start, many.end))
    kinds = {
        kind: {"count": len(one), "median_ms": percentile(one, 0.5) * 1000, "p99_ms": percentile(one, 0.99) * 1000}
        for kind, one in by_kind(hooks).items()
    }
    return {
        "machine": dict(measured.machine),
        "load_average": {"before": measured.load_before, "after": measured.load_after},
        "postgres": dict(measured.postgres),
        "measured_seconds": many.end - many.start,
        "calls": {"many": len(many.calls), "at_once": concurrency(many), "troubles": many.troubles[:20]},
        "webhooks_by_kind": kinds,
        "processor_seconds": dict(measured.processor),
        "network_delay_ms": {share: percentile(many.lags, float(share)) * 1000 for share in ("0.5", "0.9", "0.99")},
        "memory": {name: asdict(one) for name, one in measured.memory.items()},
        "who_is_on_call": {
            "one": [asdict(each) for each in measured.roster_http.one],
            "many": [asdict(each) for each in measured.roster_http.many],
            "everything": asdict(measured.roster_http.everything),
        },
        "paging_delays_ms": {name: _delays(getattr(measured, name))[0] for name in ("single", "many")},
    }

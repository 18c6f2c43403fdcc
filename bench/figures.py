"""From what the network wrote down to figures. Pure functions."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Seen:
    """One HTTP exchange as the network saw it. `at`: seconds of its clock; `latency`: seconds, None without answer."""

    kind: str  # webhook: the network called the gateway; request: the gateway called the network's API
    method: str
    url: str
    call: str
    to: str
    digits: str
    at: float
    latency: float | None
    status: int | None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass(frozen=True)
class Delays:
    """Seconds from the priority key's webhook to the ringing request; `missing` pages rang nobody."""

    seconds: tuple[float, ...]
    missing: int


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values don't exceed (nearest rank); NaN for none."""
    ranked = sorted(values)
    if not ranked:
        return math.nan
    return ranked[max(1, math.ceil(share * len(ranked))) - 1]


def within(seen: Iterable[Seen], start: float, end: float) -> list[Seen]:
    """What began in the half-open interval."""
    return [one for one in seen if start <= one.at < end]


def paging_delays(seen: Sequence[Seen], technicians: Mapping[str, str], start: float, end: float) -> Delays:
    """How long each priority key pressed from `start` to `end` took to ring its technician.

    `technicians`: by the caller's CallSid, the number that must ring, which nobody else makes ring meanwhile.
    """
    rings: dict[str, list[float]] = defaultdict(list)
    for one in seen:
        if one.kind == "request" and one.method == "POST" and one.path.endswith("/Calls.json"):
            rings[one.to].append(one.at)
    for times in rings.values():
        times.sort()
    found: list[float] = []
    missing = 0
    for key in within(filter(is_priority_key, seen), start, end):
        times = rings[technicians[key.call]]
        place = bisect_left(times, key.at)
        if place < len(times):
            found.append(times[place] - key.at)
        else:
            missing += 1
    return Delays(tuple(found), missing)


def is_priority_key(one: Seen) -> bool:
    """Whether this webhook brings the key that opens a ticket."""
    return one.kind == "webhook" and one.path.endswith("/priority") and one.digits in {"1", "2"}


def hotline_webhooks(seen: Iterable[Seen]) -> list[Seen]:
    """Everything that the network delivered to the gateway's telephone side."""
    return [one for one in seen if one.kind == "webhook" and one.path.startswith("/ivr/")]


def kind_of(one: Seen) -> str:
    """What a webhook is about: the last word of its address without numbers, such as "pin" or "room events"."""
    parts = [part for part in one.path.removeprefix("/ivr/").split("/") if not part.isdigit()]
    return " ".join(parts)


def by_kind(webhooks: Iterable[Seen]) -> dict[str, list[float]]:
    """Latencies in seconds of answered webhooks, by kind."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in webhooks:
        if one.latency is not None:
            found[kind_of(one)].append(one.latency)
    return dict(sorted(found.items()))


def latencies(webhooks: Iterable[Seen]) -> list[float]:
    """Seconds, of those that were answered."""
    return [one.latency for one in webhooks if one.latency is not None]


def failures(webhooks: Iterable[Seen]) -> int:
    """How many were not answered with 200."""
    return sum(one.status != 200 for one in webhooks)

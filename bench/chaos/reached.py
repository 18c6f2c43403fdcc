"""When each page reached a person, and by what: from the network's reports and from what the collectors got. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.chaos.collectors import Arrived
from bench.chaos.ledger import Sent
from bench.chaos.opening import Opened
from simulator.journal import Record

_REPORT = re.compile(r"/ivr/(call|messages)/(\d+)/status")


@dataclass(frozen=True)
class Reached:
    """A page's first arrival at a person. `seconds` since it was due; None: nobody."""

    page: Opened
    channel: str
    seconds: float | None


def reports(records: Iterable[Record]) -> dict[tuple[str, int], float]:
    """When a call's phone began to ring, or a text was on its phone, by kind and row (monotonic seconds)."""
    found: dict[tuple[str, int], float] = {}
    for record in records:
        match = _REPORT.search(record.url)
        if record.kind != "webhook" or match is None:
            continue
        kind = "call" if match[1] == "call" else "text"
        status = record.param("CallStatus" if kind == "call" else "MessageStatus")
        if status in {"ringing", "delivered"}:
            key = (kind, int(match[2]))
            found[key] = min(record.at, found.get(key, record.at))
    return found


def first_reached(
    opened: Iterable[Opened],
    calls: Mapping[int, Sequence[int]],
    asked: Iterable[Sent],
    told: Mapping[tuple[str, int], float],
    arrived: Iterable[Arrived],
) -> list[Reached]:
    """The first arrival of each page. `calls`: by page, the rows of calls that rang for it; words by ticket number."""
    written = [(f"text to {one.to}", one.body, told["text", one.row]) for one in asked if ("text", one.row) in told]
    written += [(one.channel, one.words, one.at) for one in arrived]
    return [_first(page, calls.get(page.page, ()), told, written) for page in opened]


def _first(
    page: Opened,
    calls: Sequence[int],
    told: Mapping[tuple[str, int], float],
    written: Sequence[tuple[str, str, float]],
) -> Reached:
    about = re.compile(rf"\b{page.number}\b")
    found = [("call", told["call", row]) for row in calls if ("call", row) in told]
    found += [(channel.split()[0], at) for channel, words, at in written if at >= page.at and about.search(words)]
    # A call may have begun to ring for another page: it tells of this one from when it was opened.
    channel, at = min(
        ((name, max(at, page.at)) for name, at in found), key=lambda one: one[1], default=("nobody", None)
    )
    return Reached(page, channel, None if at is None else at - page.at)

"""The roster engine alone, without database and HTTP: how long it computes who is on call."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import perf_counter
from typing import Final, TypeVar

from schedules.rosters.roster import DutyHours, Every, Layer, Override, Roster, Rotation, Unit, duty_spans, who_at

T = TypeVar("T")
YEAR: Final = timedelta(days=365)
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAY, NIGHT = time(9), time(21)
PEOPLE: Final = 10
OVERRIDES: Final = 100
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class RosterTimes:
    """Seconds that each answer took: who is on call at an instant, and all spans of a year."""

    instants: tuple[float, ...]
    years: tuple[float, ...]


def measure_rosters(instants: int = 5000, years: int = 200) -> RosterTimes:
    """So many answers of each sort, after some that do not count: they fill what the process keeps for good."""
    roster = build_roster()
    list(_timed(_all_spans, (build_roster() for _ in range(3))))
    # A roster sorts its overrides when it is first asked. A new one each time, so that this counts too.
    years_taken = tuple(_timed(_all_spans, (build_roster() for _ in range(years))))
    asked = [START + YEAR * number / instants for number in range(instants)]
    who_at(roster, START)
    return RosterTimes(tuple(_timed(lambda at: who_at(roster, at), asked)), years_taken)


def build_roster() -> Roster:
    """Two layers of twelve hours, each with ten people by turns of a day, and 100 overrides of six hours."""
    layers = (_layer("day", DAY, NIGHT), _layer("night", NIGHT, DAY))
    overrides = tuple(_override(number, layers[number % 2].name) for number in range(OVERRIDES))
    return Roster("bench", "Europe/Rome", (), layers, overrides)


def _layer(name: str, from_: time, to: time) -> Layer:
    turns = tuple((f"{name} {number}",) for number in range(PEOPLE))
    rotation = Rotation(datetime.combine(START.date() - timedelta(days=1), from_), Every(1, Unit.DAY), turns)
    return Layer(name, (rotation,), (DutyHours(_EVERY_DAY, from_, to),))


def _override(number: int, layer: str) -> Override:
    start = START + YEAR * number / OVERRIDES + timedelta(hours=1)
    return Override(layer, start, start + timedelta(hours=6), f"stand-in {number % PEOPLE}")


def _all_spans(roster: Roster) -> int:
    return sum(len(duty_spans(roster, layer.name, START, START + YEAR)) for layer in roster.layers)


def _timed(ask: Callable[[T], object], questions: Iterable[T]) -> Iterator[float]:
    for question in questions:
        begun = perf_counter()
        ask(question)
        yield perf_counter() - begun

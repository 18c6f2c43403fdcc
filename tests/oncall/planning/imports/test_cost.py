"""An import of four times as many shifts takes about four times as long, however the file names them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time_ns

import pytest

from oncall.planning.imports.comparing import Event, Reading, Standing
from oncall.planning.imports.people import People, Person
from oncall.planning.imports.source import AND_LATER, UNTIL, Nights, Origin, Source
from oncall.planning.imports.stale import Choices, Frame, worked_out
from schedules.spans import Span

START = datetime(2026, 6, 1, tzinfo=UTC)
FRAME = Frame(START, Span(START - timedelta(days=30), START + timedelta(days=400)), "Europe/Rome")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FEW = 300


def again(number: int, title: str, uid: Callable[[int], str], recurrence: str = "") -> None:
    """Shifts whose events have all been moved by some minutes since they were imported."""
    spans = [Span(START + at * HOUR, START + at * HOUR + 30 * MINUTE) for at in range(number)]
    events = [
        Event(at, uid(at), title, span.start + MINUTE, span.end, recurrence=recurrence) for at, span in enumerate(spans)
    ]
    standing = [
        Standing(span, 1, id=at + 1, imported=True, origin=Origin("calendar", uid(at), recurrence))
        for at, span in enumerate(spans)
    ]
    source = Source("calendar", first=START, last=spans[-1].end, whole=tuple(each.uid for each in events))
    people = People([Person(1, "Ada Rossi")])
    outcome = worked_out(Reading(tuple(events), source=source), people, standing, FRAME, Choices())
    assert len(outcome.removed) + len(outcome.comparison.troubles) >= number - 1


def one_uid(number: int) -> None:
    again(number, "Ada Rossi", lambda _: "all")


def one_night(number: int) -> None:
    """As after a change of all nights from one on."""
    again(number, "Ada Rossi", lambda _: "all", START.isoformat())


def strangers(number: int) -> None:
    again(number, "Nora", lambda at: f"{at}")


def later_nights(number: int) -> None:
    within([("all", _night(number + each) + AND_LATER) for each in range(number)], number)


def days(number: int) -> None:
    ranges = [f"{_night(number + each)}{UNTIL}{_night(number + each + 1)}" for each in range(number)]
    within([("all", each) for each in ranges], number)


def within(named: list[tuple[str, str]], number: int) -> None:
    nights = Nights(named)
    assert not any(("all", _night(each)) in nights for each in range(number))
    assert ("all", _night(number)) in nights


def _night(number: int) -> str:
    return (START + number * HOUR).isoformat()


@pytest.mark.parametrize("work", [one_uid, one_night, strangers, later_nights, days])
def test_four_times_as_many_take_no_sixteen_times_as_long(work: Callable[[int], None]) -> None:
    work(FEW)  # what is made once
    assert _cost(work, 4 * FEW) < 9 * _cost(work, FEW)


def _cost(work: Callable[[int], None], number: int) -> int:
    """The least CPU time of several tries, in ns: whatever else the machine does only adds to it."""
    tries = []
    for _ in range(3):
        began = process_time_ns()
        work(number)
        tries.append(process_time_ns() - began)
    return min(tries)


@pytest.mark.parametrize(
    ("named", "held", "not_held"),
    [
        ([_night(5) + AND_LATER, _night(9) + AND_LATER], [5, 6, 9, 20], [0, 4]),
        ([f"{_night(2)}{UNTIL}{_night(4)}", f"{_night(7)}{UNTIL}{_night(8)}"], [2, 3, 7], [1, 4, 6, 8]),
        # A short one within a long one does not end the long one.
        ([f"{_night(0)}{UNTIL}{_night(9)}", f"{_night(2)}{UNTIL}{_night(3)}"], [0, 2, 3, 8], [9]),
    ],
)
def test_ranges_of_nights_hold_what_lies_in_any(named: list[str], held: list[int], not_held: list[int]) -> None:
    nights = Nights(("series", each) for each in named)
    assert [each for each in (*held, *not_held) if ("series", _night(each)) in nights] == held
    assert not any(("other", _night(each)) in nights for each in held)

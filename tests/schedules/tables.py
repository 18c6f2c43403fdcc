"""Tables of rosters and whom they must name, worked out by hand. A person is a capital letter, several are "A B"."""

from dataclasses import dataclass
from datetime import timedelta

from schedules.rosters.roster import (
    DutyHours,
    Every,
    Kind,
    Layer,
    Override,
    Roster,
    Rotation,
    TimeOff,
    duty_spans,
    people_at,
)
from tests.schedules.clocks import ROME, utc, wall

WEEK = "mon tue wed thu fri sat sun"
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Case:
    """`rows`: for each instant (UTC) the people to be rung; with "-" in front, for the last instant before it."""

    name: str
    roster: Roster
    rows: dict[str, str]

    def check(self) -> None:
        """Every row holds for the single instant, and for the spans that begin there."""
        for text, people in self.rows.items():
            at = utc(text.removeprefix("-")) - (MOMENT if text.startswith("-") else timedelta())
            assert people_at(self.roster, at) == people.split(), f"{self.name}, {text}"
            spans = [duty_spans(self.roster, layer.name, at, at + MOMENT) for layer in self.roster.layers]
            rung = dict.fromkeys(person for each in spans for span in each for person in span.people)
            assert list(rung) == people.split(), f"{self.name}, spans from {text}"


def turns(start: str, every: str, *people: str, until: str | None = None) -> Rotation:
    """A rotation from its wall-clock start; every turn is written as "A" or "A B"."""
    return Rotation(
        wall(start), Every.parse(every), tuple(tuple(each.split()) for each in people), wall(until) if until else None
    )


def hours(days: str, from_: str, to: str) -> DutyHours:
    return DutyHours.parse(days.split(), from_, to)


def layer(*rotations: Rotation, name: str = "first", on: tuple[DutyHours, ...] = ()) -> Layer:
    return Layer(name, rotations, on)


def roster(
    *layers: Layer | Rotation,
    zone: str = ROME,
    overrides: tuple[Override, ...] = (),
    off: tuple[TimeOff, ...] = (),
) -> Roster:
    """A rotation stands for a layer of its own, "first"."""
    made = tuple(layer(each) if isinstance(each, Rotation) else each for each in layers)
    return Roster("table", zone, (), made, overrides, off)


def instead(start: str, end: str, person: str | None, name: str = "first") -> Override:
    return Override(name, utc(start), utc(end), person)


def beside(start: str, end: str, person: str, name: str = "first") -> Override:
    return Override(name, utc(start), utc(end), person, kind=Kind.ADD)


def off(person: str, start: str, end: str) -> TimeOff:
    return TimeOff(person, utc(start), utc(end))

"""A directory in which every caller of the load has a technician of their own.

A person is rung for one page at a time, so callers who share a technician would measure his conversations and not the
gateway: each place in the load is a region with a roster of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.pins import pin_of

_CHIEFS: Final = (
    ("Team Leader", "+393480000001", "team_leader"),
    ("Support Manager", "+393480000002", "support_manager"),
)


@dataclass(frozen=True)
class Customer:
    """Who calls, with which PIN, and whose phone must ring then."""

    phone: str
    pin: str
    technician: str


@dataclass(frozen=True)
class Town:
    """The whole directory. `places[n]` are the customers who call one after the other from place n."""

    technicians: tuple[str, ...]
    places: tuple[tuple[Customer, ...], ...]

    @property
    def phones(self) -> list[str]:
        """Every telephone number that must exist."""
        chiefs = [phone for _, phone, _ in _CHIEFS]
        return [*self.technicians, *chiefs, *(one.phone for place in self.places for one in place)]


def build_town(places: int, customers: int) -> Town:
    """So many places with so many customers each. Each customer calls once: a second call would meet a known ticket."""
    technicians = tuple(f"+3934700{place:05d}" for place in range(places))
    rows = tuple(
        tuple(
            Customer(f"+39021{place:03d}{turn:03d}", pin_of(10_000_019 + 7919 * (place * customers + turn)), technician)
            for turn in range(customers)
        )
        for place, technician in enumerate(technicians)
    )
    return Town(technicians, rows)


def as_directory(town: Town) -> str:
    """The file that `flask load` takes."""
    return "\n".join([*_people(town), *_customers(town), *_regions(town), *_rosters(town), ""])


def _people(town: Town) -> Iterator[str]:
    yield "people:"
    for place, phone in enumerate(town.technicians):
        yield f'  - {{name: Technician {place}, phone: "{phone}", role: technician}}'
    for name, phone, role in _CHIEFS:
        yield f'  - {{name: {name}, phone: "{phone}", role: {role}}}'


def _customers(town: Town) -> Iterator[str]:
    yield "customers:"
    for place, customers in enumerate(town.places):
        for turn, one in enumerate(customers):
            yield f"  - name: Customer {place} {turn}"
            yield f"    email: it@c{place}x{turn}.example"
            yield f'    phones: ["{one.phone}"]'
            yield f'    pin: "{one.pin}"'
            yield f"    contract: {{plan: platinum, region: region {place}, start: 2020-01-01, end: 2099-12-31,"
            yield "      paid: true, products: [{name: UC Suite, end_of_life: null}]}"


def _regions(town: Town) -> Iterator[str]:
    """Without an office, so that it makes no difference at what hour one measures."""
    yield "regions:"
    for place in range(len(town.places)):
        yield f"  - {{name: region {place}, time_zone: Europe/Rome}}"


def _rosters(town: Town) -> Iterator[str]:
    yield "rosters:"
    for place in range(len(town.places)):
        yield f"  - name: Roster {place}"
        yield f"    regions: [region {place}]"
        yield "    time_zone: Europe/Rome"
        yield "    layers:"
        yield "      - name: first"
        yield f"        rotation: {{start: 2020-01-06T18:00, every: 1 week, people: [Technician {place}]}}"

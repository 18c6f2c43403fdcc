"""What would happen at an instant: the same rules that ring people, asked beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from oncall.customers import Region
from oncall.paging.escalation import is_everybody_round, next_step
from oncall.roster_reading import Shelf
from oncall.rostering.errors import GoneError
from oncall.setting import paging_times
from oncall.who import Link, chain
from schedules.hours import Plan, is_staffed


@dataclass(frozen=True)
class Ring:
    """Somebody rung so many seconds after the call, and what puts them there; `together`: with others at once."""

    seconds: int
    person: str
    source: str
    together: bool


@dataclass(frozen=True)
class WhatIf:
    """What a Platinum customer of the region would meet with at the instant (UTC).

    `rings` says who is tried if nobody ever answers: until everybody is called at once, which then goes on.
    """

    at: datetime
    zone: str
    staffed: bool
    office: str | None
    rings: tuple[Ring, ...]


def what_if(session: Session, region_name: str, at: datetime) -> WhatIf:
    """Ask for a region and an instant. Raises GoneError for an unknown region."""
    region = session.get(Region, region_name)
    if region is None:
        raise GoneError(f"There is no region {region_name}.")
    staffed = is_staffed(Plan.PLATINUM, region.time_zone, at)
    return WhatIf(at, region.time_zone, staffed, region.office_number, tuple(_rings(session, region_name, at)))


def _rings(session: Session, region: str, at: datetime) -> Iterator[Ring]:
    times = paging_times(session)
    tried: set[tuple[int, int]] = set()
    round_, seconds = 1, 0
    shelf = Shelf()
    while True:
        links = {link.person.id: link for link in chain(session, region, at + timedelta(seconds=seconds), shelf)}
        step = next_step(list(links), tried, round_, times)
        together = is_everybody_round(step.round, times)
        yield from (_ring(links[person], seconds, together) for person in step.people)
        if together or not step.people:
            return
        tried.update((step.round, person) for person in step.people)
        round_, seconds = step.round, seconds + step.wait


def _ring(link: Link, seconds: int, together: bool) -> Ring:
    return Ring(seconds, link.person.name, link.source, together)

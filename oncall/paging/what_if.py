"""What would happen to a caller at an instant: the same rules that ring people, asked beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from oncall.customers.entitlement import ContractFacts, check, facts_of, is_open
from oncall.models.customers import Contract, Customer, Region
from oncall.models.stored_settings import paging_times
from oncall.paging.escalation import is_everybody_round, next_step
from oncall.rosters.errors import GoneError
from oncall.rosters.on_call import Link, chain
from oncall.rosters.reading import Shelf
from oncall.sla.promises import Priority
from schedules.staffed_hours import Plan, is_staffed
from schedules.wall_clock import wall_time

NO_PIN = "no_pin"


@dataclass(frozen=True)
class Ring:
    """Somebody rung so many seconds after the call, and what puts them there; `together`: with others at once."""

    seconds: int
    person: str
    source: str
    together: bool


@dataclass(frozen=True)
class Office:
    """The office that is rung before anybody else, and for how many seconds."""

    number: str
    seconds: int


@dataclass(frozen=True)
class TurnedAway:
    """Why the caller is refused: the reason as it is recorded, and in words."""

    reason: str
    words: str


@dataclass(frozen=True)
class WhatIf:
    """What a caller would meet with at the instant (UTC), who is `customer`, or a Platinum customer of the region.

    `rings` says who is tried if nobody ever answers: until everybody is called at once, which then goes on. Seconds are
    without what the caller takes to answer questions. `message`: nobody is rung for this priority, but a message can be
    left. A known problem is another matter: who has its ticket is rung first.
    """

    at: datetime
    region: str
    zone: str
    customer: str | None
    priority: Priority
    staffed: bool
    refused: TurnedAway | None = None
    office: Office | None = None
    rings: tuple[Ring, ...] = ()
    message: bool = False


def what_if_region(session: Session, region_name: str, at: datetime, priority: Priority = Priority.P1) -> WhatIf:
    """Ask for a Platinum customer of a region, with everything paid. Raises GoneError for an unknown region."""
    region = session.get(Region, region_name)
    if region is None:
        raise GoneError(f"There is no region {region_name}.")
    facts = ContractFacts(Plan.PLATINUM, region.name, region.time_zone, date.min, date.max, True, (None,))
    return _answer(session, region, facts, None, at, priority)


def what_if_customer(session: Session, customer: Customer, at: datetime, priority: Priority = Priority.P1) -> WhatIf:
    """Ask for a customer, whose contract then says the region. Raises GoneError when there has never been one."""
    if not customer.contracts:
        raise GoneError(f"{customer.name} has no contract, and so no region.")
    contract = min(customer.contracts, key=lambda each: _rank(each, at))
    answer = _answer(session, contract.region, facts_of(contract), customer.name, at, priority)
    return answer if _has_pin(contract) else _without_pin(answer)


def _answer(
    session: Session, region: Region, facts: ContractFacts, customer: str | None, at: datetime, priority: Priority
) -> WhatIf:
    """In the order of the hotline: the right to the service, the office, the priority, the page."""
    staffed = is_staffed(Plan(facts.plan), region.time_zone, at)
    told = (at, region.name, region.time_zone, customer, priority, staffed)
    reason = check(facts, at)
    if reason is not None:
        return WhatIf(*told, refused=TurnedAway(reason.value, reason.label))
    seconds = paging_times(session).office_rings
    number = region.office_number
    rung = number is not None and is_open(facts.plan, region.time_zone, number, at)
    office = Office(number, seconds) if number is not None and rung else None
    if not priority.is_paged:
        return WhatIf(*told, office=office, message=True)
    rings = _rings(session, region.name, at, office.seconds if office else 0)
    return WhatIf(*told, office=office, rings=tuple(rings))


def _rank(contract: Contract, at: datetime) -> tuple[bool, bool, bool, int]:
    """A caller uses the PIN that helps: of a contract with a right now; then of one in force now; then the newest."""
    facts = facts_of(contract)
    today = wall_time(at, facts.time_zone).date()
    in_force = facts.starts <= today <= facts.ends
    return not _has_pin(contract), check(facts, at) is not None, not in_force, -contract.id


def _has_pin(contract: Contract) -> bool:
    return any(pin.revoked_at is None for pin in contract.pins)


def _without_pin(answer: WhatIf) -> WhatIf:
    refused = TurnedAway(NO_PIN, "No PIN of this customer is in force, and without one no right can be proved")
    told = (answer.at, answer.region, answer.zone, answer.customer, answer.priority, answer.staffed)
    return WhatIf(*told, refused=refused)


def _rings(session: Session, region: str, at: datetime, seconds: int) -> Iterator[Ring]:
    """From `seconds` after the call on, when the page begins."""
    times = paging_times(session)
    tried: set[tuple[int, int]] = set()
    round_ = 1
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

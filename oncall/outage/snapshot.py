"""What is known without the database: plain data of the directory and of who is rung when, and the look-ups in it.

No rule stands here. PINs, rights, limits and the ring order follow the same functions as with the database.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.settings import Settings
from core.text.phones import CallerId, read_caller
from oncall.customers.call_back import Ours, usable_registered
from oncall.customers.callers import homes_in_order
from oncall.customers.entitlement import ContractFacts
from oncall.customers.pin_guard import Caller
from oncall.customers.pins import PinDigest, matches
from oncall.models.customers import Region
from oncall.models.people import Person
from oncall.sla.paging_times import PagingTimes

# Whom to ring is worked out for so long ahead.
AHEAD: Final = timedelta(days=7)


@dataclass(frozen=True)
class KeptPerson:
    """Somebody who can be rung. `menu`: whether a PIN of their own opens the technician menu.

    `pin`: the digest of that PIN, hexadecimal; None also in a snapshot of a version that did not keep it.
    """

    id: int
    name: str
    phone: str
    role: str
    menu: bool
    pin: str | None = None

    @property
    def first_name(self) -> str:
        return Person.first_name_of(self.name)

    @property
    def pin_digest(self) -> bytes | None:
        return None if self.pin is None else bytes.fromhex(self.pin)


@dataclass(frozen=True)
class KeptContract:
    """A contract with what the right to call depends on. `digests`: blind index and keyed hash of PINs, hexadecimal."""

    id: int
    customer_id: int
    customer: str
    facts: ContractFacts
    digests: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KeptRegion:
    """A region's clock, and its office in staffed hours."""

    name: str
    time_zone: str
    office_number: str | None

    @classmethod
    def of(cls, region: Region) -> "KeptRegion":
        return cls(region.name, region.time_zone, region.office_number)


@dataclass(frozen=True)
class Span:
    """From `start` (UTC) until the next one of its region: whom to ring in order, by id, each with the reason."""

    start: datetime
    order: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Snapshot:
    """All of it at one instant. `taken_at` is real time, spans are in the gateway's. `versions`: what it was made of.

    `phones`: registered numbers with customers' ids. `spans`: by region. `in_charge`: mail addresses.
    """

    taken_at: datetime
    versions: str
    people: tuple[KeptPerson, ...]
    contracts: tuple[KeptContract, ...]
    phones: tuple[tuple[str, int], ...]
    blocked: tuple[str, ...]
    regions: tuple[KeptRegion, ...]
    spans: dict[str, tuple[Span, ...]]
    times: PagingTimes
    in_charge: tuple[str, ...] = ()

    def person(self, person_id: int) -> KeptPerson | None:
        return next((person for person in self.people if person.id == person_id), None)

    def by_phone(self, number: str | None) -> KeptPerson | None:
        """The person whose phone it is, or None."""
        return next((person for person in self.people if person.phone == number), None)

    def contract(self, contract_id: int | None) -> KeptContract | None:
        return next((contract for contract in self.contracts if contract.id == contract_id), None)

    def region(self, name: str) -> KeptRegion | None:
        return next((region for region in self.regions if region.name == name), None)

    def caller_id(self, settings: Settings, reported: str) -> CallerId:
        """The network's caller id, read as with the database."""
        default = self.region(settings.default_region)
        offices = [region.office_number for region in self.regions]
        homes = homes_in_order(settings, default.office_number if default is not None else None, offices)
        return read_caller(reported, homes, lambda number: self.caller(number).registered)

    def ours(self, settings: Settings) -> Ours:
        """Numbers that nobody is called back on."""
        offices = {region.office_number for region in self.regions if region.office_number is not None}
        return Ours(settings.our_number, offices, {person.phone for person in self.people}, self.blocked)

    def registered(self, settings: Settings, customer_id: int | None) -> tuple[str, ...]:
        """A customer's registered numbers that may be called, in the order in which they are offered."""
        numbers = [number for number, customer in self.phones if customer == customer_id]
        return usable_registered(numbers, self.ours(settings))

    def caller(self, number: str | None) -> Caller:
        """What is known about a calling number, as the guard against guessing wants it."""
        customers = tuple(customer for phone, customer in self.phones if phone == number)
        return Caller(number, customers, self.by_phone(number) is not None)

    def contract_with(self, digest: PinDigest, customers: tuple[int, ...] | None) -> KeptContract | None:
        """The contract whose PIN in force this is; `customers`: ids of the only ones that may match, None for all."""
        index = digest.blind_index.hex()
        for contract in self.contracts:
            if customers is not None and contract.customer_id not in customers:
                continue
            for known, keyed_hash in contract.digests:
                if known == index and matches(bytes.fromhex(keyed_hash), digest.keyed_hash):
                    return contract
        return None

    def order(self, region: str, now: datetime) -> list[tuple[KeptPerson, str]]:
        """Whom to ring for a region, in order, each with the reason. Past its last day the last order goes on."""
        spans = self.spans.get(region, ())
        place = bisect_right(spans, now, key=lambda span: span.start)
        order = spans[max(0, place - 1)].order if spans else ()
        found = ((self.person(person), source) for person, source in order)
        return [(person, source) for person, source in found if person is not None]


# What is known where there is no snapshot.
NOTHING: Final = Snapshot(datetime.min.replace(tzinfo=UTC), "", (), (), (), (), (), {}, PagingTimes())

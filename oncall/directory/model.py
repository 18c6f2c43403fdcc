"""A directory file as plain data: checked in itself, not yet compared with the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from oncall.models.people import Role
from schedules.rosters.roster import Roster
from schedules.staffed_hours import Plan


@dataclass(frozen=True)
class PersonEntry:
    """Someone who can be rung, or (not `active`) who has left. `pin` None: leave the person's PIN as it is.

    `channels`: pairs of an address, which has secrets in it, and the service that it belongs to.
    """

    name: str
    phone: str
    role: Role
    email: str | None = None
    pin: str | None = field(default=None, repr=False)
    channels: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    active: bool = True
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ProductEntry:
    """A covered product; `end_of_life` is its first day without support."""

    name: str
    end_of_life: date | None = None


@dataclass(frozen=True)
class ContractEntry:
    """Cover from `start` to `end`, both included."""

    plan: Plan
    region: str
    start: date
    end: date
    paid: bool = True
    products: tuple[ProductEntry, ...] = ()


@dataclass(frozen=True)
class CustomerEntry:
    """A customer with its one contract; one not `active` has left. `pin` None: leave the contract's PIN as it is."""

    name: str
    contract: ContractEntry
    email: str | None = None
    phones: tuple[str, ...] = ()
    pin: str | None = field(default=None, repr=False)
    active: bool = True
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class RegionEntry:
    name: str
    time_zone: str
    office_number: str | None = None


@dataclass(frozen=True)
class TokenEntry:
    customer: str
    token: str = field(repr=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Directory:
    """The whole file. In its rosters a person is known by name.

    `sections`: in which lines its parts begin; one that is empty is none.
    """

    people: tuple[PersonEntry, ...] = ()
    customers: tuple[CustomerEntry, ...] = ()
    regions: tuple[RegionEntry, ...] = ()
    rosters: tuple[Roster, ...] = ()
    paging: Mapping[str, int | str] = field(default_factory=dict)
    alarm_tokens: tuple[TokenEntry, ...] = ()
    blocked_numbers: tuple[str, ...] = ()
    sections: Mapping[str, int] = field(default_factory=dict, compare=False)

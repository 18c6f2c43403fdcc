"""Which numbers may be called back, and how a ticket's customer can be.

A call back costs money and wakes people, so it goes to numbers of persons only: never to our own, nor to those that
earn by being called. The rule is pure; what it has to know is looked up for the numbers in question alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import CompoundSelect, literal, select, union_all
from sqlalchemy.orm import Session

from core.settings import Settings
from core.text.phones import Kind, is_emergency, kind_of, typed_number
from oncall.models.customers import Contract, CustomerPhone, Region
from oncall.models.people import Person
from oncall.models.refusals import BlockedNumber
from oncall.models.tickets import Ticket

# As many of a customer's registered numbers are offered, each with a key.
MOST_OFFERED: Final = 8


class Refused(StrEnum):
    """Why a number is not called back."""

    OURS = "ours"
    OFFICE = "office"
    PERSON = "person"
    BLOCKED = "blocked"
    EMERGENCY = "emergency"
    PREMIUM = "premium"
    SHARED_COST = "shared cost"
    SATELLITE = "satellite"
    PERSONAL = "personal"
    SPECIAL = "special"
    UNKNOWN = "unknown"
    STAR = "star"


@dataclass(frozen=True)
class Ours:
    """Numbers (E.164) that nobody is called back on: the hotline's, all offices', everybody's of ours, blocked ones."""

    hotline: str
    offices: Collection[str] = ()
    people: Collection[str] = ()
    blocked: Collection[str] = ()


_BY_KIND: Final = {
    Kind.PREMIUM: Refused.PREMIUM,
    Kind.SHARED_COST: Refused.SHARED_COST,
    Kind.SATELLITE: Refused.SATELLITE,
    Kind.PERSONAL: Refused.PERSONAL,
    Kind.SPECIAL: Refused.SPECIAL,
    Kind.UNKNOWN: Refused.UNKNOWN,
}
# What a manager has entered for a customer may be rung though no numbering plan knows it, or it is a satellite's.
_VOUCHED_FOR: Final = frozenset({Kind.SATELLITE, Kind.UNKNOWN})


def refusal_of(number: str, ours: Ours, *, registered: bool = False) -> Refused | None:
    """Why this number (E.164) may not be called back; None when it may. Pure.

    `registered`: the directory names it as the customer's.
    """
    for numbers, reason in (
        ((ours.hotline,), Refused.OURS),
        (ours.offices, Refused.OFFICE),
        (ours.people, Refused.PERSON),
        (ours.blocked, Refused.BLOCKED),
    ):
        if number in numbers:
            return reason
    kind = kind_of(number)
    if registered and kind in _VOUCHED_FOR:
        return None
    return _BY_KIND.get(kind)


@dataclass(frozen=True)
class Typed:
    """A number as it was typed: E.164 and whether it may be called, or why not."""

    number: str | None
    refused: Refused | None = None


def readings(digits: str, homes: Iterable[str | None]) -> list[str]:
    """The numbers (E.164) that typed digits can mean, the likeliest first. Pure.

    With 00, or a star in place of the plus, they name their country; else they are of the country of one of `homes`.
    """
    found: list[str | None] = []
    bare = digits.lstrip("*")
    if bare != digits and not bare.startswith("0"):
        found.append(typed_number(f"00{bare}", None))
    known = [home for home in homes if home is not None]
    found += [typed_number(bare, home) for home in known]
    return list(dict.fromkeys(number for number in found if number is not None))


def judge_typed(digits: str, homes: Sequence[str | None], ours: Ours) -> Typed:
    """What became of typed digits: the first reading that may be called, else why the likeliest may not. Pure."""
    bare = digits.lstrip("*")
    if "*" in bare:
        return Typed(None, Refused.STAR)
    if not bare.isdecimal():  # hash alone
        return Typed(None, Refused.UNKNOWN)
    if any(is_emergency(bare, home) for home in homes if home is not None):
        return Typed(None, Refused.EMERGENCY)
    numbers = readings(digits, homes)
    reasons = [(number, refusal_of(number, ours)) for number in numbers]
    fine = next((number for number, reason in reasons if reason is None), None)
    if fine is not None and not any(reason in _CERTAIN for _, reason in reasons[: numbers.index(fine)]):
        return Typed(fine)
    known = [reason for _, reason in reasons if reason not in {None, Refused.UNKNOWN}]
    return Typed(None, known[0] if known else Refused.UNKNOWN)


# A reading that is one of these is what was meant: no other country's reading of the same digits is looked for.
_CERTAIN: Final = frozenset({Refused.OURS, Refused.OFFICE, Refused.PERSON, Refused.BLOCKED, Refused.PREMIUM})


def ours_among(session: Session, settings: Settings, numbers: Iterable[str | None]) -> Ours:
    """What of ours is among these numbers, in one query; retired people's numbers count too."""
    asked = sorted({number for number in numbers if number})
    found: dict[str, set[str]] = {"office": set(), "person": set(), "blocked": set()}
    if asked:
        query: CompoundSelect[str, str | None] = union_all(
            select(literal("office"), Region.office_number).where(Region.office_number.in_(asked)),
            select(literal("person"), Person.phone).where(Person.phone.in_(asked)),
            select(literal("blocked"), BlockedNumber.number).where(BlockedNumber.number.in_(asked)),
        )
        for kind, number in session.execute(query):
            found[kind].add(str(number))
    return Ours(settings.our_number, found["office"], found["person"], found["blocked"])


def homes_of(session: Session, settings: Settings, own: str | None, contract_id: int | None) -> list[str | None]:
    """Numbers in whose countries a typed national number is read: the caller's, the customer's office's, ours."""
    office = None
    if contract_id is not None:
        region = select(Region.office_number).join(Contract, Contract.region_name == Region.name)
        office = session.scalar(region.where(Contract.id == contract_id))
    default = session.get(Region, settings.default_region)
    return [own, office, default.office_number if default is not None else None, settings.our_number]


def may_be_called(session: Session, settings: Settings, number: str | None) -> bool:
    """Whether a number that somebody called from may be called back."""
    return number is not None and refusal_of(number, ours_among(session, settings, [number])) is None


def registered_numbers(session: Session, settings: Settings, customer_id: int | None) -> tuple[str, ...]:
    """The customer's registered numbers that may be called, always in the same order."""
    if customer_id is None:
        return ()
    query = select(CustomerPhone.number).where(CustomerPhone.customer_id == customer_id).order_by(CustomerPhone.number)
    numbers = session.scalars(query).all()
    return usable_registered(numbers, ours_among(session, settings, numbers))


def usable_registered(numbers: Iterable[str], ours: Ours) -> tuple[str, ...]:
    """Those that may be called. Pure."""
    usable = [number for number in sorted(numbers) if refusal_of(number, ours, registered=True) is None]
    return tuple(usable[:MOST_OFFERED])


@dataclass(frozen=True)
class WayBack:
    """How a ticket's customer can be called back.

    `number`: the one agreed upon, or called from. Where that can't be, `registered` has the customer's registered ones.
    `name`: of a caller without a telephone number (SIP). `withheld`: no number was sent at all.
    """

    number: str | None
    registered: tuple[str, ...] = ()
    name: str | None = None
    withheld: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """What can be called, the best first; empty when there is nothing."""
        return (self.number,) if self.number is not None else self.registered

    @property
    def written(self) -> str:
        """In a text: what to call, and what is known of the caller."""
        if self.number is not None:
            return f"call back {self.number}"
        if self.registered:
            return f"{self.why}, call registered {self.registered[0]}"
        return f"{self.why}, no number to call back"

    @property
    def why(self) -> str:
        """Why the caller's own number is not called, in a few words."""
        if self.name is not None:
            return f"caller {self.name} (SIP)"
        return "number withheld" if self.withheld else "caller's number can't be called"


def way_back(session: Session, settings: Settings, ticket: Ticket) -> WayBack:
    """How this ticket's customer can be called back, as things stand now."""
    return ways_back(session, settings, [ticket])[ticket.id]


def ways_back(session: Session, settings: Settings, tickets: Sequence[Ticket]) -> dict[int, WayBack]:
    """The same for several tickets, by their ids; two queries however many they are."""
    customers = {ticket.customer_id for ticket in tickets}
    phones = select(CustomerPhone.customer_id, CustomerPhone.number).where(CustomerPhone.customer_id.in_(customers))
    registered: dict[int, list[str]] = {customer: [] for customer in customers}
    for customer, number in session.execute(phones.order_by(CustomerPhone.number)):
        registered[customer].append(number)
    own = [number for ticket in tickets for number in _own_numbers(ticket)]
    ours = ours_among(session, settings, [*own, *(number for found in registered.values() for number in found)])
    return {ticket.id: _way(ticket, registered[ticket.customer_id], ours) for ticket in tickets}


def _own_numbers(ticket: Ticket) -> list[str]:
    return [number for number in (ticket.callback_number, ticket.caller_number) if number is not None]


def _way(ticket: Ticket, registered: Sequence[str], ours: Ours) -> WayBack:
    for number in _own_numbers(ticket):
        if refusal_of(number, ours, registered=number in registered) is None:
            return WayBack(number, name=ticket.caller_name)
    return WayBack(None, usable_registered(registered, ours), ticket.caller_name, ticket.caller_number is None)


def is_whole(digits: str, homes: Sequence[str | None]) -> bool:
    """Whether typed digits look like a whole number already. Pure."""
    return any(kind_of(number) is not Kind.UNKNOWN for number in readings(digits, homes))

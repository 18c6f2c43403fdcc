"""Reads a directory file and checks all of it, before anything is written anywhere."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from oncall.customers.pins import SHORTEST
from oncall.directory import values
from oncall.directory.claims import Claims
from oncall.directory.cursor import Collector, Cursor
from oncall.directory.model import (
    ContractEntry,
    CustomerEntry,
    Directory,
    PersonEntry,
    ProductEntry,
    RegionEntry,
    TokenEntry,
)
from oncall.directory.roster_parsing import Names, read_roster
from oncall.models.customers import DEFAULT_REGIONS
from oncall.models.people import Role
from oncall.sla.paging_times import PagingTimes
from schedules.staffed_hours import Plan

_SECTIONS: Final = ("people", "customers", "regions", "rosters", "paging", "alarm_tokens", "blocked_numbers")


def parse(text: str, pin_length: int = SHORTEST) -> Directory:
    """The directory that a file describes, with PINs of at least `pin_length` digits (PIN_LENGTH).

    Raises DirectoryError with everything that is wrong in it: no YAML, unknown or missing keys, wrong values, names
    that lead nowhere, things that are there twice, overrides that overlap.
    """
    sections = Cursor.at_root(text).keys((), _SECTIONS)
    found, claims = Collector(), Claims()

    def items(section: str, named_by: str | None = "name") -> Iterator[Cursor]:
        return sections[section].items(named_by) if section in sections else iter(())

    people = found.each(items("people"), lambda item: _person(item, claims, pin_length))
    regions = found.each(items("regions"), lambda item: _region(item, claims))
    found.settle()  # or every mention of what failed would count as a mistake too
    names = Names(
        tuple(person.name for person in people if person.active),
        {person.name: person.line for person in people if not person.active},
    )
    region_names = list(dict.fromkeys([*DEFAULT_REGIONS, *(region.name for region in regions)]))
    customers = found.each(items("customers"), lambda item: _customer(item, claims, region_names, pin_length))
    rosters = found.each(items("rosters"), lambda item: read_roster(item, claims, names, region_names))
    paging: dict[str, int | str] = {}
    if "paging" in sections and not sections["paging"].is_null:
        found.attempt(lambda: paging.update(_paging(sections["paging"])))
    needed = {person.phone: person.name for person in people if person.active}
    needed |= {number: customer.name for customer in customers if customer.active for number in customer.phones}
    blocked = found.each(items("blocked_numbers", None), lambda item: _blocked(item, claims, needed))
    found.settle()
    owners = [customer.name for customer in customers]
    tokens = found.each(items("alarm_tokens", "customer"), lambda item: _token(item, claims, owners))
    found.settle()
    said = {name: section.line for name, section in sections.items() if not section.is_empty}
    return Directory(people, customers, regions, rosters, paging, tokens, blocked, said)


def _person(cursor: Cursor, claims: Claims, pin_length: int) -> PersonEntry:
    keys = cursor.keys(("name", "phone", "role"), ("email", "pin", "channels", "active"))
    name = claims.name(keys["name"], "person")
    number = values.phone(keys["phone"])
    active = keys["active"].flag() if "active" in keys else True
    if active:  # the phone of somebody who has left may be somebody else's by now
        claims.claim(keys["phone"], "phone of a person", number, number)
    role = Role(keys["role"].one_of([role.value for role in Role]))
    email = values.email(keys.get("email"))
    pin = values.pin(keys.get("pin"), pin_length, [number]) if active else None  # of who has left nothing is written
    return PersonEntry(name, number, role, email, pin, _channels(keys.get("channels")), active, cursor.line)


def _channels(cursor: Cursor | None) -> tuple[tuple[str, str], ...]:
    found, own = [], Claims()
    for item in cursor.items() if cursor is not None else ():
        found.append(values.channel(item))
        own.claim(item, "channel", found[-1][0])
    return tuple(found)


def _region(cursor: Cursor, claims: Claims) -> RegionEntry:
    keys = cursor.keys(("name",), ("time_zone", "office_number"))
    name = claims.name(keys["name"], "region")
    if "time_zone" in keys:
        zone = values.zone(keys["time_zone"])
    elif name in DEFAULT_REGIONS:
        zone = DEFAULT_REGIONS[name]
    else:
        cursor.fail("the key 'time_zone' is missing", "add such as 'time_zone: Europe/Rome'")
    return RegionEntry(name, zone, values.optional_phone(keys.get("office_number")))


def _customer(cursor: Cursor, claims: Claims, regions: Collection[str], pin_length: int) -> CustomerEntry:
    keys = cursor.keys(("name", "contract"), ("email", "phones", "pin", "active"))
    name = claims.name(keys["name"], "customer")
    active = keys["active"].flag() if "active" in keys else True
    numbers, own = [], Claims()
    for item in keys["phones"].items() if "phones" in keys else ():
        numbers.append(values.phone(item))
        own.claim(item, "phone", numbers[-1], numbers[-1])
    pin = values.pin(keys.get("pin"), pin_length, numbers) if active else None
    if pin is not None:
        claims.claim(keys["pin"], "PIN of a customer", pin)
    contract = _contract(keys["contract"], regions)
    return CustomerEntry(name, contract, values.email(keys.get("email")), tuple(numbers), pin, active, cursor.line)


def _contract(cursor: Cursor, regions: Collection[str]) -> ContractEntry:
    keys = cursor.keys(("plan", "region", "start", "end"), ("paid", "products"))
    plan = Plan(keys["plan"].one_of([plan.value for plan in Plan]))
    region = keys["region"].one_of(regions, "region")
    start, end = values.day(keys["start"]), values.day(keys["end"])
    if end < start:
        keys["end"].fail(f"{end} is before the start, {start}")
    paid = keys["paid"].flag() if "paid" in keys else True
    own = Claims()
    items = keys["products"].items("name") if "products" in keys else ()
    return ContractEntry(plan, region, start, end, paid, tuple(_product(item, own) for item in items))


def _product(cursor: Cursor, claims: Claims) -> ProductEntry:
    keys = cursor.keys(("name",), ("end_of_life",))
    return ProductEntry(claims.name(keys["name"], "product"), values.optional_day(keys.get("end_of_life")))


def _paging(cursor: Cursor) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    for name, item in cursor.keys((), tuple(PagingTimes.__dataclass_fields__)).items():
        # As it is written: without quotes YAML takes 16:00 for a number.
        value: Any = item.written("a time of day, or never").strip() if name == "drill" else item.whole_number()
        found[name] = value
        try:
            PagingTimes(**{name: value})
        except ValueError as error:
            item.fail(str(error))
    return found


def _token(cursor: Cursor, claims: Claims, customers: Collection[str]) -> TokenEntry:
    keys = cursor.keys(("customer", "token"))
    customer = keys["customer"].one_of(customers, "customer")
    token = values.token(keys["token"])
    claims.claim(keys["token"], "token", token)
    return TokenEntry(customer, token, cursor.line)


def _blocked(cursor: Cursor, claims: Claims, needed: dict[str, str]) -> str:
    number = values.phone(cursor)
    claims.claim(cursor, "blocked number", number, number)
    if number in needed:
        cursor.fail(f"{number} belongs to {needed[number]}, who could no longer call", "take it out of one of the two")
    return number

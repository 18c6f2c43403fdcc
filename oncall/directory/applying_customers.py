"""Customers, contracts and PINs of a directory file, written to the database."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from oncall.customers.pins import PinKeys, PinTakenError, matches, revoke_pins, set_pin
from oncall.directory.changes import Changes, shown
from oncall.directory.model import ContractEntry, CustomerEntry, ProductEntry
from oncall.directory.problems import DirectoryError, Problem
from oncall.models.customers import Contract, Customer, CustomerPhone, Product


def apply_customers(
    session: Session, entries: Iterable[CustomerEntry], now: datetime, pin_keys: PinKeys, changes: Changes
) -> None:
    """Write the customers. Raises DirectoryError when a PIN is in force for a customer outside the file."""
    entries = list(entries)
    rows = _by_name(session, entries)
    wanted_pins: list[tuple[CustomerEntry, Contract]] = []
    for entry in entries:
        row = rows.get(entry.name)
        if row is None:
            row = Customer(name=entry.name, email=entry.email, phones=[], contracts=[])
            session.add(row)
            changes.note(f"customer {entry.name}", "added")
        if row.retired_at is not None:
            row.retired_at = None
            changes.note(f"customer {entry.name}", "active again")
        known = Changes() if entry.name not in rows else changes  # "added" says it all
        known.update(f"customer {entry.name}", row, {"email": entry.email})
        _phones(row, entry, known)
        contract = _contract(row, entry.contract, known)
        if entry.pin is not None:
            wanted_pins.append((entry, contract))
    session.flush()
    _pins(session, wanted_pins, now, pin_keys, changes)


def _by_name(session: Session, entries: list[CustomerEntry]) -> dict[str, Customer]:
    contracts = selectinload(Customer.contracts)
    query = (
        select(Customer)
        .where(Customer.name.in_([entry.name for entry in entries]))
        .options(
            selectinload(Customer.phones),
            contracts.selectinload(Contract.products),
            contracts.selectinload(Contract.pins),
        )
    )
    return {row.name: row for row in session.scalars(query)}


def _phones(row: Customer, entry: CustomerEntry, changes: Changes) -> None:
    before = {phone.number for phone in row.phones}
    after = set(entry.phones)
    changes.members(f"customer {row.name}", "phone", before, after)
    for phone in list(row.phones):
        if phone.number not in after:
            row.phones.remove(phone)
    row.phones += [CustomerPhone(number=number) for number in sorted(after - before)]


def _contract(row: Customer, entry: ContractEntry, changes: Changes) -> Contract:
    subject = f"customer {row.name}: contract"
    wanted = {
        "plan": entry.plan.value,
        "region_name": entry.region,
        "start_date": entry.start,
        "end_date": entry.end,
        "paid": entry.paid,
    }
    if row.contracts:
        contract = row.contracts[-1]
        changes.update(subject, contract, wanted)
    else:
        contract = Contract(**wanted, products=[], pins=[])
        row.contracts.append(contract)
        changes.note(subject, "added")
    _products(contract, entry.products, subject, changes)
    return contract


def _products(contract: Contract, entries: tuple[ProductEntry, ...], subject: str, changes: Changes) -> None:
    rows = {row.name: row for row in contract.products}
    wanted = {entry.name: entry for entry in entries}
    changes.members(subject, "product", set(rows), set(wanted))
    for name, row in rows.items():
        if name not in wanted:
            contract.products.remove(row)
        elif row.end_of_life != wanted[name].end_of_life:
            ends = f"{shown(row.end_of_life)} → {shown(wanted[name].end_of_life)}"
            changes.note(subject, f"product {name}: end of life {ends}")
            row.end_of_life = wanted[name].end_of_life
    contract.products += [
        Product(name=entry.name, end_of_life=entry.end_of_life) for entry in entries if entry.name not in rows
    ]


def _pins(
    session: Session,
    wanted: list[tuple[CustomerEntry, Contract]],
    now: datetime,
    pin_keys: PinKeys,
    changes: Changes,
) -> None:
    """All old PINs go before any new one comes, so that two customers can exchange theirs."""
    stale = []
    for entry, contract in wanted:
        digest = pin_keys.derive(entry.pin or "")
        in_force = [pin for pin in contract.pins if pin.revoked_at is None]
        same = [pin for pin in in_force if matches(pin.keyed_hash, digest.keyed_hash)]
        for pin in same:
            pin.length = len(entry.pin or "")  # unknown so far if it is from before lengths were kept
        if not same:
            stale.append((entry, contract, digest, in_force))
    for _, contract, _digest, _in_force in stale:
        revoke_pins(session, contract, now)
    problems = []
    for entry, contract, digest, in_force in stale:
        changes.note(f"customer {entry.name}", "PIN replaced" if in_force else "PIN set")
        try:
            set_pin(session, contract, pin_keys, entry.pin or "", now, digest)
        except PinTakenError:
            problems.append(_pin_taken(entry))
        session.expire(contract, ["pins"])
    if problems:
        raise DirectoryError(problems)


def _pin_taken(entry: CustomerEntry) -> Problem:
    return Problem(
        entry.line,
        "customers",
        f"customers → {entry.name} → pin",
        "this PIN is in force for another customer, who is not in this file",
        "choose another PIN",
    )

"""Brings the database in line with a directory file."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from oncall.customers.pins import PinKeys
from oncall.delivery.contact_faults import clear_channels, clear_old_numbers
from oncall.directory.applying_customers import apply_customers
from oncall.directory.applying_rosters import apply_rosters
from oncall.directory.changes import Changes
from oncall.directory.leaving import leave, note_gaps, refuse_nobody_left, tell_those_in_charge
from oncall.directory.model import Directory, PersonEntry, RegionEntry
from oncall.directory.problems import DirectoryError, Problem
from oncall.models.access.accounts import Account
from oncall.models.contacts.channels import set_channels
from oncall.models.customers import DEFAULT_REGIONS, AlarmToken, Customer, Region, token_digest
from oncall.models.people import ACTIVE, Person
from oncall.models.refusals import BlockedNumber
from oncall.models.stored_settings import DIRECTORY_CHANGED_AT, PAGING, read, write
from oncall.planning.editing import wait_for_others
from oncall.sla.paging_times import PagingTimes


def apply(session: Session, directory: Directory, now: datetime, pin_keys: PinKeys, retire: bool = False) -> list[str]:
    """Write the directory; one line for people a change, none when everything was so already.

    People, customers, regions and rosters are found by name and made to be as the file says, where a key that is left
    out means its default. Whom the file calls inactive is retired, and so is (with `retire`) whom it does not name.
    Left alone are: whoever and whatever else the file does not name (nothing is ever deleted that could stand on a
    ticket), all else about those who are inactive, the PIN of an entry without one, paging times without a key, and
    overrides that were made elsewhere and don't collide with one of the file. A customer's newest contract is the one
    that is brought up to date. A new PIN revokes those before it.

    Takes turns with other loads and with changes of rosters on the pages, which rely on what they have read.

    Raises DirectoryError when a phone or a PIN is in use by somebody whom the file does not name, or `retire` would
    leave no technician, BusyError when its turn does not come; the caller rolls back, so that nothing has changed.
    """
    wait_for_others(session)
    changes = Changes()
    _regions(session, directory.regions, changes)
    # Before anybody comes: phones and PINs of those who leave are free.
    left = leave(session, directory, retire, now, changes)
    _people(session, tuple(entry for entry in directory.people if entry.active), pin_keys, changes)
    if retire:
        refuse_nobody_left(session, directory, left)
    apply_customers(session, (entry for entry in directory.customers if entry.active), now, pin_keys, changes)
    session.flush()
    apply_rosters(session, directory.rosters, changes)
    session.flush()
    note_gaps(session, left, now, changes)
    tell_those_in_charge(session, left, now, changes)
    _paging(session, directory, changes)
    _tokens(session, directory, changes)
    _blocked(session, directory.blocked_numbers, changes)
    session.flush()
    if changes.lines:
        write(session, DIRECTORY_CHANGED_AT, now.isoformat())
    return changes.lines


def _regions(session: Session, entries: Iterable[RegionEntry], changes: Changes) -> None:
    rows = {row.name: row for row in session.scalars(select(Region))}
    for name, zone in DEFAULT_REGIONS.items():
        if name not in rows:
            rows[name] = Region(name=name, time_zone=zone)
            session.add(rows[name])
            changes.note(f"region {name}", "added")
    for entry in entries:
        if entry.name not in rows:
            session.add(Region(name=entry.name, time_zone=entry.time_zone, office_number=entry.office_number))
            changes.note(f"region {entry.name}", "added")
            continue
        wanted = {"time_zone": entry.time_zone, "office_number": entry.office_number}
        changes.update(f"region {entry.name}", rows[entry.name], wanted)
    session.flush()


def _people(session: Session, entries: tuple[PersonEntry, ...], pin_keys: PinKeys, changes: Changes) -> None:
    rows = _people_by_name(session, entries)
    # Phones that move from one person to another would meet for a moment: put the moving ones aside first.
    moved = {name: row.phone for entry in entries if (row := rows.get(name := entry.name)) and row.phone != entry.phone}
    for name in moved:
        rows[name].phone = f"moving {rows[name].id}"
    session.flush()
    for entry in entries:
        subject = f"person {entry.name}"
        row = rows.get(entry.name)
        if row is None:
            row = Person(name=entry.name, phone=entry.phone, email=entry.email, role=entry.role.value)
            session.add(row)
            changes.note(subject, "added")
        if row.retired_at is not None:
            row.retired_at = None
            changes.note(subject, f"active again{_shut_account(session, row)}")
        row.phone = moved.get(entry.name, entry.phone)
        _personal_pin(row, entry, pin_keys, changes)
        new_phone = row.phone != entry.phone
        changes.update(subject, row, {"phone": entry.phone, "email": entry.email, "role": entry.role.value})
        session.flush()
        if new_phone:
            clear_old_numbers(session, row.id, entry.phone)
        if set_channels(session, row.id, entry.channels, pin_keys.channel_seal):
            clear_channels(session, row.id)
            changes.note(subject, f"other channels: {', '.join(shown for _, shown in entry.channels) or 'none'}")
    session.flush()


def _shut_account(session: Session, row: Person) -> str:
    email = session.scalar(select(Account.email).where(Account.person_id == row.id, Account.disabled_at.is_not(None)))
    return f"; the account {email} stays shut until `flask account {email} --enable`" if email else ""


def _people_by_name(session: Session, entries: tuple[PersonEntry, ...]) -> dict[str, Person]:
    """Those whom the file names. Raises DirectoryError when somebody else has a phone of theirs."""
    lines = {entry.phone: entry for entry in entries}
    names = [entry.name for entry in entries]
    theirs = and_(Person.phone.in_(lines), ACTIVE)
    rows = session.scalars(select(Person).where(or_(Person.name.in_(names), theirs))).all()
    strangers = [row for row in rows if row.name not in names]
    if strangers:
        raise DirectoryError(_phone_taken(lines[row.phone], row) for row in strangers)
    return {row.name: row for row in rows}


def _phone_taken(entry: PersonEntry, holder: Person) -> Problem:
    return Problem(
        entry.line,
        "people",
        f"people → {entry.name} → phone",
        f"{entry.phone} is the phone of {holder.name}, who is not in this file",
        f"add {holder.name} with another phone or 'active: false', or give {entry.name} another phone",
    )


def _personal_pin(row: Person, entry: PersonEntry, pin_keys: PinKeys, changes: Changes) -> None:
    """`row` still has the old phone here: a personal PIN is good with its phone alone."""
    subject = f"person {entry.name}"
    if entry.pin is None:
        if row.pin_digest is not None and row.phone != entry.phone:
            row.pin_digest = row.pin_length = None
            changes.note(subject, "PIN removed, as it was good with the old phone only; give a new one")
        return
    known = row.pin_digest
    if known is None or pin_keys.personal(row.phone, entry.pin) != known:
        changes.note(subject, "PIN set" if known is None else "PIN replaced")
    digested = pin_keys.personal(entry.phone, entry.pin)
    if digested != known:
        row.pin_digest = digested
    row.pin_length = len(entry.pin)


def _paging(session: Session, directory: Directory, changes: Changes) -> None:
    stored = read(session, PAGING) or {}
    in_force = vars(PagingTimes(**stored))
    differing = {name: value for name, value in directory.paging.items() if in_force[name] != value}
    for name, value in differing.items():
        changes.note("paging", f"{name} {in_force[name]} → {value}")
    if differing:
        write(session, PAGING, stored | differing)


def _tokens(session: Session, directory: Directory, changes: Changes) -> None:
    """Tokens of customers who have left are no longer any."""
    gone = {entry.name for entry in directory.customers if not entry.active}
    for entry in (each for each in directory.alarm_tokens if each.customer not in gone):
        customer_id = session.scalars(select(Customer.id).where(Customer.name == entry.customer)).one()
        row = session.get(AlarmToken, token_digest(entry.token))
        if row is None:
            session.add(AlarmToken(digest=token_digest(entry.token), customer_id=customer_id))
            changes.note(f"customer {entry.customer}", "alarm token added")
        elif row.customer_id != customer_id:
            row.customer_id = customer_id
            changes.note(f"customer {entry.customer}", "alarm token taken over from another customer")


def _blocked(session: Session, numbers: Iterable[str], changes: Changes) -> None:
    for number in numbers:
        if session.get(BlockedNumber, number) is None:
            session.add(BlockedNumber(number=number, reason="directory file"))
            changes.note(f"blocked number {number}", "added")

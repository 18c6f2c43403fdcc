"""Which contract answers for a customer, and what is said where no call could tell."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.models import stored_settings
from oncall.models.customers import Contract, Customer, Pin, Product, Region
from oncall.paging.what_if import Office, what_if_customer, what_if_region
from oncall.rosters.errors import GoneError
from oncall.sla.promises import Priority
from tests.oncall.planning.conftest import HANDOFF, Desk

OFFICE = "+390584943232"
# Saturday 6 June 2026, 11:00 in Rome: staffed for Platinum.
SATURDAY = datetime(2026, 6, 6, 9, tzinfo=UTC)
NIGHT = HANDOFF + timedelta(hours=6)


def contract(start: str, end: str, *, pin: bool = True, **terms: object) -> Contract:
    found = Contract(
        plan="platinum", region_name="europe", start_date=date.fromisoformat(start), end_date=date.fromisoformat(end)
    )
    for name, value in terms.items():
        setattr(found, name, value)
    found.products = [Product(name="UC Suite", end_of_life=None)]
    digest = f"{start}{end}{terms}".encode()
    found.pins = [Pin(blind_index=digest, keyed_hash=b"x", created_at=real_now())] if pin else []
    return found


def acme(session: Session, *contracts: Contract) -> Customer:
    customer = Customer(name="Acme", contracts=list(contracts))
    session.add(customer)
    session.flush()
    return customer


def test_the_contract_in_force_then_says_the_region(desk: Desk) -> None:
    """A renewal that moves to America next year: each night is that of its own contract."""
    with desk.database.transaction() as session:
        old = contract("2025-07-01", "2026-06-30")
        new = contract("2026-07-01", "2027-06-30", region_name="america")
        customer = acme(session, old, new)
        assert what_if_customer(session, customer, NIGHT).region == "europe"
        later = what_if_customer(session, customer, NIGHT + timedelta(days=60))
        assert (later.region, later.zone, later.refused, later.rings) == ("america", "America/New_York", None, ())
        past = what_if_customer(session, customer, NIGHT - timedelta(days=800))
        assert past.refused is not None
        assert past.refused.reason == "not_begun"


def test_of_two_in_force_the_one_with_a_right_is_used(desk: Desk) -> None:
    with desk.database.transaction() as session:
        gold = contract("2026-01-01", "2026-12-31", plan="gold")
        customer = acme(session, contract("2026-01-01", "2026-12-31"), gold)
        assert what_if_customer(session, customer, NIGHT).refused is None


def test_unpaid_is_told_rather_than_lapsed(desk: Desk) -> None:
    """The contract in force is what the caller would be told about, not an older one."""
    with desk.database.transaction() as session:
        customer = acme(session, contract("2026-01-01", "2026-12-31", paid=False), contract("2024-01-01", "2024-12-31"))
        refused = what_if_customer(session, customer, NIGHT).refused
        assert refused is not None
        assert (refused.reason, refused.words) == ("unpaid", "Fees are unpaid")


def test_without_a_pin_nobody_gets_in(desk: Desk) -> None:
    with desk.database.transaction() as session:
        customer = acme(session, contract("2026-01-01", "2026-12-31"))
        assert what_if_customer(session, customer, NIGHT).refused is None
        session.execute(update(Pin).values(revoked_at=real_now()))
        session.expire_all()
        answer = what_if_customer(session, customer, NIGHT)
        assert answer.refused is not None
        assert (answer.refused.reason, answer.rings, answer.office) == ("no_pin", (), None)


def test_staffed_hours(desk: Desk) -> None:
    """The office for as long as it is set, then people; no office, people at once; low priorities, the office alone."""
    with desk.database.transaction() as session:
        stored_settings.write(session, stored_settings.PAGING, {"no_answer": 30, "rounds": 1, "office_rings": 20})
        customer = acme(session, contract("2026-01-01", "2026-12-31"))
        none = what_if_customer(session, customer, SATURDAY)
        assert (none.staffed, none.office, [ring.seconds for ring in none.rings]) == (True, None, [0, 30])
        session.execute(update(Region).where(Region.name == "europe").values(office_number=OFFICE))
        session.expire_all()
        first = what_if_customer(session, customer, SATURDAY)
        assert (first.office, [ring.seconds for ring in first.rings]) == (Office(OFFICE, 20), [20, 50])
        low = what_if_customer(session, customer, SATURDAY, Priority.P3)
        assert (low.office, low.rings, low.message) == (Office(OFFICE, 20), (), True)
        assert what_if_customer(session, customer, NIGHT).office is None


def test_a_region_alone(desk: Desk) -> None:
    with desk.database.transaction() as session:
        assert what_if_region(session, "europe", NIGHT).rings[0].person == "Ada Rossi"
        refused = what_if_region(session, "apac", NIGHT).refused
        assert refused is not None
        assert refused.reason == "apac"
        with pytest.raises(GoneError, match="There is no region moon"):
            what_if_region(session, "moon", NIGHT)
        with pytest.raises(GoneError, match="Acme has no contract"):
            what_if_customer(session, acme(session), NIGHT)

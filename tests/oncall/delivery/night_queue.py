"""Tickets, pages and people by the thousand, for tests of what is queued."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from oncall.customers.pins import PinKeys
from oncall.models.calls import PhoneCall
from oncall.models.customers import Contract
from oncall.models.pages import Page, PageCause
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.paging import engine
from oncall.runtime import Runtime, Work
from tests.calls.people import DIRECTORY
from tests.loading import load_directory

SECRET = b"a secret of the tests"
KEYS = PinKeys(SECRET)


def fill(session: Session, now: datetime) -> None:
    """The directory of the calls' tests: Ada is on call, then Bruno."""
    load_directory(session, DIRECTORY, now, SECRET)


def person(session: Session, first_name: str) -> Person:
    return session.scalars(select(Person).where(Person.name.startswith(first_name))).one()


def tickets(session: Session, now: datetime, priority: str, count: int = 1) -> list[Ticket]:
    """Open tickets of Acme, newest last."""
    contract = session.scalars(select(Contract).order_by(Contract.id)).first()
    assert contract is not None
    known = session.scalar(select(Ticket.number).order_by(Ticket.number.desc()).limit(1)) or 0
    rows = [
        {
            "origin": f"test:{known}:{place}",
            "customer_id": contract.customer_id,
            "contract_id": contract.id,
            "priority": priority,
            "channel": "hotline",
            "state": "open",
            "opened_at": now,
        }
        for place in range(count)
    ]
    made = session.scalars(insert(Ticket).returning(Ticket), rows)
    return sorted(made, key=lambda ticket: ticket.id)


def page(session: Session, runtime: Runtime, now: datetime, priority: str = "P1") -> Page:
    """A page for a ticket of its own, which rings and texts whoever is next."""
    [ticket] = tickets(session, now, priority)
    return engine.open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)


def waits(session: Session, ticket: Ticket, now: datetime) -> None:
    """A caller is on the line for a ticket."""
    session.add(
        PhoneCall(
            direction="in",
            purpose="hotline",
            ticket_id=ticket.id,
            state="answered",
            waiting=True,
            memo={},
            created_at=now,
        )
    )
    session.flush()

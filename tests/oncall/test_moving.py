"""A move that is repeated, as its first try was not taken or its worker died: what follows when the call is gone."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls import PhoneCall
from oncall.customers import Contract, Customer, Region
from oncall.desk import Desk
from oncall.mail import build_mailer
from oncall.moving import repeat_move
from oncall.paging.models import Page
from oncall.rooms import Room
from oncall.runtime import Runtime
from oncall.telephony import CallGoneError
from oncall.tickets import Ticket, TicketEvent


class Empty:
    """A network on which every call is over."""

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        raise CallGoneError(f"{sid} is not in progress")


@pytest.fixture
def desk(database: Database, now: datetime, tmp_path: Path) -> Desk:
    settings = Settings(var_dir=tmp_path)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    return Desk(runtime, Empty(), build_mailer(settings))  # type: ignore[arg-type]  # nothing else is asked


def a_ticket(session: Session, now: datetime) -> Ticket:
    customer = Customer(name="Acme")
    session.add_all([Region(name="europe", time_zone="Europe/Rome"), customer])
    session.flush()
    terms = {"plan": "platinum", "start_date": now.date(), "end_date": now.date(), "paid": True}
    contract = Contract(customer_id=customer.id, region_name="europe", **terms)
    session.add(contract)
    session.flush()
    about = {"customer_id": customer.id, "contract_id": contract.id}
    found = Ticket(origin="test", priority="P1", channel="hotline", opened_at=now, **about)
    session.add(found)
    session.flush()
    return found


def dropped(session: Session, ticket: Ticket, room: Room, now: datetime, number: int) -> PhoneCall:
    """A caller who is told that the technician's line has dropped, and waits again."""
    call = PhoneCall(sid=f"CA{number}", direction="in", purpose="hotline", state="answered", step="dropped", turn=4)
    call.ticket_id, call.room_id, call.waiting, call.created_at = ticket.id, room.id, True, now
    session.add(call)
    session.flush()
    return call


@pytest.mark.parametrize(("callers", "state"), [(1, "stopped"), (2, "paging")])
def test_the_caller_had_hung_up_too(database: Database, desk: Desk, now: datetime, callers: int, state: str) -> None:
    """The technician is not rung again, unless another caller waits."""
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        room = Room(ticket_id=ticket.id, created_at=now)
        session.add(room)
        session.flush()
        calls = [dropped(session, ticket, room, now, number) for number in range(callers)]
        page = Page(ticket_id=ticket.id, cause="line dropped", code="1234", state="paging", round=1, opened_at=now)
        page.due_at = now + timedelta(hours=1)
        session.add(page)
        session.flush()
        first, page_id, ticket_id = calls[0].id, page.id, ticket.id
    repeat_move(desk, first, "dropped", 4)
    with database.transaction() as session:
        assert session.get_one(PhoneCall, first).state == "ended"
        assert session.get_one(Page, page_id).state == state
        said = session.query(TicketEvent.words).filter(TicketEvent.ticket_id == ticket_id).all()
        assert any("the conversation is over" in words for (words,) in said) == (state == "stopped")

"""A move that is repeated, as its first try was not taken or its worker died: what follows when the call is gone."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls.redirect import repeat_move
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference
from oncall.models.customers import Contract, Customer, Region
from oncall.models.pages import Page
from oncall.models.tickets import Ticket
from oncall.runtime import Runtime


class Empty:
    """A network on which every call is over."""

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        raise CallGoneError(f"{sid} is not in progress")


@pytest.fixture
def desk(database: Database, now: datetime, tmp_path: Path) -> Sender:
    settings = Settings(var_dir=tmp_path)
    runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
    return Sender(runtime, Empty(), build_mailer(settings))  # type: ignore[arg-type]  # nothing else is asked


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


@pytest.mark.parametrize("step", ["hung_up", "dropped", "unreached"])
def test_the_caller_had_hung_up_too(database: Database, desk: Sender, now: datetime, step: str) -> None:
    """The end of the call is put down, and nobody is rung for it."""
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        room = Conference(ticket_id=ticket.id, created_at=now)
        session.add(room)
        session.flush()
        call = PhoneCall(sid="CA1", direction="in", purpose="hotline", state="answered", step=step, turn=4)
        call.ticket_id, call.room_id, call.waiting, call.created_at = ticket.id, room.id, True, now
        session.add(call)
        session.flush()
        call_id = call.id
    repeat_move(desk, call_id=call_id, step=step, turn=4)
    with database.transaction() as session:
        assert session.get_one(PhoneCall, call_id).state == "ended"
        assert session.query(Page).count() == 0

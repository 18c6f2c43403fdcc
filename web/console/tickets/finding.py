"""The ticket that an address names."""

from dataclasses import replace
from datetime import datetime

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.tickets import Ticket
from oncall.tickets import timeline
from oncall.tickets.views import TicketView
from web.platform.viewer import own_zone


def find(session: Session, number: int) -> Ticket:
    """404 with a sentence when there is no such ticket."""
    found = session.scalar(select(Ticket).where(Ticket.number == number))
    if found is None:
        abort(404, f"There is no ticket {number}. Look at the number in the message that brought you here.")
    return found


def read_view(session: Session, number: int, now: datetime) -> TicketView:
    """What the page shows of a ticket that is there, on the clock of whoever looks, or of the customer's region."""
    view = timeline.read_ticket(session, number, now)
    assert view is not None  # noqa: S101 - it has just been found, and tickets stay
    return replace(view, zone=own_zone() or view.zone)

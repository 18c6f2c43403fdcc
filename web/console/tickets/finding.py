"""The ticket that an address names."""

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.tickets import Ticket


def find(session: Session, number: int) -> Ticket:
    """404 with a sentence when there is no such ticket."""
    found = session.scalar(select(Ticket).where(Ticket.number == number))
    if found is None:
        abort(404, f"There is no ticket {number}. Look at the number in the message that brought you here.")
    return found

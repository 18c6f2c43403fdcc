"""How notices of handoffs reach people: by text, and by mail where there is an address."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text.letters import gsm
from oncall.models import messages
from oncall.models.messages import Channel
from oncall.models.people import Person
from oncall.models.tickets import Ticket, TicketState

_TICKETS_TOLD: Final = 5


def send(
    session: Session,
    person: Person,
    key: str,
    words: str,
    now: datetime,
    *,
    code: str | None = None,
    tickets: bool = False,
) -> None:
    """Text and mail `words`, with the open `tickets` if wanted. `key` makes it happen once.

    With a `code` an OK is asked for, which is worth nothing without it: a sender's number proves nothing.
    Nobody who has left is told anything.
    """
    if person.retired:
        return
    whole = f"{words} {_open_tickets(session)}" if tickets else words
    text = gsm(f"{whole} Reply OK {code}." if code else whole)
    messages.post(session, now, key=key, channel=Channel.TEXT, recipient=person.phone, body=text, person_id=person.id)
    if person.email:
        messages.post(
            session,
            now,
            key=f"{key}:mail",
            channel=Channel.MAIL,
            recipient=person.email,
            subject=words.rstrip("."),
            body=f"{whole}\n" + (f"\nPlease reply OK {code} to the text on your phone.\n" if code else ""),
            person_id=person.id,
        )


def _open_tickets(session: Session) -> str:
    found = session.scalars(select(Ticket).where(Ticket.state != TicketState.CLOSED).order_by(Ticket.number)).all()
    if not found:
        return "No open ticket."
    told = [f"{ticket.number} {ticket.priority} {ticket.customer.name}" for ticket in found[:_TICKETS_TOLD]]
    more = f" and {len(found) - _TICKETS_TOLD} more" if len(found) > _TICKETS_TOLD else ""
    return f"Open tickets: {', '.join(told)}{more}."

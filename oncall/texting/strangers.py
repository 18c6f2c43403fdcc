"""Texts of numbers that are nobody's of ours: kept, shown on a customer's open ticket, answered once a day.

Nothing is ever accepted by them, whatever they say and whichever code they name.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import log
from core.text.letters import gsm
from core.text.phones import caller_number, mask
from oncall.models.customers import registered_customers
from oncall.models.messages import IncomingOutcome, IncomingText
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.runtime import Runtime, Work
from oncall.texting import words
from oncall.texting.guard import HOUR, lock_all, stranger_is_answered, within
from oncall.texting.limits import limits_from

# So many texts of strangers stand on one ticket in an hour: more would hide what else happened on it.
SHOWN_AN_HOUR: Final = 20
# Longest name of a sender that is kept.
_LONGEST: Final = 64
# Twilio names senders of other services so: "whatsapp:+390212345678".
_SERVICE: Final = re.compile(r"([a-z][a-z_.\-]{1,20}):(.+)", re.IGNORECASE | re.DOTALL)

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class TextSender:
    """Who sent a text, as far as the provider tells.

    `name`: what is counted and kept: the number, or whatever stands in its place. `number`: E.164, None when it has
    none. `service`: whatsapp, rcs, ...; empty for plain texts. `person_number`: what may be a technician's.
    """

    name: str
    number: str | None
    service: str = ""

    @property
    def person_number(self) -> str | None:
        """Only plain texts count as a technician's: codes are sent by them, too."""
        return None if self.service else self.number


def sender_of(given: str) -> TextSender:
    """The sender of a text, from what the provider gives."""
    cleaned = "".join(each for each in given if each.isprintable()).strip()
    found = _SERVICE.fullmatch(cleaned)
    if found is None:
        number = caller_number(cleaned)
        return TextSender(number or cleaned[:_LONGEST], number)
    return TextSender(cleaned[:_LONGEST], caller_number(found[2]), found[1].lower())


def keep(work: Work, sender: TextSender, body: str, sid: str, silent: bool = False) -> IncomingText:
    """The row of a stranger's text, shown and answered as it is due; `silent`: a word that the network acts on."""
    row = IncomingText(
        provider_sid=sid, number=sender.name, body=body, answer="", at=work.now, outcome=IncomingOutcome.KEPT
    )
    if silent or sender.number == work.runtime.settings.our_number:
        return row
    ticket = _open_ticket(work.session, sender.number)
    customers = registered_customers(work.session, sender.number)
    row.customer_id = ticket.customer_id if ticket is not None else next(iter(customers), None)
    if ticket is not None:
        row.ticket_id = ticket.id
        _show(work.session, ticket, sender, body, sid, work.now)
    _answer(work.session, work.runtime, sender, row, ticket)
    logger.info("a text of nobody of ours was kept", sender=sender.name, ticket=ticket.number if ticket else None)
    return row


def _answer(session: Session, runtime: Runtime, sender: TextSender, row: IncomingText, ticket: Ticket | None) -> None:
    if sender.number is None:
        return  # a name, or a short number: nothing can be sent back
    settings = runtime.settings
    limits = limits_from(settings)
    if not stranger_is_answered(session, sender.name, row.at, limits):  # seen without the lock of all
        return
    lock_all(session)
    if not stranger_is_answered(session, sender.name, row.at, limits):
        return
    if ticket is not None:
        answer = words.customer(settings.company_name, settings.our_number, ticket.number)
    elif sender.service:
        answer = words.other_service(settings.company_name, settings.our_number)
    else:
        answer = words.stranger(settings.company_name, settings.our_number, settings.support_web_address)
    row.answer, row.outcome = gsm(answer), IncomingOutcome.STRANGER


def _open_ticket(session: Session, number: str | None) -> Ticket | None:
    """The newest open ticket of whose number it is: one that was opened or is to be called back from it goes first."""
    if number is None:
        return None
    of_call = or_(Ticket.caller_number == number, Ticket.callback_number == number)
    theirs = or_(of_call, Ticket.customer_id.in_(registered_customers(session, number)))
    query = select(Ticket).where(Ticket.state != TicketState.CLOSED, theirs)
    return session.scalar(
        query.order_by(of_call.desc().nulls_last(), Ticket.opened_at.desc(), Ticket.id.desc()).limit(1)
    )


def _show(session: Session, ticket: Ticket, sender: TextSender, body: str, sid: str, now: datetime) -> None:
    of_ticket = select(func.count()).where(IncomingText.ticket_id == ticket.id, within(now, HOUR))
    shown = session.scalar(of_ticket) or 0
    if shown < SHOWN_AN_HOUR:
        record_event(session, ticket.id, now, EventKind.TEXT, words.on_ticket(_shown(sender), body), key=f"text:{sid}")
    elif shown == SHOWN_AN_HOUR:
        record_event(session, ticket.id, now, EventKind.TEXT, words.NO_MORE_SHOWN, key=f"text:{sid}")


def _shown(sender: TextSender) -> str:
    by = f" by {sender.service}" if sender.service else ""
    return f"{mask(sender.number)}{by}"

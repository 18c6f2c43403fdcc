"""What a caller's answers bring about: a ticket and its page, a known ticket, a message, a call back."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.phones import mask
from oncall import messages, wording
from oncall.calls import PhoneCall
from oncall.customers import Contract
from oncall.messages import Message
from oncall.paging.engine import open_page
from oncall.paging.models import Page
from oncall.runtime import Runtime
from oncall.sla import Priority, response_due
from oncall.tickets import Recording, Ticket, tell
from schedules.hours import Plan

# A problem reported on this line counts as known for so long (product, hotline step 7).
KNOWN_FOR = timedelta(hours=24)

# Twilio's codes for numbers that can't take a text: not mobile, landline, opted out.
_NO_TEXTS = ("21614", "21635", "30006", "21610")


def known_ticket(session: Session, customer_id: int, now: datetime) -> Ticket | None:
    """The customer's newest open P1 or P2 ticket from this line that is younger than 24 h."""
    query = (
        select(Ticket)
        .where(
            Ticket.customer_id == customer_id,
            Ticket.state != "closed",
            Ticket.channel == "hotline",
            Ticket.priority.in_(["P1", "P2"]),
            Ticket.opened_at > now - KNOWN_FOR,
        )
        .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def open_ticket(session: Session, runtime: Runtime, call: PhoneCall, priority: Priority, now: datetime) -> Ticket:
    """Open a ticket for the caller's problem and, for P1 and P2, start its page in the same transaction.

    The same answer of the same call opens one ticket, however often it is delivered.
    """
    contract = session.get_one(Contract, call.contract_id)
    origin = f"call:{call.id}:{call.turn}"
    existing = session.scalar(select(Ticket).where(Ticket.origin == origin))
    if existing is not None:
        return existing
    ticket = _new_ticket(session, contract, call, priority, origin, now)
    call.ticket_id = ticket.id
    call.result = "ticket opened"
    _announce(session, runtime, ticket, now)
    if priority in {Priority.P1, Priority.P2}:
        call.waiting = True
        session.flush()
        open_page(session, runtime, ticket, now, "hotline")
    return ticket


def _new_ticket(
    session: Session, contract: Contract, call: PhoneCall, priority: Priority, origin: str, now: datetime
) -> Ticket:
    ticket = Ticket(
        origin=origin,
        customer_id=contract.customer_id,
        contract_id=contract.id,
        priority=priority.value,
        channel="hotline",
        state="open",
        caller_number=call.number,
        opened_at=now,
        due_at=response_due(Plan(contract.plan), priority, contract.region.time_zone, now),
    )
    ticket.customer, ticket.contract = contract.customer, contract
    session.add(ticket)
    session.flush()
    words = f"Ticket opened by phone from {mask(call.number)}, {priority.value}."
    tell(session, ticket.id, now, "opened", words, key="opened")
    return ticket


def _announce(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    """Text the number to the caller and mail it to the contract's contacts."""
    company = runtime.settings.company_name
    if ticket.caller_number and ticket.priority in {"P1", "P2"} and takes_texts(session, ticket.caller_number):
        messages.post(
            session,
            now,
            key=f"ticket:{ticket.id}:number",
            channel="text",
            recipient=ticket.caller_number,
            body=wording.ticket_text(ticket, company),
            ticket_id=ticket.id,
        )
    if ticket.customer.email:
        subject, body = wording.ticket_mail(ticket, company)
        messages.post(
            session,
            now,
            key=f"ticket:{ticket.id}:mail",
            channel="mail",
            recipient=ticket.customer.email,
            subject=subject,
            body=body,
            ticket_id=ticket.id,
        )


def takes_texts(session: Session, number: str) -> bool:
    """Whether a number may take a text: true until the provider has told us that it can't."""
    query = select(Message.id).where(
        Message.recipient == number,
        Message.state.in_(["failed", "undelivered"]),
        func.split_part(Message.error, " ", 1).in_(_NO_TEXTS),
    )
    return session.scalar(query.limit(1)) is None


def rejoin_ticket(session: Session, runtime: Runtime, call: PhoneCall, ticket: Ticket, now: datetime) -> None:
    """A customer calls again about a known problem: the technician who has it is rung first, then the roster."""
    call.ticket_id = ticket.id
    call.waiting = True
    call.result = "known ticket"
    if call.number:
        ticket.callback_number = None if call.number == ticket.caller_number else call.number
    words = f"The customer called again from {mask(call.number)}."
    tell(session, ticket.id, now, "caller", words, key=f"call:{call.id}:again")
    session.flush()
    open_page(session, runtime, ticket, now, "called again", first=ticket.assignee_id)


def want_call_back(session: Session, call: PhoneCall, number: str, now: datetime) -> None:
    """The caller would rather be called back on `number` (E.164) than wait."""
    ticket = session.get_one(Ticket, call.ticket_id)
    ticket.callback_number = number
    call.waiting = False
    words = f"The caller asks to be called back on {mask(number)}."
    tell(session, ticket.id, now, "caller", words, key=f"call:{call.id}:callback")


def caller_left(session: Session, call: PhoneCall, now: datetime) -> None:
    """A caller hung up. Before a ticket, that is where the call broke off; after it, the page goes on."""
    was_waiting, call.waiting = call.waiting, False
    if call.ticket_id is None:
        call.result = call.result or f"hung up at {call.step or 'greeting'}"
        return
    if was_waiting:
        words = "The caller hung up while waiting: call back."
        tell(session, call.ticket_id, now, "caller", words, key=f"call:{call.id}:left")


def keep_recording(
    session: Session,
    ticket_id: int,
    kind: str,
    sid: str,
    url: str,
    seconds: int | None,
    now: datetime,
    person_id: int | None = None,
) -> None:
    """Attach a recording to its ticket; told twice, it is kept once with the newest length."""
    row = insert(Recording).values(
        ticket_id=ticket_id, kind=kind, provider_sid=sid, url=url, seconds=seconds, person_id=person_id, at=now
    )
    length = func.coalesce(row.excluded.seconds, Recording.seconds)
    session.execute(row.on_conflict_do_update(index_elements=["provider_sid"], set_={"seconds": length}))
    words = "The caller described the problem (recorded)." if kind == "description" else "A spoken note was recorded."
    tell(session, ticket_id, now, "recording", words, key=f"recording:{sid}", person_id=person_id)


def page_of(session: Session, ticket_id: int) -> Page | None:
    """The ticket's newest page."""
    query = select(Page).where(Page.ticket_id == ticket_id).order_by(Page.id.desc()).limit(1)
    return session.scalar(query)

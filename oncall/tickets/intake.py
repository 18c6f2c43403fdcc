"""What a caller's answers bring about: a ticket and its page, a known ticket, a message, a call back."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.settings import Settings
from core.text.phones import mask
from oncall import wording
from oncall.customers.call_back import Refused, ours_among, refusal_of
from oncall.models import messages
from oncall.models.calls import Direction, PhoneCall
from oncall.models.conferences import others_on_the_line
from oncall.models.customers import Contract
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.pages import PageCause
from oncall.models.ring_back import ring_back
from oncall.models.tickets import (
    EventKind,
    Ticket,
    TicketChannel,
    TicketState,
    record_event,
)
from oncall.paging.engine import first_page
from oncall.runtime import Runtime, Work
from oncall.sla.promises import Priority
from oncall.tickets.opening import Report, put_ticket

# A problem reported on this line counts as known for so long (product, hotline step 7).
KNOWN_FOR = timedelta(hours=24)


def known_ticket(session: Session, customer_id: int, now: datetime) -> Ticket | None:
    """The customer's newest open P1 or P2 ticket from this line that is younger than 24 h."""
    query = (
        select(Ticket)
        .where(
            Ticket.customer_id == customer_id,
            Ticket.state != TicketState.CLOSED,
            Ticket.channel == TicketChannel.HOTLINE,
            Ticket.priority.in_([Priority.P1, Priority.P2]),
            Ticket.opened_at > now - KNOWN_FOR,
        )
        .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def open_ticket(work: Work, call: PhoneCall, priority: Priority) -> Ticket:
    """Open a ticket for the caller's problem and, for P1 and P2, start its page in the same transaction.

    The same answer of the same call opens one ticket, however often it is delivered.
    """
    origin = f"call:{call.id}:{call.turn}"
    existing = work.session.scalar(select(Ticket).where(Ticket.origin == origin))
    if existing is not None:
        return existing
    ticket = put_down_ticket(work.session, work.runtime, call, priority, work.now, origin, calling=priority.is_paged)
    if priority.is_paged:
        hold(work.session, call, work.now)
        first_page(work, ticket, PageCause.HOTLINE)
    return ticket


def put_down_ticket(
    session: Session,
    runtime: Runtime,
    call: PhoneCall,
    priority: Priority,
    at: datetime,
    origin: str,
    *,
    calling: bool,
) -> Ticket:
    """The ticket of a call, its clock running since `at`, told to the customer; nobody is paged by this.

    `origin`: what opened it, which no other ticket has. `calling`: whether the customer is told that a technician is
    being called.
    """
    contract = session.get_one(
        Contract, call.contract_id, options=[joinedload(Contract.customer), joinedload(Contract.region)]
    )
    ticket = _new_ticket(session, contract, call, priority, origin, at)
    call.ticket_id = ticket.id
    call.result = "ticket opened"
    call.memo.ticket_number, call.memo.priority = ticket.number, priority
    _announce(Work(session, runtime, at), ticket, calling)
    return ticket


def hold(session: Session, call: PhoneCall, now: datetime) -> None:
    """The caller waits from now on, unless they hung up before their last key arrived."""
    call.waiting = True
    if not call.live:
        caller_left(session, call, now)
    session.flush()


def _new_ticket(
    session: Session, contract: Contract, call: PhoneCall, priority: Priority, origin: str, now: datetime
) -> Ticket:
    report = Report(origin, priority, TicketChannel.HOTLINE, number=call.number, name=call.memo.caller_name)
    words = f"Ticket opened by phone from {from_whom(call)}, {priority.value}."
    return put_ticket(session, contract, report, words, now)


def from_whom(call: PhoneCall) -> str:
    """Who called, as a ticket's timeline may show it."""
    name = call.memo.caller_name
    return mask(call.number) if name is None else f"{name} (SIP)"


def _announce(work: Work, ticket: Ticket, calling: bool) -> None:
    """Text the number to the caller and mail it to the contract's contacts."""
    company, caller = work.runtime.settings.company_name, ticket.caller_number
    if (
        caller
        and ticket.priority in {Priority.P1, Priority.P2}
        and _is_texted(work.session, work.runtime.settings, caller)
    ):
        messages.post(
            work.session,
            work.now,
            key=f"ticket:{ticket.id}:number",
            channel=Channel.TEXT,
            recipient=caller,
            body=wording.ticket_text(ticket, company, calling),
            ticket_id=ticket.id,
        )
    if ticket.customer.email:
        subject, body = wording.ticket_mail(ticket, company, calling)
        messages.post(
            work.session,
            work.now,
            key=f"ticket:{ticket.id}:mail",
            channel=Channel.MAIL,
            recipient=ticket.customer.email,
            subject=subject,
            body=body,
            ticket_id=ticket.id,
        )


def _is_texted(session: Session, settings: Settings, number: str) -> bool:
    """Whether the ticket's number goes to the number called from: a colleague's too, but none that earns by it."""
    reason = refusal_of(number, ours_among(session, settings, [number]))
    return reason in {None, Refused.PERSON, Refused.UNKNOWN} and takes_texts(session, number)


def takes_texts(session: Session, number: str) -> bool:
    """Whether a number may take a text: true until the provider has told us that it can't."""
    query = select(Message.id).where(
        Message.recipient == number,
        Message.state.in_([MessageState.FAILED, MessageState.UNDELIVERED]),
        Message.takes_no_texts,
    )
    return session.scalar(query.limit(1)) is None


def want_call_back(session: Session, call: PhoneCall, number: str, now: datetime) -> None:
    """The caller would rather be called back on `number` (E.164) than wait."""
    ticket = session.get_one(Ticket, call.ticket_id)
    ticket.callback_number = number
    call.waiting = False
    call.result = "call back agreed"
    call.memo.wants_call = True
    words = f"The caller asks to be called back on {mask(number)}."
    record_event(session, ticket.id, now, EventKind.CALLER, words, key=f"call:{call.id}:{call.turn}:callback")


def hold_again(session: Session, call: PhoneCall) -> None:
    """The number was wrong, so it is forgotten: the caller holds the line until another one is agreed."""
    forget_call_back(session, call)
    call.waiting = call.live
    call.result = "waits again"


def forget_call_back(session: Session, call: PhoneCall) -> None:
    """The number that was agreed upon in this call is wrong."""
    session.get_one(Ticket, call.ticket_id).callback_number = None
    call.memo.wants_call = False


def still_open_line(wrong_keys: bool) -> str:
    """For the ticket: on a caller's line nothing was chosen after the technician had hung up."""
    pressed = "Only keys that are not in use there were pressed" if wrong_keys else "No key was pressed"
    return f"{pressed} on the caller's line after the technician had hung up: the call was ended."


def caller_left(session: Session, call: PhoneCall, now: datetime) -> None:
    """A caller hung up, and where. After a ticket the page goes on, and the technician will have to call back."""
    was_waiting, call.waiting = call.waiting, False
    if call.memo.ring_back:  # not before: until now the line was busy with this call
        ring_back(session, call, now)
    if call.direction == Direction.OUT and call.answered_at is None:
        call.result = "not picked up"
    elif call.ticket_id is None:
        call.result = call.result or hung_up(call.step)
    elif was_waiting:
        call.result = hung_up(call.step)
        if call.memo.left_by is None:  # after a conversation that is no trouble (`oncall.calls.goodbye`)
            tell_left(session, call, call.ticket_id, now)


def tell_left(session: Session, call: PhoneCall, ticket_id: int, now: datetime) -> None:
    """A line on the ticket about a caller who hung up while waiting. Another one may still be on the line."""
    if others_on_the_line(session, call):
        words = "One of the callers hung up while waiting; another one is on the line."
    else:
        words = "The caller hung up while waiting: call back."
    record_event(session, ticket_id, now, EventKind.CALLER, words, key=f"call:{call.id}:left")


# By the question that was asked last.
_WHERE = {
    "greeting": "at the greeting",
    "pin": "at the PIN",
    "office_first": "while the office rang",
    "office_done": "while the office rang",
    "level": "at the level",
    "priority": "at the priority",
    "known": "at the known problem",
    "message": "instead of leaving a message",
    "described": "while the ticket number was read",
    "recording": "while describing the problem",
    "wait": "while waiting",
    "callback": "in the call-back menu",
    "hung_up_key": "after the technician had hung up",
    "rejoining": "while the technician was called again",
    "next_key": "when asked what comes next",
}


def hung_up(step: str) -> str:
    """Where a conversation broke off, in words for managers."""
    return f"hung up {_WHERE.get(step, f'at {step}')}"

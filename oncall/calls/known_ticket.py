"""A customer calls about a ticket that is known: into the conversation that goes on, or to those who wait for one.

Only when neither goes on is somebody looked for. Whoever has the ticket keeps it, and the number to call back stays
that of the caller who is on the line already.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models import jobs
from oncall.models.calls import IN_ROOM, CallState, Direction, PhoneCall, Purpose, in_conversation, memo_value
from oncall.models.conferences import Conference, Participant, others_on_the_line
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.people import Person
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.paging.engine import open_page
from oncall.runtime import Work
from oncall.sla.promises import Priority
from oncall.tickets.actions.priority import raised_by_customer
from oncall.tickets.actions.waiting import customer_spoke
from oncall.tickets.intake import from_whom, hold, hold_again


def rejoin_ticket(work: Work, call: PhoneCall, ticket: Ticket, priority: Priority) -> None:
    """The caller of a locked call has chosen a known ticket: they wait from now on, and are joined if somebody talks.

    Otherwise they wait with whoever waits already, or the technician who has the ticket is rung, then the roster.
    """
    call.ticket_id = ticket.id
    call.result = "known ticket"
    call.memo.ticket_number, call.memo.priority = ticket.number, priority
    others = others_on_the_line(work.session, call)
    if call.number and not others:
        ticket.callback_number = None if call.number == ticket.caller_number else call.number
    room = talking_room(work.session, ticket.id)
    joins = ", and is joined with the conversation" if room is not None else ""
    words = f"The customer called again from {from_whom(call)}{joins}."
    record_event(work.session, ticket.id, work.now, EventKind.CALLER, words, key=f"call:{call.id}:again")
    if priority < Priority(ticket.priority):
        call.memo.raised = priority
        raised_by_customer(work.session, ticket, priority, work.now)
    customer_spoke(work, ticket, key=f"call:{call.id}:spoke")
    hold(work.session, call, work.now)
    if any(call.number is not None and other.number == call.number for other in others):
        jobs.ask_about_callers.wake(work.session, ticket_id=ticket.id)  # one phone has hardly two calls
    if room is not None:
        call.memo.joins = call.room_id = room.id
        jobs.bring_callers.wake(work.session, room_id=room.id)
    elif not (others and _somebody_comes(work.session, ticket)):
        open_page(work, ticket, PageCause.CALLED_AGAIN, first=ticket.assignee_id)


def wait_again(work: Work, call: PhoneCall) -> None:
    """The number that the caller of a locked call had agreed to be called back on is wrong: they wait as before.

    Meanwhile nobody saw them waiting. So whoever took the ticket may talk without them, or may have left: they are
    joined with that conversation, or somebody is looked for again. After a conversation nobody is rung unless the
    caller says so (`oncall.calls.goodbye`).
    """
    hold_again(work.session, call)
    if call.memo.left_by is not None:
        return
    call.memo.joins = None
    work.session.flush()
    ticket = work.session.get_one(Ticket, call.ticket_id)
    if not call.live or ticket.state == TicketState.CLOSED:
        return
    room, page = talking_room(work.session, ticket.id), page_of(work.session, ticket.id)
    if room is not None:
        call.memo.joins = call.room_id = room.id
        jobs.bring_callers.wake(work.session, room_id=room.id)
    elif (page is None or page.state != PageState.PAGING) and not _somebody_comes(work.session, ticket):
        open_page(work, ticket, PageCause.CALLED_AGAIN, first=ticket.assignee_id)


def talking_room(session: Session, ticket_id: int) -> Conference | None:
    """The room in which a technician talks about this ticket, waits for the customer there, or is at its keys."""
    query = (
        select(Conference)
        .join(PhoneCall, PhoneCall.room_id == Conference.id)
        .where(Conference.ticket_id == ticket_id, Conference.closed_at.is_(None))
        .where(PhoneCall.person_id.is_not(None), PhoneCall.state == CallState.ANSWERED, PhoneCall.step.in_(IN_ROOM))
    )
    return session.scalar(query.order_by(Conference.id.desc()).limit(1))


def can_talk(call: PhoneCall, room_id: int) -> bool:
    """Whether this technician's call is in the room, or at its keys."""
    return in_conversation(call) and call.room_id == room_id


def talkers(session: Session, room_id: int) -> Sequence[str]:
    """First names of the technicians in a room, or at its keys."""
    query = (
        select(Person)
        .join(PhoneCall, PhoneCall.person_id == Person.id)
        .where(PhoneCall.room_id == room_id, PhoneCall.state == CallState.ANSWERED, PhoneCall.step.in_(IN_ROOM))
        .order_by(PhoneCall.id)
    )
    return list(dict.fromkeys(person.first_name for person in session.scalars(query)))


def _somebody_comes(session: Session, ticket: Ticket) -> bool:
    """Whether a technician has accepted and is being rung, or asked for the key, to be joined with who waits."""
    page = page_of(session, ticket.id)
    if page is None or page.state != PageState.ACCEPTED:
        return False
    query = select(PhoneCall).where(PhoneCall.person_id == page.accepted_by_id, PhoneCall.state != CallState.ENDED)
    calls = session.scalars(query).all()
    return any(call.direction == Direction.OUT and not in_conversation(call) for call in calls)


def is_expected(session: Session, room: Conference) -> bool:
    """Whether somebody is still to come into a room: a caller who is being brought, or a customer who is being rung."""
    came = select(Participant.id).where(Participant.call_id == PhoneCall.id, Participant.room_id == room.id)
    query = select(PhoneCall.id).where(
        PhoneCall.room_id == room.id,
        PhoneCall.person_id.is_(None),
        PhoneCall.state != CallState.ENDED,
        (PhoneCall.waiting & (memo_value("joins").as_integer() == room.id))
        | (PhoneCall.waiting & (PhoneCall.step == "room"))
        | ((PhoneCall.purpose == Purpose.CALLBACK) & ~came.exists()),
    )
    return session.scalar(query.limit(1)) is not None

"""Bringing a technician and a customer together: the caller who holds, or a call to the customer."""

from ivr.conference import into_room
from ivr.technician import prompts
from ivr.technician.questions import ask_number, ask_what_next, finish
from ivr.technician.telling import tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.calls.conference import call_callers
from oncall.calls.participants import room_for, room_with
from oncall.customers.call_back import way_back
from oncall.models import jobs
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, caller_is_waiting
from oncall.models.conferences import Conference, ParticipantRole
from oncall.models.pages import Page, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.ranks import rank_of
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.paging.acknowledge import Acceptance, Verdict, accept
from oncall.paging.call_queue import count_told, let_go_on


def accepted(turn: Turn, page_id: int, result: Acceptance) -> VoiceResponse:
    """After key 1: into the room with the caller, or what else there is to do."""
    if result.verdict is Verdict.LOST and result.holder is not None:
        return tell_next(turn, before=prompts.has_it(result.holder.name))
    if result.verdict in {Verdict.OVER, Verdict.LOST}:
        return tell_next(turn, before=prompts.NOBODY_NEEDED)
    return take(turn, turn.session.get_one(Page, page_id).ticket)


def take(turn: Turn, ticket: Ticket) -> VoiceResponse:
    """Join the ticket's caller; when nobody holds, offer to call back. Other pages go on to the next person then."""
    turn.call.about_ticket_id = ticket.id
    turn.useful_answer()
    if caller_is_waiting(turn.session, ticket.id) or _somebody_talks(turn, ticket):
        let_go_on(turn.session, turn.call)
        return join(turn, ticket, prompts.CONNECTING)
    more = count_told(turn.session, turn.call)
    if more:
        return tell_next(turn, before=f"{prompts.ACCEPTED_LATER} {prompts.more_pages(more)}")
    return ask_what_next(turn, prompts.ACCEPTED_CALLER_GONE)


def offer_ticket(turn: Turn, ticket: Ticket) -> VoiceResponse:
    """They asked to be rung for a ticket: a key joins the conversation about it, or rings the customer."""
    turn.call.about_ticket_id = ticket.id
    if ticket.state == TicketState.CLOSED or ticket.assignee_id != turn.call.person_id:
        return finish(turn, prompts.not_yours_any_more(ticket.number))
    if caller_is_waiting(turn.session, ticket.id) or _somebody_talks(turn, ticket):
        return turn.ask("talk", prompts.on_the_line(ticket.customer.name, ticket.number))
    return ask_what_next(turn, prompts.as_you_asked(ticket.customer.name, ticket.number))


def join(turn: Turn, ticket: Ticket, words: str) -> VoiceResponse:
    """Into the room of this ticket; who waits on the line is called there."""
    room = room_for(turn.session, ticket.id, turn.now)
    response = into_room(turn, room, ParticipantRole.TECHNICIAN, words)
    call_callers(turn.session, room)
    return response


def _somebody_talks(turn: Turn, ticket: Ticket) -> bool:
    """Whether a colleague is in a room with the caller already (and asked for help, say)."""
    return room_with(turn.session, ticket.id, ParticipantRole.CALLER) is not None


def call_customer(turn: Turn, ticket: Ticket, chosen: str | None = None) -> VoiceResponse:
    """Ring the customer through the gateway and wait in the room; who holds the line already is joined at once.

    An open page ends with it: whoever calls the customer has the ticket. `chosen`: one of the customer's registered
    numbers, where the caller's own can't be called.
    """
    turn.useful_answer()
    turn.call.about_ticket_id = ticket.id
    way = way_back(turn.session, turn.settings, ticket)
    number = chosen or (way.numbers[0] if len(way.numbers) == 1 else None)
    if number is None and not caller_is_waiting(turn.session, ticket.id):
        return ask_number(turn, way)
    person = turn.person
    page = page_of(turn.session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        via = Via.MENU if turn.call.memo.menu else Via.PHONE
        result = accept(turn.work, page.id, person, via)
        if result.verdict is Verdict.LOST and result.holder is not None:
            return finish(turn, prompts.has_it(result.holder.name))
    waiting_now = caller_is_waiting(turn.session, ticket.id)
    if waiting_now:
        return join(turn, ticket, prompts.CONNECTING)
    if number is None:  # they have hung up in this very moment
        return ask_number(turn, way)
    room = room_for(turn.session, ticket.id, turn.now)
    words = prompts.CALLING_CUSTOMER if number == way.number else prompts.calling_registered(number, way)
    response = into_room(turn, room, ParticipantRole.TECHNICIAN, words)
    _ring_customer(turn, ticket, room, person, number)
    return response


def _ring_customer(turn: Turn, ticket: Ticket, room: Conference, person: Person, number: str) -> None:
    call = PhoneCall(
        direction=Direction.OUT,
        purpose=Purpose.CALLBACK,
        number=number,
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
        room_id=room.id,
        state=CallState.QUEUED,
        step="answered",
        technician_call_id=turn.call.id,
        rank=rank_of(ticket.priority),
        created_at=turn.now,
    )
    turn.session.add(call)
    turn.session.flush()
    jobs.place_call.wake(turn.session, call_id=call.id)
    words = f"{person.name} calls the customer back."
    key = f"call:{call.id}:callback"
    record_event(turn.session, ticket.id, turn.now, EventKind.ATTEMPT, words, key=key, person_id=person.id)

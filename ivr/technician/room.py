"""In and beside the room: leaving it by star, a colleague, handing over, calling the customer."""

from core.wakeups import URGENT, wake
from ivr import prompts
from ivr.rooms import into_room
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, empty, goodbye
from oncall.calls import PhoneCall
from oncall.ending import end_call
from oncall.joining import call_callers, present, room_for, stay_left, stays_of_call
from oncall.paging.engine import open_page
from oncall.paging.ringing import caller_is_waiting
from oncall.people import Person
from oncall.rooms import Room
from oncall.tickets import Ticket, tell

FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}


def left(talk: Talk) -> VoiceResponse:
    """The call is out of the room: over, or its owner pressed star, or the room ended under it."""
    room = talk.session.get_one(Room, talk.call.room_id)
    for stay in stays_of_call(talk.session, talk.call.id):
        stay_left(talk.session, stay, talk.now)
    if talk.form.get("CallStatus") in FINAL:
        end_call(talk.session, talk.call, talk.form["CallStatus"], talk.now)
        return empty()
    if talk.call.person_id is None:
        return _caller_left_alone(talk, room)
    talk.call.memo["ticket"] = room.ticket_id
    if not any(present(stay) for stay in room.stays if stay.role == "caller"):
        from ivr.technician.aftermath import ask_what_next

        return ask_what_next(talk, prompts.ALONE)
    wake(talk.session, "hold_callers", priority=URGENT, room_id=room.id, on=True)
    return talk.ask("aside", prompts.ASIDE, timeout=8)


def _caller_left_alone(talk: Talk, room: Room) -> VoiceResponse:
    """The room ended though the caller is still there: wait again, the page begins again."""
    from ivr.hotline.waiting import wait_on

    if talk.call.purpose == "callback":
        return goodbye(prompts.TECHNICIAN_FINISHED)
    talk.call.waiting = True
    talk.session.flush()
    open_page(talk.session, talk.runtime, room.ticket, talk.now, "line dropped", first=room.ticket.assignee_id)
    return wait_on(talk, before=prompts.DROPPED)


def aside(talk: Talk) -> VoiceResponse:
    """The technician is at the keys while the caller hears music."""
    room = talk.session.get_one(Room, talk.call.room_id)
    if not any(present(stay) for stay in room.stays if stay.role == "caller"):
        from ivr.technician.aftermath import ask_what_next

        return ask_what_next(talk, prompts.ALONE)
    if talk.digits == "2":
        _page_colleague(talk, room)
        return _back(talk, room, prompts.COLLEAGUE_CALLED)
    if talk.digits == "3":
        wake(talk.session, "hand_over", priority=URGENT, room_id=room.id, person_id=talk.call.person_id)
        talk.call.step = "goodbye"
        return goodbye(prompts.HAND_OVER_DONE)
    if talk.digits == "4":
        wake(talk.session, "finish_callers", priority=URGENT, room_id=room.id)
        return _ask_after_end(talk)
    return _back(talk, room, "")


def _back(talk: Talk, room: Room, words: str) -> VoiceResponse:
    wake(talk.session, "hold_callers", priority=URGENT, room_id=room.id, on=False)
    return into_room(talk, room, "technician", words)


def _ask_after_end(talk: Talk) -> VoiceResponse:
    from ivr.technician.aftermath import ask_what_next

    return ask_what_next(talk, prompts.ENDED)


def _page_colleague(talk: Talk, room: Room) -> None:
    person = talk.session.get_one(Person, talk.call.person_id)
    words = f"{person.name} asks for a colleague in the conversation."
    key = f"call:{talk.call.id}:{talk.call.turn}:colleague"
    tell(talk.session, room.ticket_id, talk.now, "page", words, key=key, person_id=person.id)
    open_page(talk.session, talk.runtime, room.ticket, talk.now, "colleague")


def call_customer(talk: Talk, ticket: Ticket) -> VoiceResponse:
    """Ring the customer through the gateway and wait in the room; who holds the line already is joined at once."""
    number = ticket.callback_number or ticket.caller_number
    waiting = caller_is_waiting(talk.session, ticket.id)
    if number is None and not waiting:
        from ivr.technician.aftermath import ask_what_next

        return ask_what_next(talk, f"{prompts.NO_NUMBER} {prompts.ALONE}")
    room = room_for(talk.session, ticket.id, talk.now)
    words = prompts.CONNECTING if waiting else prompts.CALLING_CUSTOMER
    response = into_room(talk, room, "technician", words)
    if waiting:
        call_callers(talk.session, room)
    else:
        _ring_customer(talk, ticket, room, str(number))
    return response


def _ring_customer(talk: Talk, ticket: Ticket, room: Room, number: str) -> None:
    call = PhoneCall(
        direction="out",
        purpose="callback",
        number=number,
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
        room_id=room.id,
        state="queued",
        step="answered",
        memo={"technician_call": talk.call.id},
        created_at=talk.now,
    )
    talk.session.add(call)
    talk.session.flush()
    wake(talk.session, "place_call", priority=URGENT, call_id=call.id)
    person = talk.session.get_one(Person, talk.call.person_id)
    words = f"{person.name} calls the customer back."
    key = f"call:{call.id}:callback"
    tell(talk.session, ticket.id, talk.now, "attempt", words, key=key, person_id=person.id)


def customer_picks_up(talk: Talk) -> VoiceResponse:
    """The customer answers the call back: into the room in which the technician waits."""
    room = talk.session.get_one(Room, talk.call.room_id)
    technician = next((stay for stay in room.stays if stay.role == "technician" and present(stay)), None)
    if technician is None or technician.person_id is None:
        return goodbye(prompts.TECHNICIAN_FINISHED)
    person = talk.session.get_one(Person, technician.person_id)
    words = prompts.called_back(talk.settings.company_name, person.first_name, room.ticket.number)
    return into_room(talk, room, "caller", words)

"""In and beside the room: leaving it by star, a colleague, handing over; the customer who picks up."""

from datetime import timedelta

from sqlalchemy import select

from ivr.conference import into_room, leave_rooms
from ivr.hotline import rejoining
from ivr.hotline.live import LiveTalk
from ivr.hotline.questions import wait_on
from ivr.prompts import conversation
from ivr.technician import prompts
from ivr.technician.joining import call_customer
from ivr.technician.questions import ask_what_next, ask_which, finish
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, empty, goodbye
from oncall.calls.call_end import end_call
from oncall.calls.goodbye import arrange, note_goodbye
from oncall.calls.participants import present, stays_of_room
from oncall.customers.call_back import way_back
from oncall.delivery.telephony import FINAL
from oncall.models import jobs
from oncall.models.calls import CallState, PhoneCall, Purpose, caller_is_waiting
from oncall.models.conferences import Conference, ParticipantRole
from oncall.models.pages import PageCause
from oncall.models.people import Person
from oncall.models.tickets import EventKind, record_event
from oncall.paging.engine import open_page


def left(turn: LiveTalk) -> VoiceResponse:
    """The call is out of the room: over, or its owner pressed star, or the room ended under it."""
    if turn.call.room_id is None:  # never was in one: the network speaks of another call
        return empty()
    room = turn.room
    leave_rooms(turn)
    if turn.form.get("CallStatus") in FINAL:
        end_call(turn.session, turn.call, turn.form["CallStatus"], turn.now)
        return empty()
    if turn.call.person_id is None:
        return _caller_left_alone(turn, room)
    turn.call.about_ticket_id = room.ticket_id
    if not _caller_is_there(turn, room):
        return ask_what_next(turn, prompts.STOPPED_CALLING if _stop_calling(turn, room) else prompts.ALONE)
    jobs.hold_callers.wake(turn.session, room_id=room.id, on=True)
    turn.useful_answer()
    return _ask_aside(turn, room)


def _ask_aside(turn: Turn, room: Conference, again: str = "") -> VoiceResponse:
    stays = stays_of_room(turn.session, room.id)
    music = not any(present(stay) for stay in stays if stay.role == ParticipantRole.TECHNICIAN)
    return turn.ask("aside", prompts.joined(again, prompts.aside(music)), timeout=8)


def _caller_is_there(turn: Turn, room: Conference) -> bool:
    """Whether a caller is in the room, or on the way into it."""
    stays = stays_of_room(turn.session, room.id)
    return any(present(stay) for stay in stays if stay.role == ParticipantRole.CALLER) or (
        caller_is_waiting(turn.session, room.ticket_id)
    )


def _stop_calling(turn: Turn, room: Conference) -> bool:
    """The technician doesn't want to wait for the customer to pick up."""
    query = select(PhoneCall.id).where(
        PhoneCall.room_id == room.id, PhoneCall.purpose == Purpose.CALLBACK, PhoneCall.state != CallState.ENDED
    )
    calls = turn.session.scalars(query).all()
    for call_id in calls:
        jobs.cut_off.wake(turn.session, call_id=call_id)
    return bool(calls)


def _caller_left_alone(turn: LiveTalk, room: Conference) -> VoiceResponse:
    """The room ended though the caller is still there: asked as if the technician had hung up, if there was one."""
    technicians = [stay for stay in stays_of_room(turn.session, room.id) if stay.role == ParticipantRole.TECHNICIAN]
    person_id = technicians[-1].person_id if technicians else room.ticket.assignee_id
    if person_id is None:
        turn.call.waiting = True
        turn.session.flush()
        open_page(turn.work, room.ticket, PageCause.NOT_JOINED)
        return wait_on(turn, before=conversation.NOT_JOINED)
    note_goodbye(turn.session, turn.call, person_id, timedelta())
    turn.session.flush()
    return rejoining.hung_up(turn)


def aside(turn: Turn) -> VoiceResponse:
    """The technician is at the keys while the caller hears music; silence leads back to them."""
    room = turn.room
    if not _caller_is_there(turn, room):
        return ask_what_next(turn, prompts.ALONE)
    if turn.digits == "2":
        _page_colleague(turn, room)
        return _back(turn, room, prompts.COLLEAGUE_CALLED)
    if turn.digits in {"3", "4"}:  # should their call end before the job is done: it is arranged
        arrange(turn.call, room.id, turn.now)
    if turn.digits == "3" and turn.call.person_id is not None:
        jobs.hand_over.wake(turn.session, room_id=room.id, person_id=turn.call.person_id)
        return finish(turn, prompts.HAND_OVER_DONE)
    if turn.digits == "4":
        jobs.finish_callers.wake(turn.session, room_id=room.id)
        return ask_what_next(turn, prompts.ENDED)
    return _back(turn, room, "") if turn.digits in {"", "1"} else _wrong_key(turn, room)


def _wrong_key(turn: Turn, room: Conference) -> VoiceResponse:
    if turn.useless_answer().is_play:
        return _back(turn, room, prompts.WRONG_KEYS_BACK)
    return _ask_aside(turn, room, prompts.NOT_UNDERSTOOD)


def _back(turn: Turn, room: Conference, words: str) -> VoiceResponse:
    """Into the room again. Who was at the keys has not heard another caller being announced."""
    turn.useful_answer()
    stays = stays_of_room(turn.session, room.id)
    mine = max((stay.left_at for stay in stays if stay.call_id == turn.call.id and stay.left_at), default=turn.now)
    if any(present(stay) and stay.sent_at >= mine for stay in stays if stay.role == ParticipantRole.CALLER):
        words = prompts.joined(words, prompts.CAME_MEANWHILE)
    jobs.hold_callers.wake(turn.session, room_id=room.id, on=False)
    return into_room(turn, room, ParticipantRole.TECHNICIAN, words)


def _page_colleague(turn: Turn, room: Conference) -> None:
    person = turn.person
    words = f"{person.name} asks for a colleague in the conversation."
    key = f"call:{turn.call.id}:{turn.call.turn}:colleague"
    record_event(turn.session, room.ticket_id, turn.now, EventKind.PAGE, words, key=key, person_id=person.id)
    open_page(turn.work, room.ticket, PageCause.COLLEAGUE)


def registered(turn: Turn) -> VoiceResponse:
    """The number that was chosen, unless the directory has changed meanwhile."""
    ticket = turn.about
    way = way_back(turn.session, turn.settings, ticket)
    offered = turn.call.memo.registered
    place = int(turn.digits) if turn.digits.isdecimal() else 0
    if 0 < place <= len(offered) and (offered[place - 1] in way.registered or way.number is not None):
        return call_customer(turn, ticket, None if way.number is not None else offered[place - 1])
    if turn.digits == "*" or not way.registered or turn.useless_answer():
        return ask_what_next(turn, prompts.WHAT_NEXT)
    return ask_which(turn, way, prompts.NOT_UNDERSTOOD if turn.digits else "")


def customer_picks_up(turn: Turn) -> VoiceResponse:
    """The customer answers the call back: into the room in which the technician waits."""
    room = turn.room
    stays = stays_of_room(turn.session, room.id)
    technician = next((stay for stay in stays if stay.role == ParticipantRole.TECHNICIAN and present(stay)), None)
    company = turn.settings.company_name
    if technician is None or technician.person_id is None:
        return goodbye(conversation.missed_you(company, room.ticket.number))
    person = turn.session.get_one(Person, technician.person_id)
    words = conversation.called_back(company, person.first_name, room.ticket.number)
    return into_room(turn, room, ParticipantRole.CALLER, words)

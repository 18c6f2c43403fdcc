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


def left(talk: LiveTalk) -> VoiceResponse:
    """The call is out of the room: over, or its owner pressed star, or the room ended under it."""
    if talk.call.room_id is None:  # never was in one: the network speaks of another call
        return empty()
    room = talk.room
    leave_rooms(talk)
    if talk.form.get("CallStatus") in FINAL:
        end_call(talk.session, talk.call, talk.form["CallStatus"], talk.now)
        return empty()
    if talk.call.person_id is None:
        return _caller_left_alone(talk, room)
    talk.call.about_ticket_id = room.ticket_id
    if not _caller_is_there(talk, room):
        return ask_what_next(talk, prompts.STOPPED_CALLING if _stop_calling(talk, room) else prompts.ALONE)
    jobs.hold_callers.wake(talk.session, room_id=room.id, on=True)
    talk.useful_answer()
    return _ask_aside(talk, room)


def _ask_aside(talk: Turn, room: Conference, again: str = "") -> VoiceResponse:
    stays = stays_of_room(talk.session, room.id)
    music = not any(present(stay) for stay in stays if stay.role == ParticipantRole.TECHNICIAN)
    return talk.ask("aside", prompts.joined(again, prompts.aside(music)), timeout=8)


def _caller_is_there(talk: Turn, room: Conference) -> bool:
    """Whether a caller is in the room, or on the way into it."""
    stays = stays_of_room(talk.session, room.id)
    return any(present(stay) for stay in stays if stay.role == ParticipantRole.CALLER) or (
        caller_is_waiting(talk.session, room.ticket_id)
    )


def _stop_calling(talk: Turn, room: Conference) -> bool:
    """The technician doesn't want to wait for the customer to pick up."""
    query = select(PhoneCall.id).where(
        PhoneCall.room_id == room.id, PhoneCall.purpose == Purpose.CALLBACK, PhoneCall.state != CallState.ENDED
    )
    calls = talk.session.scalars(query).all()
    for call_id in calls:
        jobs.cut_off.wake(talk.session, call_id=call_id)
    return bool(calls)


def _caller_left_alone(talk: LiveTalk, room: Conference) -> VoiceResponse:
    """The room ended though the caller is still there: asked as if the technician had hung up, if there was one."""
    technicians = [stay for stay in stays_of_room(talk.session, room.id) if stay.role == ParticipantRole.TECHNICIAN]
    person_id = technicians[-1].person_id if technicians else room.ticket.assignee_id
    if person_id is None:
        talk.call.waiting = True
        talk.session.flush()
        open_page(talk.work, room.ticket, PageCause.NOT_JOINED)
        return wait_on(talk, before=conversation.NOT_JOINED)
    note_goodbye(talk.session, talk.call, person_id, timedelta())
    talk.session.flush()
    return rejoining.hung_up(talk)


def aside(talk: Turn) -> VoiceResponse:
    """The technician is at the keys while the caller hears music; silence leads back to them."""
    room = talk.room
    if not _caller_is_there(talk, room):
        return ask_what_next(talk, prompts.ALONE)
    if talk.digits == "2":
        _page_colleague(talk, room)
        return _back(talk, room, prompts.COLLEAGUE_CALLED)
    if talk.digits in {"3", "4"}:  # should their call end before the job is done: it is arranged
        arrange(talk.call, room.id, talk.now)
    if talk.digits == "3" and talk.call.person_id is not None:
        jobs.hand_over.wake(talk.session, room_id=room.id, person_id=talk.call.person_id)
        return finish(talk, prompts.HAND_OVER_DONE)
    if talk.digits == "4":
        jobs.finish_callers.wake(talk.session, room_id=room.id)
        return ask_what_next(talk, prompts.ENDED)
    return _back(talk, room, "") if talk.digits in {"", "1"} else _wrong_key(talk, room)


def _wrong_key(talk: Turn, room: Conference) -> VoiceResponse:
    if talk.useless_answer().is_play:
        return _back(talk, room, prompts.WRONG_KEYS_BACK)
    return _ask_aside(talk, room, prompts.NOT_UNDERSTOOD)


def _back(talk: Turn, room: Conference, words: str) -> VoiceResponse:
    """Into the room again. Who was at the keys has not heard another caller being announced."""
    talk.useful_answer()
    stays = stays_of_room(talk.session, room.id)
    mine = max((stay.left_at for stay in stays if stay.call_id == talk.call.id and stay.left_at), default=talk.now)
    if any(present(stay) and stay.sent_at >= mine for stay in stays if stay.role == ParticipantRole.CALLER):
        words = prompts.joined(words, prompts.CAME_MEANWHILE)
    jobs.hold_callers.wake(talk.session, room_id=room.id, on=False)
    return into_room(talk, room, ParticipantRole.TECHNICIAN, words)


def _page_colleague(talk: Turn, room: Conference) -> None:
    person = talk.person
    words = f"{person.name} asks for a colleague in the conversation."
    key = f"call:{talk.call.id}:{talk.call.turn}:colleague"
    record_event(talk.session, room.ticket_id, talk.now, EventKind.PAGE, words, key=key, person_id=person.id)
    open_page(talk.work, room.ticket, PageCause.COLLEAGUE)


def registered(talk: Turn) -> VoiceResponse:
    """The number that was chosen, unless the directory has changed meanwhile."""
    ticket = talk.about
    way = way_back(talk.session, talk.settings, ticket)
    offered = talk.call.memo.registered
    place = int(talk.digits) if talk.digits.isdecimal() else 0
    if 0 < place <= len(offered) and (offered[place - 1] in way.registered or way.number is not None):
        return call_customer(talk, ticket, None if way.number is not None else offered[place - 1])
    if talk.digits == "*" or not way.registered or talk.useless_answer():
        return ask_what_next(talk, prompts.WHAT_NEXT)
    return ask_which(talk, way, prompts.NOT_UNDERSTOOD if talk.digits else "")


def customer_picks_up(talk: Turn) -> VoiceResponse:
    """The customer answers the call back: into the room in which the technician waits."""
    room = talk.room
    stays = stays_of_room(talk.session, room.id)
    technician = next((stay for stay in stays if stay.role == ParticipantRole.TECHNICIAN and present(stay)), None)
    company = talk.settings.company_name
    if technician is None or technician.person_id is None:
        return goodbye(conversation.missed_you(company, room.ticket.number))
    person = talk.session.get_one(Person, technician.person_id)
    words = conversation.called_back(company, person.first_name, room.ticket.number)
    return into_room(talk, room, ParticipantRole.CALLER, words)

"""A call goes into a room, by a document, and out of it."""

from typing import Final

from sqlalchemy.orm import Session

from ivr.prompts import conversation
from ivr.turn import Turn
from ivr.twilio import addresses
from ivr.twilio.twiml import Dial, VoiceResponse, spoken
from oncall.calls.conference import send_to_room
from oncall.calls.participants import present, stay_left, stays_of_call, stays_of_room
from oncall.models import jobs
from oncall.models.calls import PhoneCall
from oncall.models.conferences import Conference, Participant, ParticipantRole

# Labels of technicians who were led back while no stay could be put down; each is a stay of its own.
BACK: Final = "back-"


def into_room(turn: Turn, room: Conference, role: ParticipantRole, words: str) -> VoiceResponse:
    """Say `words`, then join. A technician may leave by star; nobody's leaving ends the room for the others."""
    stay = send_to_room(turn.session, turn.call, room, role, turn.now)
    turn.call.memo.arranged = None  # who is back takes care of everybody themselves
    if role == ParticipantRole.CALLER and _comes_later(turn, room, stay):
        jobs.announce_caller.wake(turn.session, room_id=room.id, call_id=turn.call.id)
    response = spoken(words)
    dial = Dial(action=turn.url("left"), method="POST", hangup_on_star=role == ParticipantRole.TECHNICIAN)
    dial.conference(
        room.name,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        beep="false",
        participant_label=stay.label,
        wait_url=addresses.hold_url(turn.settings),
        wait_method="POST",
        status_callback=addresses.room_events_url(turn.settings, room.id),
        status_callback_method="POST",
        status_callback_event="start end join leave",
    )
    response.append(dial)
    turn.call.step = "left"
    return response


def _comes_later(turn: Turn, room: Conference, stay: Participant) -> bool:
    """Whether this caller comes into a conversation that others are in, who should hear so."""
    if turn.call.memo.joined_later == room.id:
        return True
    stays = stays_of_room(turn.session, room.id)
    return any(
        other.role == ParticipantRole.CALLER and other.call_id != stay.call_id and present(other) for other in stays
    )


def leave_rooms(turn: Turn) -> None:
    """Whatever room the call was in: its stay there is over."""
    for stay in stays_of_call(turn.session, turn.call.id):
        stay_left(turn.session, stay, turn.now)


def announcement(session: Session, call_id: int | None) -> VoiceResponse:
    """What those in a room hear when this caller comes in."""
    call = session.get(PhoneCall, call_id) if call_id is not None else None
    customer = call.customer.name if call is not None and call.customer is not None else None
    return spoken(conversation.joins_you(customer, call.memo.raised if call is not None else None))

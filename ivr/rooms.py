"""The document that puts a call into a room."""

from typing import Final

from ivr import addresses
from ivr.talk import Talk
from ivr.twiml import Dial, VoiceResponse, spoken
from oncall.joining import send_to_room
from oncall.rooms import Room

# Labels of technicians who were led back while no stay could be put down; each is a stay of its own.
BACK: Final = "back-"


def into_room(talk: Talk, room: Room, role: str, words: str) -> VoiceResponse:
    """Say `words`, then join. A technician may leave by star; nobody's leaving ends the room for the others."""
    stay = send_to_room(talk.session, talk.call, room, role, talk.now)
    response = spoken(words)
    dial = Dial(action=talk.url("left"), method="POST", hangup_on_star=role == "technician")
    dial.conference(
        room.name,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        beep="false",
        participant_label=stay.label,
        wait_url=addresses.hold_url(talk.settings),
        wait_method="POST",
        status_callback=addresses.room_events_url(talk.settings, room.id),
        status_callback_method="POST",
        status_callback_event="start end join leave",
    )
    response.append(dial)
    talk.call.step = "left"
    return response

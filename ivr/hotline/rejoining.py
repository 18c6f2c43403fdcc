"""The technician's line has ended, and the caller is still there: what happens around the questions they are asked."""

from ivr.conference import leave_rooms
from ivr.dialogue.hung_up import ask_if_done
from ivr.hotline.live import LiveTalk
from ivr.prompts import keypad
from ivr.twilio.twiml import VoiceResponse


def hung_up(talk: LiveTalk) -> VoiceResponse:
    """At once: what has happened, and what to do."""
    _stay_on_the_line(talk)
    talk.useful_answer()
    return ask_if_done(talk)


def rejoining(talk: LiveTalk) -> VoiceResponse:
    """While the technician is rung: another round of music, or on."""
    return talk.while_ringing(before=keypad.NOT_UNDERSTOOD if talk.digits else "")


def unreached(talk: LiveTalk) -> VoiceResponse:
    """Nobody is rung any more."""
    _stay_on_the_line(talk)
    return talk.rung_in_vain()


def _stay_on_the_line(talk: LiveTalk) -> None:
    leave_rooms(talk)
    talk.call.waiting = talk.call.live

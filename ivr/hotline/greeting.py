"""The first words of a call, incoming or made by us."""

from ivr.dialogue import entrance
from ivr.hotline.live import LiveTalk
from ivr.technician import drill, paged
from ivr.technician.room import customer_picks_up
from ivr.technician.telling import tell_next
from ivr.twilio.twiml import VoiceResponse
from oncall.models.calls import Purpose


def greet(talk: LiveTalk) -> VoiceResponse:
    """A caller, or a number that is rung back."""
    response = entrance.greet(talk)
    talk.call.step = "greeting"  # who hangs up now has not even come to the PIN
    return response


def answered(talk: LiveTalk) -> VoiceResponse:
    """A call that we made was picked up."""
    if talk.call.purpose == Purpose.CALLBACK:
        return customer_picks_up(talk)
    if talk.call.purpose == Purpose.HOTLINE:
        return greet(talk)
    if talk.call.purpose == Purpose.CONNECT:
        return paged.offer_caller(talk)
    if talk.call.purpose == Purpose.DRILL:
        return drill.begin(talk)
    return tell_next(talk)

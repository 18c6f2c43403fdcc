"""The first words of a call, incoming or made by us."""

from ivr.hotline import office
from ivr.pin_check import PIN_PAUSE
from ivr.prompts import entrance
from ivr.technician import drill, paged
from ivr.technician.room import customer_picks_up
from ivr.technician.telling import tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.models.calls import Direction, Purpose
from oncall.models.people import by_phone


def greet(talk: Turn) -> VoiceResponse:
    """Ask for the PIN: the customer's, or the technician's own."""
    response = talk.ask("pin", _first_words(talk), keys=None, timeout=PIN_PAUSE)
    talk.call.step = "greeting"  # who hangs up now has not even come to the PIN
    return response


def _first_words(talk: Turn) -> str:
    person = by_phone(talk.session, talk.call.number)
    if person is not None and person.pin_digest is not None:
        return entrance.STAFF_GREETING
    if talk.call.direction == Direction.OUT:
        return entrance.rung_back(talk.settings.company_name)
    return entrance.greeting(talk.settings.company_name, office.reachable_now(talk))


def answered(talk: Turn) -> VoiceResponse:
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

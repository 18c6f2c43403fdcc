"""A technician whose line has ended is rung, as the caller is still there. Only key 1 joins them again."""

from ivr.technician import prompts
from ivr.technician.joining import join
from ivr.technician.questions import end, not_there
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.calls.goodbye import callers_left
from oncall.models.calls import caller_is_waiting
from oncall.models.pages import PageState, Via, page_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import accept
from oncall.paging.engine import LISTENING


def offer(talk: Turn) -> VoiceResponse:
    """Which caller is still there, or has come meanwhile; or, when nobody is any more, what to do about it."""
    ticket = talk.ticket
    talk.call.about_ticket_id = ticket.id
    if not caller_is_waiting(talk.session, ticket.id):
        return not_there(talk)
    return _ask(talk, ticket)


def _ask(talk: Turn, ticket: Ticket, before: str = "") -> VoiceResponse:
    again = talk.session.scalar(callers_left(talk.session, ticket.id).limit(1)) is not None
    words = (prompts.rejoin if again else prompts.caller_waits)(ticket.customer.name, ticket.number)
    return talk.ask("rejoin_key", f"{before} {words}".strip())


def rejoin_key(talk: Turn) -> VoiceResponse:
    """1 joins. A wrong key is told as such and costs no reading, but the caller does not wait for it for ever."""
    ticket = talk.ticket
    if talk.digits == "1":
        return _join(talk, ticket)
    if not caller_is_waiting(talk.session, ticket.id):
        return not_there(talk)
    readings = talk.call.memo.rejoin_readings + (not talk.digits)
    talk.call.memo.rejoin_readings = readings
    too_long = talk.call.answered_at is not None and talk.now >= talk.call.answered_at + LISTENING
    if readings > paging_times(talk.session).readings or too_long:
        return end(talk, prompts.ONLY_WRONG_KEYS if talk.digits else prompts.NOTHING_CHOSEN)
    return _ask(talk, ticket, prompts.NOT_UNDERSTOOD if talk.digits else "")


def _join(talk: Turn, ticket: Ticket) -> VoiceResponse:
    """Into a room with the caller. A search that goes on for the ticket ends with it."""
    if not caller_is_waiting(talk.session, ticket.id):
        return not_there(talk)
    page = page_of(talk.session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        accept(talk.work, page.id, talk.person, Via.PHONE)
    return join(talk, ticket, prompts.CONNECTING_AGAIN)

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


def offer(turn: Turn) -> VoiceResponse:
    """Which caller is still there, or has come meanwhile; or, when nobody is any more, what to do about it."""
    ticket = turn.ticket
    turn.call.about_ticket_id = ticket.id
    if not caller_is_waiting(turn.session, ticket.id):
        return not_there(turn)
    return _ask(turn, ticket)


def _ask(turn: Turn, ticket: Ticket, before: str = "") -> VoiceResponse:
    again = turn.session.scalar(callers_left(turn.session, ticket.id).limit(1)) is not None
    words = (prompts.rejoin if again else prompts.caller_waits)(ticket.customer.name, ticket.number)
    return turn.ask("rejoin_key", f"{before} {words}".strip())


def rejoin_key(turn: Turn) -> VoiceResponse:
    """1 joins. A wrong key is told as such and costs no reading, but the caller does not wait for it for ever."""
    ticket = turn.ticket
    if turn.digits == "1":
        return _join(turn, ticket)
    if not caller_is_waiting(turn.session, ticket.id):
        return not_there(turn)
    readings = turn.call.memo.rejoin_readings + (not turn.digits)
    turn.call.memo.rejoin_readings = readings
    too_long = turn.call.answered_at is not None and turn.now >= turn.call.answered_at + LISTENING
    if readings > paging_times(turn.session).readings or too_long:
        return end(turn, prompts.ONLY_WRONG_KEYS if turn.digits else prompts.NOTHING_CHOSEN)
    return _ask(turn, ticket, prompts.NOT_UNDERSTOOD if turn.digits else "")


def _join(turn: Turn, ticket: Ticket) -> VoiceResponse:
    """Into a room with the caller. A search that goes on for the ticket ends with it."""
    if not caller_is_waiting(turn.session, ticket.id):
        return not_there(turn)
    page = page_of(turn.session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        accept(turn.work, page.id, turn.person, Via.PHONE)
    return join(turn, ticket, prompts.CONNECTING_AGAIN)

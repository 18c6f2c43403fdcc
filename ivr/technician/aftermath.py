"""After a conversation, or instead of one: call the customer back, close with a spoken note, leave it open."""

from ivr.technician import prompts
from ivr.technician.joining import call_customer
from ivr.technician.questions import ask_again, ask_note, ask_what_next, finish, not_there
from ivr.technician.telling import tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.models.tickets import Ticket
from oncall.paging.engine import open_attempts_of
from oncall.tickets.closing import close_with_recording


def alone(turn: Turn) -> VoiceResponse:
    """The caller has gone."""
    return _next(turn, prompts.ALONE) if turn.call.room_id is not None else not_there(turn)


def unanswered(turn: Turn) -> VoiceResponse:
    """The customer did not pick up the call back."""
    return _next(turn, prompts.UNANSWERED)


def _next(turn: Turn, words: str) -> VoiceResponse:
    if turn.call.room_id is not None:
        turn.call.about_ticket_id = turn.room.ticket_id
    return ask_what_next(turn, words)


def alone_key(turn: Turn) -> VoiceResponse:
    """What the technician wants to do with the ticket now."""
    ticket = turn.about
    if turn.digits == "1":
        return call_customer(turn, ticket)
    if turn.digits == "2":
        return ask_note(turn, ticket)
    if turn.digits == "3":
        return _leave_open(turn, ticket)
    useless = turn.useless_answer()
    if useless.is_enough:
        return _leave_open(turn, ticket, prompts.ONLY_WRONG_KEYS if useless.is_play else "")
    return ask_again(turn, prompts.joined(prompts.NOT_UNDERSTOOD if turn.digits else "", prompts.WHAT_NEXT))


def _leave_open(turn: Turn, ticket: Ticket, why: str = "") -> VoiceResponse:
    mine = ticket.assignee_id == turn.call.person_id
    words = prompts.joined(why, prompts.LEAVE_OPEN if mine else prompts.LEAVE_OPEN_THEIRS)
    turn.useful_answer()
    if open_attempts_of(turn.session, turn.call.id):
        return tell_next(turn, before=words)
    return finish(turn, words)


def closed(turn: Turn) -> VoiceResponse:
    """The note is there: the ticket is closed. Without one it stays open."""
    ticket = turn.about
    said = turn.recording
    if said is None or turn.call.person_id is None:
        words = prompts.NOTE_EMPTY
    else:
        close_with_recording(turn.work, ticket, turn.person, said)
        words = prompts.closed(ticket.number)
    if open_attempts_of(turn.session, turn.call.id):
        return tell_next(turn, before=words)
    return finish(turn, words)

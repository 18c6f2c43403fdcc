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


def alone(talk: Turn) -> VoiceResponse:
    """The caller has gone."""
    return _next(talk, prompts.ALONE) if talk.call.room_id is not None else not_there(talk)


def unanswered(talk: Turn) -> VoiceResponse:
    """The customer did not pick up the call back."""
    return _next(talk, prompts.UNANSWERED)


def _next(talk: Turn, words: str) -> VoiceResponse:
    if talk.call.room_id is not None:
        talk.call.about_ticket_id = talk.room.ticket_id
    return ask_what_next(talk, words)


def alone_key(talk: Turn) -> VoiceResponse:
    """What the technician wants to do with the ticket now."""
    ticket = talk.about
    if talk.digits == "1":
        return call_customer(talk, ticket)
    if talk.digits == "2":
        return ask_note(talk, ticket)
    if talk.digits == "3":
        return _leave_open(talk, ticket)
    useless = talk.useless_answer()
    if useless.is_enough:
        return _leave_open(talk, ticket, prompts.ONLY_WRONG_KEYS if useless.is_play else "")
    return ask_again(talk, prompts.joined(prompts.NOT_UNDERSTOOD if talk.digits else "", prompts.WHAT_NEXT))


def _leave_open(talk: Turn, ticket: Ticket, why: str = "") -> VoiceResponse:
    mine = ticket.assignee_id == talk.call.person_id
    words = prompts.joined(why, prompts.LEAVE_OPEN if mine else prompts.LEAVE_OPEN_THEIRS)
    talk.useful_answer()
    if open_attempts_of(talk.session, talk.call.id):
        return tell_next(talk, before=words)
    return finish(talk, words)


def closed(talk: Turn) -> VoiceResponse:
    """The note is there: the ticket is closed. Without one it stays open."""
    ticket = talk.about
    said = talk.recording
    if said is None or talk.call.person_id is None:
        words = prompts.NOTE_EMPTY
    else:
        close_with_recording(talk.work, ticket, talk.person, said)
        words = prompts.closed(ticket.number)
    if open_attempts_of(talk.session, talk.call.id):
        return tell_next(talk, before=words)
    return finish(talk, words)

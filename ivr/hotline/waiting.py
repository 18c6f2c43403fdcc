"""Waiting: music, and honest words about what is going on."""

from ivr.conference import into_room, leave_rooms
from ivr.hotline.questions import PAUSE_AFTER_MUSIC, ask_number, wait_on
from ivr.prompts import conversation, keypad, waiting
from ivr.turn import Turn
from ivr.twilio.addresses import music_url
from ivr.twilio.twiml import VoiceResponse, goodbye, spoken
from oncall.calls.goodbye import ringing
from oncall.calls.known_ticket import talkers
from oncall.models import jobs
from oncall.models.calls import caller_is_waiting
from oncall.models.conferences import ParticipantRole
from oncall.models.tickets import TicketState


def wait(turn: Turn) -> VoiceResponse:
    """Key 1 asks for a call back; silence goes on waiting, and any other key is told as wrong."""
    if turn.digits == "1":
        turn.useful_answer()
        return ask_number(turn)
    return _wrong_key(turn) if turn.digits else wait_on(turn)


def _wrong_key(turn: Turn) -> VoiceResponse:
    """Who waits is never sent away. After too many keys without a meaning, none is listened to for one round."""
    turn.call.waiting = turn.call.live
    if not turn.useless_answer().is_play:
        return turn.ask("wait", f"{keypad.NOT_UNDERSTOOD} {waiting.WAIT_KEYS}", timeout=PAUSE_AFTER_MUSIC, music=True)
    response = spoken(waiting.ONLY_WRONG_KEYS)
    response.play(music_url(turn.settings))
    response.redirect(turn.url("wait", silent=1), method="POST")
    turn.call.step = "wait"
    return response


def room(turn: Turn) -> VoiceResponse:
    """A technician is in the room: join. Who comes into a conversation that goes on hears with whom.

    Whoever is still being rung to come back is not any more.
    """
    leave_rooms(turn)
    turn.call.result = "joined with a technician"
    there = turn.room
    words = conversation.JOINING
    joins, turn.call.memo.joins = turn.call.memo.joins, None
    if joins == there.id:
        turn.call.memo.joined_later = there.id
        words = conversation.joining_others(talkers(turn.session, there.id))
    document = into_room(turn, there, ParticipantRole.CALLER, words)
    _stop_ringing(turn)
    return document


def _stop_ringing(turn: Turn) -> None:
    """Nobody is rung again for a caller who is served, unless another one waits: the job looks at that once more."""
    turn.session.flush()
    ticket_id = turn.call.ticket_id
    rung = None if caller_is_waiting(turn.session, ticket_id or 0) else ringing(turn.session, ticket_id, turn.now)
    if rung is not None:
        jobs.cut_off.wake(turn.session, call_id=rung.id)


def missed(turn: Turn) -> VoiceResponse:
    """The conversation that they were to join has ended in this very moment: wait for its technician."""
    leave_rooms(turn)
    turn.call.memo.joined_later = None
    return wait_on(turn, before=conversation.MISSED)


def dropped(turn: Turn) -> VoiceResponse:
    """The technician's line ended before any conversation: back to waiting, while the page goes on."""
    leave_rooms(turn)
    return wait_on(turn, before=conversation.NOT_JOINED)


def handed(turn: Turn) -> VoiceResponse:
    """The technician hands over: wait for the colleague."""
    leave_rooms(turn)
    turn.call.memo.left_by = None
    return wait_on(turn, before=conversation.HANDED_OVER)


def finished(turn: Turn) -> VoiceResponse:
    """The technician ended the conversation, or has closed the ticket for which they wait."""
    leave_rooms(turn)
    turn.call.waiting = False
    turn.call.memo.left_by = None
    _stop_ringing(turn)
    closed = turn.ticket.state == TicketState.CLOSED
    return goodbye(conversation.TICKET_CLOSED if closed else conversation.TECHNICIAN_FINISHED)

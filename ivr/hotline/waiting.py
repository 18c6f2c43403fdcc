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


def wait(talk: Turn) -> VoiceResponse:
    """Key 1 asks for a call back; silence goes on waiting, and any other key is told as wrong."""
    if talk.digits == "1":
        talk.useful_answer()
        return ask_number(talk)
    return _wrong_key(talk) if talk.digits else wait_on(talk)


def _wrong_key(talk: Turn) -> VoiceResponse:
    """Who waits is never sent away. After too many keys without a meaning, none is listened to for one round."""
    talk.call.waiting = talk.call.live
    if not talk.useless_answer().is_play:
        return talk.ask("wait", f"{keypad.NOT_UNDERSTOOD} {waiting.WAIT_KEYS}", timeout=PAUSE_AFTER_MUSIC, music=True)
    response = spoken(waiting.ONLY_WRONG_KEYS)
    response.play(music_url(talk.settings))
    response.redirect(talk.url("wait", silent=1), method="POST")
    talk.call.step = "wait"
    return response


def room(talk: Turn) -> VoiceResponse:
    """A technician is in the room: join. Who comes into a conversation that goes on hears with whom.

    Whoever is still being rung to come back is not any more.
    """
    leave_rooms(talk)
    talk.call.result = "joined with a technician"
    there = talk.room
    words = conversation.JOINING
    joins, talk.call.memo.joins = talk.call.memo.joins, None
    if joins == there.id:
        talk.call.memo.joined_later = there.id
        words = conversation.joining_others(talkers(talk.session, there.id))
    document = into_room(talk, there, ParticipantRole.CALLER, words)
    _stop_ringing(talk)
    return document


def _stop_ringing(talk: Turn) -> None:
    """Nobody is rung again for a caller who is served, unless another one waits: the job looks at that once more."""
    talk.session.flush()
    ticket_id = talk.call.ticket_id
    rung = None if caller_is_waiting(talk.session, ticket_id or 0) else ringing(talk.session, ticket_id, talk.now)
    if rung is not None:
        jobs.cut_off.wake(talk.session, call_id=rung.id)


def missed(talk: Turn) -> VoiceResponse:
    """The conversation that they were to join has ended in this very moment: wait for its technician."""
    leave_rooms(talk)
    talk.call.memo.joined_later = None
    return wait_on(talk, before=conversation.MISSED)


def dropped(talk: Turn) -> VoiceResponse:
    """The technician's line ended before any conversation: back to waiting, while the page goes on."""
    leave_rooms(talk)
    return wait_on(talk, before=conversation.NOT_JOINED)


def handed(talk: Turn) -> VoiceResponse:
    """The technician hands over: wait for the colleague."""
    leave_rooms(talk)
    talk.call.memo.left_by = None
    return wait_on(talk, before=conversation.HANDED_OVER)


def finished(talk: Turn) -> VoiceResponse:
    """The technician ended the conversation, or has closed the ticket for which they wait."""
    leave_rooms(talk)
    talk.call.waiting = False
    talk.call.memo.left_by = None
    _stop_ringing(talk)
    closed = talk.ticket.state == TicketState.CLOSED
    return goodbye(conversation.TICKET_CLOSED if closed else conversation.TECHNICIAN_FINISHED)

"""Waiting: music, and honest words about what is going on."""

from core.wakeups import URGENT, wake
from ivr import prompts
from ivr.rooms import into_room
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, goodbye
from oncall.calls import LEFT_BY
from oncall.goodbyes import ringing
from oncall.joining import stay_left, stays_of_call
from oncall.rooms import Room
from oncall.search import search_for

# Together with the clip of about 18 s: a word at least every 30 s (product, hotline step 10).
PAUSE_AFTER_MUSIC = 1


def wait_on(talk: Talk, before: str = "") -> VoiceResponse:
    """One round of waiting: what goes on, how to be called back, music; then the next round."""
    talk.call.waiting = talk.call.live
    rounds = int(talk.call.memo.get("rounds", 0))
    talk.call.memo["rounds"] = rounds + 1
    hint = prompts.WAIT_KEYS if rounds % 3 == 0 else ""
    status = prompts.waiting(search_for(talk.session, talk.call.ticket_id or 0))
    words = " ".join(filter(None, (before, status, hint)))
    return talk.ask("wait", words, timeout=PAUSE_AFTER_MUSIC, music=True)


def wait(talk: Talk) -> VoiceResponse:
    """Key 1 asks for a call back; anything else goes on waiting."""
    if talk.digits == "1":
        from ivr.hotline import callback

        return callback.offer(talk)
    return wait_on(talk)


def room(talk: Talk) -> VoiceResponse:
    """A technician is in the room: join. Whoever is still being rung to come back is not any more."""
    leave_rooms(talk)
    talk.call.result = "joined with a technician"
    there = talk.session.get_one(Room, talk.call.room_id)
    document = into_room(talk, there, "caller", prompts.JOINING)
    rung = ringing(talk.session, talk.call.ticket_id, talk.now) if LEFT_BY in talk.call.memo else None
    if rung is not None:
        wake(talk.session, "cut_off", priority=URGENT, call_id=rung.id)
    return document


def dropped(talk: Talk) -> VoiceResponse:
    """The technician's line ended before any conversation: back to waiting, while the page goes on."""
    leave_rooms(talk)
    return wait_on(talk, before=prompts.NOT_JOINED)


def handed(talk: Talk) -> VoiceResponse:
    """The technician hands over: wait for the colleague."""
    leave_rooms(talk)
    talk.call.memo.pop(LEFT_BY, None)
    return wait_on(talk, before=prompts.HANDED_OVER)


def finished(talk: Talk) -> VoiceResponse:
    """The technician ended the conversation."""
    leave_rooms(talk)
    talk.call.waiting = False
    closed = talk.call.room_id is None or talk.call.memo.pop(LEFT_BY, None) is not None
    return goodbye(prompts.TICKET_CLOSED if closed else prompts.TECHNICIAN_FINISHED)


def leave_rooms(talk: Talk) -> None:
    """Whatever room the call was in: its stay there is over."""
    for stay in stays_of_call(talk.session, talk.call.id):
        stay_left(talk.session, stay, talk.now)

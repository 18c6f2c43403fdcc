"""Waiting: music, and honest words about what is going on."""

from sqlalchemy import func, select

from ivr import prompts
from ivr.rooms import into_room
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, goodbye
from oncall.hotline import page_of
from oncall.joining import stay_left, stays_of_call
from oncall.paging.escalation import is_everybody_round
from oncall.paging.models import Attempt, Page
from oncall.people import Person
from oncall.rooms import Room
from oncall.setting import paging_times

# Together with the clip of about 18 s: a word at least every 30 s (product, hotline step 10).
PAUSE_AFTER_MUSIC = 1


def wait_on(talk: Talk, before: str = "") -> VoiceResponse:
    """One round of waiting: what goes on, how to be called back, music; then the next round."""
    talk.call.waiting = talk.call.live
    rounds = int(talk.call.memo.get("rounds", 0))
    talk.call.memo["rounds"] = rounds + 1
    hint = f" {prompts.WAIT_KEYS}" if rounds % 3 == 0 else ""
    return talk.ask("wait", status(talk) + hint, timeout=PAUSE_AFTER_MUSIC, before=before, music=True)


def wait(talk: Talk) -> VoiceResponse:
    """Key 1 asks for a call back; anything else goes on waiting."""
    if talk.digits == "1":
        last = talk.call.number[-2:] if talk.call.number else None
        return talk.ask("callback", prompts.callback_offer(last), keys=None, timeout=8)
    return wait_on(talk)


def status(talk: Talk) -> str:
    """What is really going on with this caller's page, in a sentence."""
    page = page_of(talk.session, talk.call.ticket_id or 0)
    if page is None:
        return prompts.waiting(0, False, 1, False, None)
    holder = talk.session.get(Person, page.accepted_by_id) if page.accepted_by_id else None
    tried, open_ = _tried(talk, page)
    everybody = is_everybody_round(page.round, paging_times(talk.session))
    return prompts.waiting(tried, open_ > 0, page.round, everybody, holder.first_name if holder else None)


def _tried(talk: Talk, page: Page) -> tuple[int, int]:
    """How many people were tried for a page so far, and how many are being tried."""
    query = select(func.count(func.distinct(Attempt.person_id)), func.count().filter(Attempt.outcome.is_(None))).where(
        Attempt.page_id == page.id
    )
    tried, open_ = talk.session.execute(query).one()
    return int(tried), int(open_)


def room(talk: Talk) -> VoiceResponse:
    """A technician is in the room: join."""
    _leave_rooms(talk)
    there = talk.session.get_one(Room, talk.call.room_id)
    return into_room(talk, there, "caller", prompts.JOINING)


def dropped(talk: Talk) -> VoiceResponse:
    """The technician's line dropped: back to waiting."""
    _leave_rooms(talk)
    return wait_on(talk, before=prompts.DROPPED)


def handed(talk: Talk) -> VoiceResponse:
    """The technician hands over: wait for the colleague."""
    _leave_rooms(talk)
    return wait_on(talk, before=prompts.HANDED_OVER)


def finished(talk: Talk) -> VoiceResponse:
    """The technician ended the conversation."""
    _leave_rooms(talk)
    talk.call.waiting = False
    return goodbye(prompts.TECHNICIAN_FINISHED)


def _leave_rooms(talk: Talk) -> None:
    for stay in stays_of_call(talk.session, talk.call.id):
        stay_left(talk.session, stay, talk.now)

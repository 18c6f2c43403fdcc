"""The technician's line has ended, and the caller is still there: what they hear and press (`oncall.calls.goodbye`).

The pauses are those of the questions themselves, so that they hold though no worker is at hand.
"""

from ivr.conference import leave_rooms
from ivr.hotline.questions import PAUSE_AFTER_MUSIC, ask_next, ask_number, ask_whether, wait_on
from ivr.prompts import keypad, line_ended
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.goodbye import coming, last_ring, may_ring, ring, technician_of
from oncall.models import jobs
from oncall.models.calls import CallResult
from oncall.models.pages import PageCause
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.paging.engine import open_page
from oncall.tickets.intake import still_open_line


def hung_up(talk: Turn) -> VoiceResponse:
    """At once: what has happened, and what to do. With the rings of this call used up, what comes next."""
    leave_rooms(talk)
    talk.call.waiting = talk.call.live
    talk.useful_answer()
    if may_ring(talk.session, talk.call) or coming(talk.session, talk.call.ticket_id, talk.now) is not None:
        return ask_whether(talk, line_ended.HUNG_UP)
    return ask_next(talk, line_ended.HUNG_UP_AGAIN)


def hung_up_key(talk: Turn) -> VoiceResponse:
    """1 rings the technician at once, and so does staying on the line; any other key is told as such.

    Who is on the way already is waited for. With the rings used up by another caller, what comes next.
    """
    if talk.digits not in {"", "1"} and not talk.useless_answer().is_play:
        return ask_whether(talk, f"{keypad.NOT_UNDERSTOOD} {line_ended.HUNG_UP_KEYS}")
    talk.useful_answer()
    found = coming(talk.session, talk.call.ticket_id, talk.now)
    if found is None and not may_ring(talk.session, talk.call):
        return ask_next(talk, line_ended.HUNG_UP_AGAIN)
    if found is None or found.memo.rejoins:
        ring(talk.session, talk.call, talk.now)
        talk.call.memo.rung = True
    return _while_ringing(talk, first=True)


def rejoining(talk: Turn) -> VoiceResponse:
    """Another round of music, or on, when nobody is rung any more: also where no job has told of it."""
    return _while_ringing(talk, before=keypad.NOT_UNDERSTOOD if talk.digits else "")


def _while_ringing(talk: Turn, before: str = "", *, first: bool = False) -> VoiceResponse:
    found = coming(talk.session, talk.call.ticket_id, talk.now)
    if found is None or found.person is None:
        return _in_vain(talk)
    name = found.person.first_name
    begun = line_ended.ringing_again if found.memo.rejoins else line_ended.ringing_colleague
    words = begun(name) if first else line_ended.still_ringing(name)
    return talk.ask("rejoining", f"{before} {words}".strip(), timeout=PAUSE_AFTER_MUSIC, music=True)


def unreached(talk: Turn) -> VoiceResponse:
    """The technician was rung, and did not come back; or a colleague was on the way."""
    leave_rooms(talk)
    talk.call.waiting = talk.call.live
    return _in_vain(talk)


def _in_vain(talk: Turn) -> VoiceResponse:
    found = last_ring(talk.session, talk.call.ticket_id)
    busy = found is not None and found.result == CallResult.BUSY
    name = technician_of(talk.session, talk.call).first_name
    why = line_ended.unreached(name, busy=busy) if talk.call.memo.rung else line_ended.NOBODY_CAME
    if may_ring(talk.session, talk.call):
        return ask_whether(talk, f"{why} {line_ended.TRY_ONCE_MORE}")
    return ask_next(talk, why)


def next_key(talk: Turn) -> VoiceResponse:
    """1 calls the next person, 2 asks where to call back, silence ends; any other key is told as such."""
    if talk.digits == "1":
        return _next_person(talk)
    if talk.digits == "2":
        talk.useful_answer()
        return ask_number(talk)
    if talk.digits and not talk.useless_answer().is_play:
        return ask_next(talk, keypad.NOT_UNDERSTOOD)
    return _end(talk, wrong_keys=bool(talk.digits) or talk.useless.wrong_keys > 0)


def _next_person(talk: Turn) -> VoiceResponse:
    talk.useful_answer()
    ticket = talk.session.get_one(Ticket, talk.call.ticket_id)
    key = f"call:{talk.call.id}:{talk.call.turn}:next"
    record_event(talk.session, ticket.id, talk.now, EventKind.CALLER, "The caller asks for the next person.", key=key)
    after, talk.call.memo.left_by = talk.call.memo.left_by, None
    open_page(talk.work, ticket, PageCause.ASKED_ON, after=after)
    return wait_on(talk)


def _end(talk: Turn, *, wrong_keys: bool) -> VoiceResponse:
    """Nobody is on the line, or nobody wants anything. The technician is told, by text.

    `wrong_keys`: keys were pressed, but none that means anything here.
    """
    talk.call.waiting = False
    talk.call.memo.silent = True
    if wrong_keys:
        talk.call.memo.only_wrong_keys = True
    ticket_id = talk.call.ticket_id or 0
    record_event(
        talk.session,
        ticket_id,
        talk.now,
        EventKind.CALLER,
        still_open_line(wrong_keys),
        key=f"call:{talk.call.id}:silent",
    )
    jobs.conclude_goodbye.wake(talk.session, call_id=talk.call.id)
    person = technician_of(talk.session, talk.call)
    return goodbye(line_ended.silent_goodbye(None if person.retired else person.first_name, wrong_keys=wrong_keys))

"""What the technician presses when a page is told. Only a key accepts: a voicemail presses none."""

from ivr.technician import prompts, rejoin
from ivr.technician.joining import accepted, offer_ticket, take
from ivr.technician.questions import ask_what_next, end
from ivr.technician.telling import caller_for, is_wanted, read_out, tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from ivr.useless import MOST_WRONG_KEYS
from oncall.drills.checking import call_changed
from oncall.models.calls import Purpose, caller_is_waiting
from oncall.models.pages import Attempt, AttemptOutcome, Via, page_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import accept, give_up
from oncall.paging.call_queue import accept_all, count_told
from oncall.paging.keys import note_listening, note_wrong_key, one_more, pressed_to_hear, pressed_wrong


def choose(turn: Turn) -> VoiceResponse:
    """The technician's key: accept, pass, more, accept all, repeat. Silence counts readings, a wrong key none."""
    _heard(turn)
    attempt = turn.session.get(Attempt, turn.call.told_attempt_id or 0)
    if attempt is None or turn.call.person_id is None:
        return tell_next(turn)
    if turn.digits == "1":
        return accepted(turn, attempt.page_id, accept(turn.work, attempt.page_id, turn.person, Via.PHONE))
    if turn.digits == "2":
        passed = give_up(turn.session, attempt.id, AttemptOutcome.PASSED, turn.now)
        return tell_next(turn, before=prompts.PASSED if passed else "")
    if turn.digits == "5" and count_told(turn.session, turn.call) >= prompts.FEWEST_FOR_ALL:
        return _accept_all(turn)
    return _undecided(turn, attempt)


def _undecided(turn: Turn, attempt: Attempt) -> VoiceResponse:
    """Asked again, in more words or the same; or the next page, when this one has been decided elsewhere."""
    if attempt.outcome is not None:
        return tell_next(turn)
    if turn.digits in {"3", "9"}:
        note_listening(turn.call, attempt.id)
        return read_out(turn, attempt, details=turn.digits == "3")
    return _wrong_key(turn, attempt) if turn.digits else _no_key(turn, attempt)


def _accept_all(turn: Turn) -> VoiceResponse:
    """A caller who is on the line is joined; the others are called back one after the other."""
    count = count_told(turn.session, turn.call)
    page = accept_all(turn.work, turn.call, turn.person)
    if page is None:
        return tell_next(turn, before=prompts.NOBODY_NEEDED)
    if caller_is_waiting(turn.session, page.ticket_id):
        return take(turn, page.ticket)
    turn.call.about_ticket_id = page.ticket_id
    return ask_what_next(turn, prompts.all_accepted(count))


def _heard(turn: Turn) -> None:
    """In a test call that a page has taken over, a key of any kind shows what the test was to show."""
    if turn.call.purpose == Purpose.DRILL and turn.digits and not turn.call.memo.heard:
        turn.call.memo.heard = True
        call_changed(turn.session, turn.call)


def _no_key(turn: Turn, attempt: Attempt) -> VoiceResponse:
    count = turn.call.memo.readings.get(str(attempt.id), 1)
    if count < paging_times(turn.session).readings:
        turn.call.memo.readings = one_more(turn.call.memo.readings, attempt.id, begin=1)
        return read_out(turn, attempt)
    return _not_decided(turn, attempt)


def _wrong_key(turn: Turn, attempt: Attempt) -> VoiceResponse:
    """Told as such, and the page is read again, which costs no reading; up to a number nobody errs so often."""
    if note_wrong_key(turn.call, attempt.id) > MOST_WRONG_KEYS:
        return _not_decided(turn, attempt)
    return read_out(turn, attempt, again=prompts.NOT_UNDERSTOOD)


def _not_decided(turn: Turn, attempt: Attempt) -> VoiceResponse:
    """Nothing that means anything was pressed: the next person."""
    wrong = pressed_wrong(turn.call, attempt.id)
    given_up = give_up(
        turn.session, attempt.id, AttemptOutcome.WRONG_KEYS if wrong else AttemptOutcome.NO_KEY, turn.now
    )
    listened = pressed_to_hear(turn.call, attempt.id)
    words = prompts.WRONG_KEYS if wrong else prompts.UNDECIDED if listened else prompts.NO_KEY
    return tell_next(turn, before=words if given_up else "")


def offer_caller(turn: Turn) -> VoiceResponse:
    """They accepted by text or in the browser, and we ring them to be joined with the caller who holds.

    Or they have hung up, and the caller is still there; or they asked to be rung for a ticket that is theirs.
    """
    if turn.call.memo.rejoins:
        return rejoin.offer(turn)
    if turn.call.memo.asked_for and not is_wanted(turn):
        return offer_ticket(turn, turn.session.get_one(Ticket, turn.call.ticket_id))
    page = page_of(turn.session, turn.call.ticket_id or 0)
    if caller_for(turn) is None and page is not None and page.accepted_by_id == turn.call.person_id:
        return take(turn, page.ticket)
    return tell_next(turn)


def talk(turn: Turn) -> VoiceResponse:
    """Key 1 joins; too many silences end the call, and the page begins again."""
    _heard(turn)
    if turn.digits == "1":
        return take(turn, turn.about)
    useless = turn.useless_answer()
    if useless.is_enough:
        return end(turn, prompts.WRONG_KEYS if useless.wrong_keys else prompts.NO_KEY)
    return tell_next(turn, again=prompts.NOT_UNDERSTOOD if turn.digits else "")

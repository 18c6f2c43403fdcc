"""What the technician presses when a page is told. Only a key accepts: a voicemail presses none."""

from ivr.technician import prompts, rejoin
from ivr.technician.joining import accepted, take
from ivr.technician.questions import ask_what_next, end
from ivr.technician.telling import caller_for, read_out, tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from ivr.useless import MOST_WRONG_KEYS
from oncall.drills.checking import call_changed
from oncall.models.calls import Purpose, caller_is_waiting
from oncall.models.pages import Attempt, AttemptOutcome, Via, page_of
from oncall.models.stored_settings import paging_times
from oncall.paging.acknowledge import accept, give_up
from oncall.paging.call_queue import accept_all, count_told
from oncall.paging.keys import note_listening, note_wrong_key, one_more, pressed_to_hear, pressed_wrong


def choose(talk: Turn) -> VoiceResponse:
    """The technician's key: accept, pass, more, accept all, repeat. Silence counts readings, a wrong key none."""
    _heard(talk)
    attempt = talk.session.get(Attempt, talk.call.told_attempt_id or 0)
    if attempt is None or talk.call.person_id is None:
        return tell_next(talk)
    if talk.digits == "1":
        return accepted(talk, attempt.page_id, accept(talk.work, attempt.page_id, talk.person, Via.PHONE))
    if talk.digits == "2":
        passed = give_up(talk.session, attempt.id, AttemptOutcome.PASSED, talk.now)
        return tell_next(talk, before=prompts.PASSED if passed else "")
    if talk.digits == "5" and count_told(talk.session, talk.call) >= prompts.FEWEST_FOR_ALL:
        return _accept_all(talk)
    return _undecided(talk, attempt)


def _undecided(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Asked again, in more words or the same; or the next page, when this one has been decided elsewhere."""
    if attempt.outcome is not None:
        return tell_next(talk)
    if talk.digits in {"3", "9"}:
        note_listening(talk.call, attempt.id)
        return read_out(talk, attempt, details=talk.digits == "3")
    return _wrong_key(talk, attempt) if talk.digits else _no_key(talk, attempt)


def _accept_all(talk: Turn) -> VoiceResponse:
    """A caller who is on the line is joined; the others are called back one after the other."""
    count = count_told(talk.session, talk.call)
    page = accept_all(talk.work, talk.call, talk.person)
    if page is None:
        return tell_next(talk, before=prompts.NOBODY_NEEDED)
    if caller_is_waiting(talk.session, page.ticket_id):
        return take(talk, page.ticket)
    talk.call.about_ticket_id = page.ticket_id
    return ask_what_next(talk, prompts.all_accepted(count))


def _heard(talk: Turn) -> None:
    """In a test call that a page has taken over, a key of any kind shows what the test was to show."""
    if talk.call.purpose == Purpose.DRILL and talk.digits and not talk.call.memo.heard:
        talk.call.memo.heard = True
        call_changed(talk.session, talk.call)


def _no_key(talk: Turn, attempt: Attempt) -> VoiceResponse:
    count = talk.call.memo.readings.get(str(attempt.id), 1)
    if count < paging_times(talk.session).readings:
        talk.call.memo.readings = one_more(talk.call.memo.readings, attempt.id, begin=1)
        return read_out(talk, attempt)
    return _not_decided(talk, attempt)


def _wrong_key(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Told as such, and the page is read again, which costs no reading; up to a number nobody errs so often."""
    if note_wrong_key(talk.call, attempt.id) > MOST_WRONG_KEYS:
        return _not_decided(talk, attempt)
    return read_out(talk, attempt, again=prompts.NOT_UNDERSTOOD)


def _not_decided(talk: Turn, attempt: Attempt) -> VoiceResponse:
    """Nothing that means anything was pressed: the next person."""
    wrong = pressed_wrong(talk.call, attempt.id)
    given_up = give_up(
        talk.session, attempt.id, AttemptOutcome.WRONG_KEYS if wrong else AttemptOutcome.NO_KEY, talk.now
    )
    listened = pressed_to_hear(talk.call, attempt.id)
    words = prompts.WRONG_KEYS if wrong else prompts.UNDECIDED if listened else prompts.NO_KEY
    return tell_next(talk, before=words if given_up else "")


def offer_caller(talk: Turn) -> VoiceResponse:
    """They accepted by text or in the browser, and we ring them to be joined with the caller who holds.

    Or they have hung up, and the caller is still there.
    """
    if talk.call.memo.rejoins:
        return rejoin.offer(talk)
    page = page_of(talk.session, talk.call.ticket_id or 0)
    if caller_for(talk) is None and page is not None and page.accepted_by_id == talk.call.person_id:
        return take(talk, page.ticket)
    return tell_next(talk)


def talk(talk: Turn) -> VoiceResponse:
    """Key 1 joins; too many silences end the call, and the page begins again."""
    _heard(talk)
    if talk.digits == "1":
        return take(talk, talk.about)
    useless = talk.useless_answer()
    if useless.is_enough:
        return end(talk, prompts.WRONG_KEYS if useless.wrong_keys else prompts.NO_KEY)
    return tell_next(talk, again=prompts.NOT_UNDERSTOOD if talk.digits else "")

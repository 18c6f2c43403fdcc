"""The test call before a shift. Only key 1 passes it; a page that comes meanwhile goes first, and is told in it."""

from ivr.technician import prompts
from ivr.technician.questions import end
from ivr.technician.telling import is_wanted, tell_next
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse
from oncall.drills.checking import call_changed
from oncall.models import jobs
from oncall.models.calls import Purpose
from oncall.models.drills import drill_of_call
from oncall.models.stored_settings import paging_times
from oncall.paging.engine import LISTENING
from schedules.wall_clock import spoken_when


def begin(talk: Turn) -> VoiceResponse:
    """The test call was picked up, though maybe a page has taken it over by now."""
    # Should its end never be reported: nobody listens for longer than this.
    jobs.cut_off.wake_at(talk.session, talk.runtime.clock, talk.now + LISTENING, call_id=talk.call.id, late=True)
    if is_wanted(talk):
        return tell_next(talk, before=prompts.NO_TEST)
    return _ask(talk)


def drill(talk: Turn) -> VoiceResponse:
    """The answer to the test: only 1 passes. Silence counts readings, as in a page; other keys are told as wrong."""
    if talk.digits == "1":
        talk.useful_answer()
        talk.call.memo.heard = True
        call_changed(talk.session, talk.call)
        if is_wanted(talk):
            return tell_next(talk, before=f"{prompts.TEST_PASSED} {prompts.NO_TEST}")
        return end(talk, prompts.TEST_PASSED)
    if is_wanted(talk):
        talk.useful_answer()
        return tell_next(talk, before=prompts.TEST_STOPS)
    useless = talk.useless_answer()
    if talk.digits:
        talk.call.memo.only_other_keys = True
    if useless.is_play or useless.silences >= paging_times(talk.session).readings:
        return end(talk, prompts.TEST_WRONG_KEYS if useless.wrong_keys else prompts.TEST_NO_KEY)
    return _ask(talk, again=prompts.NOT_UNDERSTOOD if talk.digits else "")


def taken(talk: Turn) -> VoiceResponse:
    """A call was fetched from its question: from the test because of a page, which may be over, or from a page."""
    if talk.call.purpose != Purpose.DRILL or talk.call.has_told:
        return tell_next(talk)
    if is_wanted(talk):
        return tell_next(talk, before=prompts.TEST_STOPS)
    return _ask(talk)


def _ask(talk: Turn, again: str = "") -> VoiceResponse:
    found = drill_of_call(talk.session, talk.call.id)
    shift = None
    if found is not None and found.shift_at is not None:
        shift = (found.roster.name, found.layer, spoken_when(found.shift_at, talk.now, found.roster.time_zone))
    return talk.ask("drill", prompts.joined(again, prompts.test_call(shift)))

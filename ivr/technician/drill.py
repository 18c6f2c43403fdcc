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


def begin(turn: Turn) -> VoiceResponse:
    """The test call was picked up, though maybe a page has taken it over by now."""
    # Should its end never be reported: nobody listens for longer than this.
    jobs.cut_off.wake_at(turn.session, turn.runtime.clock, turn.now + LISTENING, call_id=turn.call.id, late=True)
    if is_wanted(turn):
        return tell_next(turn, before=prompts.NO_TEST)
    return _ask(turn)


def drill(turn: Turn) -> VoiceResponse:
    """The answer to the test: only 1 passes. Silence counts readings, as in a page; other keys are told as wrong."""
    if turn.digits == "1":
        turn.useful_answer()
        turn.call.memo.heard = True
        call_changed(turn.session, turn.call)
        if is_wanted(turn):
            return tell_next(turn, before=f"{prompts.TEST_PASSED} {prompts.NO_TEST}")
        return end(turn, prompts.TEST_PASSED)
    if is_wanted(turn):
        turn.useful_answer()
        return tell_next(turn, before=prompts.TEST_STOPS)
    useless = turn.useless_answer()
    if turn.digits:
        turn.call.memo.only_other_keys = True
    if useless.is_play or useless.silences >= paging_times(turn.session).readings:
        return end(turn, prompts.TEST_WRONG_KEYS if useless.wrong_keys else prompts.TEST_NO_KEY)
    return _ask(turn, again=prompts.NOT_UNDERSTOOD if turn.digits else "")


def taken(turn: Turn) -> VoiceResponse:
    """A call was fetched from its question: from the test because of a page, which may be over, or from a page."""
    if turn.call.purpose != Purpose.DRILL or turn.call.has_told:
        return tell_next(turn)
    if is_wanted(turn):
        return tell_next(turn, before=prompts.TEST_STOPS)
    return _ask(turn)


def _ask(turn: Turn, again: str = "") -> VoiceResponse:
    found = drill_of_call(turn.session, turn.call.id)
    shift = None
    if found is not None and found.shift_at is not None:
        shift = (found.roster.name, found.layer, spoken_when(found.shift_at, turn.now, found.roster.time_zone))
    return turn.ask("drill", prompts.joined(again, prompts.test_call(shift)))

"""The test call before a shift. Only key 1 passes it; a page that comes meanwhile goes first, and is told in it."""

from core.wakeups import wake_at
from ivr.talk import Talk
from ivr.technician import aftermath, paged, prompts
from ivr.twiml import VoiceResponse
from oncall.drills.checking import HEARD, call_changed
from oncall.drills.models import drill_of_call
from oncall.paging.engine import LISTENING
from oncall.setting import paging_times
from schedules.wall_clock import spoken_when


def begin(talk: Talk) -> VoiceResponse:
    """The test call was picked up, though maybe a page has taken it over by now."""
    # Should its end never be reported: nobody listens for longer than this.
    wake_at(talk.session, talk.runtime.clock, talk.now + LISTENING, "cut_off", call_id=talk.call.id, late=True)
    if paged.is_wanted(talk):
        return paged.tell_next(talk, before=prompts.NO_TEST)
    return _ask(talk)


def drill(talk: Talk) -> VoiceResponse:
    """The answer to the test: 1 passes, anything else is heard again, as often as a page would be."""
    if talk.digits == "1":
        talk.call.memo[HEARD] = True
        call_changed(talk.session, talk.call)
        if paged.is_wanted(talk):
            return paged.tell_next(talk, before=f"{prompts.TEST_PASSED} {prompts.NO_TEST}")
        return aftermath.end(talk, prompts.TEST_PASSED)
    if paged.is_wanted(talk):
        return paged.tell_next(talk, before=prompts.TEST_STOPS)
    count = int(talk.call.memo.get("readings", 1))
    if count >= paging_times(talk.session).readings:
        return aftermath.end(talk, prompts.TEST_NO_KEY)
    talk.call.memo["readings"] = count + 1
    return _ask(talk, prompts.NOT_UNDERSTOOD if talk.digits else "")


def taken(talk: Talk) -> VoiceResponse:
    """A call was fetched from its question: from the test because of a page, which may be over, or from a page."""
    told = {"attempt", "ticket"} & talk.call.memo.keys()
    if talk.call.purpose != "drill" or told:
        return paged.taken(talk)
    if paged.is_wanted(talk):
        return paged.tell_next(talk, before=prompts.TEST_STOPS)
    return _ask(talk)


def _ask(talk: Talk, before: str = "") -> VoiceResponse:
    found = drill_of_call(talk.session, talk.call.id)
    shift = None
    if found is not None and found.shift_at is not None:
        shift = (found.roster.name, found.layer, spoken_when(found.shift_at, talk.now, found.roster.time_zone))
    return talk.ask("drill", prompts.test_call(shift), before=before)

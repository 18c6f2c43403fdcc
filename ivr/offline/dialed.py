"""A person was rung: a conversation has ended, the search goes on, or the ordinary way is back."""

from ivr.dialogue.hung_up import ask_if_done
from ivr.offline import prompts
from ivr.offline.away import AwayTalk
from ivr.offline.ringing import ring_next
from ivr.twilio import addresses
from ivr.twilio.twiml import VoiceResponse, empty, spoken
from oncall.models.calls import CallResult
from oncall.models.pages import AttemptOutcome

# Of a Dial that did not lead to a conversation (Twilio: DialCallStatus), as outcomes of an attempt.
_OUTCOMES: dict[str, AttemptOutcome] = {
    CallResult.BUSY: AttemptOutcome.BUSY,
    CallResult.NO_ANSWER: AttemptOutcome.NO_ANSWER,
    CallResult.CANCELED: AttemptOutcome.NO_ANSWER,
    CallResult.FAILED: AttemptOutcome.FAILED,
    CallResult.COMPLETED: AttemptOutcome.NO_KEY,
}


def dialed(step: AwayTalk) -> VoiceResponse:
    """After a person was rung. Only a bridge proves a conversation."""
    bridged = step.form.get("DialBridged", "").lower() == "true"
    status = step.form.get("DialCallStatus", "")
    outcome = "talked" if bridged else _OUTCOMES.get(status, AttemptOutcome.FAILED)
    again = step.carried.left_by is not None or None
    step.note("dialed", person=step.carried.person, outcome=outcome, again=again)
    step.know(busy=step.carried.busy + (outcome == AttemptOutcome.BUSY))
    if step.is_over:
        step.note("over", status=step.form.get("CallStatus", "completed"))
        return empty()
    if bridged:
        return _hung_up(step)
    if again:
        return step.rung_in_vain(busy=outcome == AttemptOutcome.BUSY)
    return held(step)


def _hung_up(step: AwayTalk) -> VoiceResponse:
    """After a conversation: the caller's line is still there. A long conversation begins the count of rings anew."""
    seconds = step.form.get("DialCallDuration", "")
    long = seconds.isdecimal() and int(seconds) > step.times.goodbye_talk
    step.know(left_by=step.carried.person, again=0 if long else step.carried.again, useless=0, first=None)
    return ask_if_done(step)


def held(step: AwayTalk) -> VoiceResponse:
    """On with the search: by the ordinary way, if that is back, else with the next person."""
    return _hand_back(step) if _can_go_back(step) else ring_next(step)


def _can_go_back(step: AwayTalk) -> bool:
    """Whether the ordinary way knows this call and its ticket, and is there again."""
    return step.back and step.carried.call is not None and step.carried.ticket is not None


def _hand_back(step: AwayTalk) -> VoiceResponse:
    """The database is back and knows this call: its page has gone on, so the caller waits there again."""
    step.note("handed_back")
    response = spoken(prompts.HANDED_BACK)
    # No turn of the call has this number: it is answered with what the call should have gone on with.
    response.redirect(addresses.step_url(step.settings, step.carried.call or 0, "wait", -1), method="POST")
    return response

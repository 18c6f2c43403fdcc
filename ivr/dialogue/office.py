"""Staffed hours: the office is tried first."""

from collections.abc import Mapping

from ivr.dialogue.talk import Office, Talk
from ivr.pin_attempt import PIN_PAUSE
from ivr.prompts import entrance, problem
from ivr.twilio.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.customers.entitlement import is_open
from schedules.staffed_hours import Plan


def reachable(talk: Talk, office: Office | None, plan: str = Plan.PLATINUM) -> str | None:
    """The number of an office while somebody is in it for this plan."""
    if office is None or not is_open(plan, office.time_zone, office.number, talk.now):
        return None
    return office.number


def connect(talk: Talk, number: str, step: str) -> VoiceResponse:
    """Ring an office; what comes of it goes to `step`."""
    response = spoken(entrance.OFFICE_CONNECT)
    dial = Dial(
        action=talk.url(step),
        method="POST",
        timeout=talk.times.office_rings,
        caller_id=talk.settings.our_number,
    )
    dial.number(number)
    response.append(dial)
    talk.asks(step)
    return response


def office_first(talk: Talk) -> VoiceResponse:
    """After the office rang for a caller who pressed 0: else the PIN is asked for after all."""
    words = f"{entrance.OFFICE_NO_ANSWER} {entrance.PIN_AGAIN}"
    return _end_of_our_part(talk) or talk.ask("pin", words, keys=None, timeout=PIN_PAUSE)


def office_done(talk: Talk) -> VoiceResponse:
    """After the office rang for a caller with a right PIN: else the plan is 24x7, so the hotline goes on."""
    return _end_of_our_part(talk) or talk.ask("level", f"{entrance.OFFICE_NO_ANSWER} {problem.LEVEL}")


def _end_of_our_part(talk: Talk) -> VoiceResponse | None:
    """The office has it: that is logged, and nothing more is ours. None when nobody there picked up."""
    if _picked_up(talk.form):
        talk.office_has_it()
        return goodbye(entrance.OFFICE_THANKS)
    return empty() if talk.is_over else None


def _picked_up(form: Mapping[str, str]) -> bool:
    """Whether somebody in the office talked with the caller (Twilio: only a bridge proves a conversation)."""
    bridged = form.get("DialBridged", "true").lower() != "false"
    return form.get("DialCallStatus") in {"completed", "answered"} and bridged

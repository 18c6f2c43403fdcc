"""Turning a caller away: a sentence that says why and what instead, and a record."""

from ivr.prompts import keypad, refusals
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.models.refusals import Reason, refuse


def turn_away(talk: Turn, reason: Reason, before: str = "") -> VoiceResponse:
    """Refuse: recorded, explained, ended."""
    refuse(talk.session, talk.call, reason, talk.now)
    return goodbye(before + refusals.refusal(reason, talk.settings.support_web_address))


def ask_again(talk: Turn, step: str, words: str) -> VoiceResponse:
    """The answer fitted no choice: ask once more, or end after too many silences or keys without a meaning."""
    useless = talk.useless_answer()
    if useless.is_enough:
        return turn_away(talk, Reason.INVALID_KEY if useless.wrong_keys else Reason.SILENT)
    return talk.ask(step, once_more(talk, words))


def once_more(talk: Turn, words: str) -> str:
    """A question asked again. All of it is within the gathering, so that it can be typed over from its first word."""
    return f"{keypad.NOT_UNDERSTOOD if talk.digits else keypad.NOTHING_HEARD} {words}"

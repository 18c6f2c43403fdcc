"""Turning a caller away: a sentence that says why and what instead, and a record."""

from ivr.dialogue.talk import Talk
from ivr.prompts import keypad, refusals
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.models.refusals import Reason


def turn_away(talk: Talk, reason: Reason) -> VoiceResponse:
    """Refuse: recorded, explained, ended."""
    talk.refuse(reason)
    return goodbye(refusals.refusal(reason, talk.settings.support_web_address))


def ask_again(talk: Talk, step: str, words: str) -> VoiceResponse:
    """The answer fitted no choice: ask once more, or end after too many silences or keys without a meaning."""
    return useless(talk) or talk.ask(step, once_more(talk, words))


def useless(talk: Talk) -> VoiceResponse | None:
    """Count an answer that answers nothing; the end of the call when it was one too many."""
    found = talk.useless_answer()
    if not found.is_enough:
        return None
    return turn_away(talk, Reason.INVALID_KEY if found.wrong_keys else Reason.SILENT)


def once_more(talk: Talk, words: str) -> str:
    """A question asked again. All of it is within the gathering, so that it can be typed over from its first word."""
    return f"{keypad.NOT_UNDERSTOOD if talk.digits else keypad.NOTHING_HEARD} {words}"

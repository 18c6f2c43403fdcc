"""The technician's line has ended, and the caller is still there: what they hear and press (`oncall.calls.goodbye`).

The pauses are those of the questions themselves, so that they hold though no worker is at hand.
"""

from ivr.dialogue.talk import Talk
from ivr.prompts import keypad, line_ended
from ivr.twilio.twiml import VoiceResponse


def ask_if_done(talk: Talk) -> VoiceResponse:
    """What has happened, and what to do. With the rings of this call used up, what comes next."""
    if talk.may_ring() or talk.somebody_comes():
        return _ask_if_done(talk, line_ended.HUNG_UP)
    return ask_next(talk, line_ended.HUNG_UP_AGAIN)


def _ask_if_done(talk: Talk, words: str) -> VoiceResponse:
    """`words`, and time to press 1."""
    return talk.ask(talk.done_step, words, timeout=talk.times.goodbye_pause)


def hung_up_key(talk: Talk) -> VoiceResponse:
    """1 rings the technician at once, and so does staying on the line; any other key is told as such.

    With the rings used up meanwhile, what comes next.
    """
    if talk.digits not in {"", "1"} and not talk.useless_answer().is_play:
        return _ask_if_done(talk, f"{keypad.NOT_UNDERSTOOD} {line_ended.HUNG_UP_KEYS}")
    talk.useful_answer()
    return talk.ring_again() or ask_next(talk, line_ended.HUNG_UP_AGAIN)


def in_vain(talk: Talk, why: str) -> VoiceResponse:
    """The technician was rung, and did not come back."""
    if talk.may_ring():
        return _ask_if_done(talk, f"{why} {line_ended.TRY_ONCE_MORE}")
    return ask_next(talk, why)


def ask_next(talk: Talk, before: str = "") -> VoiceResponse:
    """The next person, a call back, or the end: nobody is rung unless the caller says so."""
    return talk.ask("next_key", f"{before} {line_ended.WHAT_NEXT}".strip(), timeout=talk.times.goodbye_silence)


def next_key(talk: Talk) -> VoiceResponse:
    """1 calls the next person, 2 asks where to call back, silence ends; any other key is told as such."""
    if talk.digits == "1":
        talk.useful_answer()
        return talk.ring_another()
    if talk.digits == "2":
        talk.useful_answer()
        return talk.ask_number()
    if talk.digits and not talk.useless_answer().is_play:
        return ask_next(talk, keypad.NOT_UNDERSTOOD)
    return talk.end_silently(wrong_keys=bool(talk.digits) or talk.useless.wrong_keys > 0)

"""The way in: the first words, the PIN, and the right to the service that goes with it."""

from typing import Final

from ivr.collecting import HASH_PAUSE_S
from ivr.dialogue.office import connect, reachable
from ivr.dialogue.refusing import turn_away, useless
from ivr.dialogue.talk import Office, Talk
from ivr.pin_attempt import PIN_PAUSE, pin_typed
from ivr.prompts import entrance, keypad, problem
from ivr.twilio.twiml import LANGUAGE, VoiceResponse
from oncall.customers.entitlement import ContractFacts, check
from oncall.customers.pin_guard import Verdict
from oncall.models.refusals import Reason

# Tries a call, and silences before the call ends (product, hotline step 2).
MOST_TRIES: Final = 3
MOST_SILENCES: Final = 2
# How often the other languages are played in one call.
MOST_LANGUAGES: Final = 5


def greet(talk: Talk) -> VoiceResponse:
    """Ask for the PIN: the customer's, or the technician's own."""
    return ask_pin(talk, talk.first_words())


def ask_pin(talk: Talk, words: str) -> VoiceResponse:
    """Say `words`, and wait for the digits of a PIN."""
    talk.memo.part = None
    return talk.ask("pin", words, keys=None, timeout=PIN_PAUSE)


def pin(talk: Talk) -> VoiceResponse:
    """What was typed at the PIN prompt, also before a pause."""
    begun = talk.memo.part is not None
    found = pin_typed(talk.settings, talk.memo.part, talk.form, talk.args)
    if found.keys == "":
        return _silent(talk)
    talk.memo.silences = 0
    if "*" in found.keys or found.keys == "#":
        return _star(talk, begun)
    if found.keys == "0" and not begun:
        return _zero(talk)
    if found.wait is not None:
        return talk.ask_on("pin", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    talk.memo.part = None
    return _judge(talk, found.keys)


def _silent(talk: Talk) -> VoiceResponse:
    talk.memo.silences += 1
    if talk.memo.silences >= MOST_SILENCES:
        return turn_away(talk, Reason.SILENT)
    return ask_pin(talk, entrance.PIN_SILENT)


def _star(talk: Talk, begun: bool) -> VoiceResponse:
    """Star alone asks for the other languages; among figures it is a slip, as is hash alone, and no try."""
    if begun or talk.digits.strip("*"):
        return useless(talk) or ask_pin(talk, f"{keypad.NOT_UNDERSTOOD} {entrance.PIN_AGAIN}")
    talk.memo.languages += 1
    if talk.memo.languages > MOST_LANGUAGES:
        return turn_away(talk, Reason.SILENT)
    return _languages(talk)


def _languages(talk: Talk) -> VoiceResponse:
    """One sentence in each of the other languages, then the PIN again; typing over them is possible."""
    response = ask_pin(talk, "")
    gather = response.verbs[0]
    for language, voice, sentence in entrance.LANGUAGES:
        gather.say(sentence, language=language, voice=voice)
    gather.say(entrance.PIN_AGAIN, language=LANGUAGE)
    return response


def _zero(talk: Talk) -> VoiceResponse:
    """Zero connects with the default region's office, without a PIN. While that is closed it is no try either."""
    number = reachable(talk, talk.default_office())
    if number:
        return connect(talk, number, "office_first")
    return useless(talk) or ask_pin(talk, f"{entrance.NOT_STAFFED} {entrance.PIN_AGAIN}")


def _judge(talk: Talk, digits: str) -> VoiceResponse:
    """A PIN was typed; the guard against guessing says whether it may be tried."""
    verdict = talk.guard(digits)
    if verdict is None:
        return _wrong(talk)
    if verdict is Verdict.RING_BACK:
        return talk.ring_back()
    if not verdict.may_try:
        return turn_away(talk, Reason.GUESS_LIMIT)
    return _try(talk, digits, verdict)


def _try(talk: Talk, digits: str, verdict: Verdict) -> VoiceResponse:
    """The technician's own PIN, or a customer's."""
    if talk.is_own(digits):
        return talk.greet_staff()
    found = talk.contract_of(digits, own_only=verdict is Verdict.OWN_ONLY)
    return _wrong(talk) if found is None else _right(talk, *found)


def _wrong(talk: Talk) -> VoiceResponse:
    talk.memo.tries += 1
    if talk.memo.tries >= MOST_TRIES:
        return turn_away(talk, talk.wrong_pin())
    return ask_pin(talk, entrance.pin_wrong(MOST_TRIES - talk.memo.tries))


def _right(talk: Talk, contract: ContractFacts, office: Office) -> VoiceResponse:
    """Whoever has a right to the service goes on to the office in staffed hours, else to the problem."""
    talk.useful_answer()
    reason = check(contract, talk.now)
    if reason is not None:
        return turn_away(talk, reason)
    number = reachable(talk, office, contract.plan)
    return connect(talk, number, "office_done") if number else talk.ask("level", problem.LEVEL)

"""The PIN, and the right to the service that goes with it."""

from ivr.collecting import HASH_PAUSE_S
from ivr.hotline import office
from ivr.hotline.refusing import turn_away
from ivr.pin_check import PIN_PAUSE, pin_typed
from ivr.prompts import entrance, keypad, problem
from ivr.technician import menu
from ivr.turn import Turn
from ivr.twilio.twiml import LANGUAGE, Gather, VoiceResponse, goodbye
from oncall.customers.entitlement import check, facts_of
from oncall.customers.pin_guard import Verdict, settle
from oncall.customers.pins import PinError, PinKeys, find_contract, matches
from oncall.models.customers import Contract, Region, registered_customers
from oncall.models.people import Person, by_phone
from oncall.models.refusals import Reason, refuse

# Tries a call, and silences before the call ends (product, hotline step 2).
MOST_TRIES = 3
# How often the other languages are played in one call.
MOST_LANGUAGES = 5
MOST_SILENCES = 2


def pin(talk: Turn) -> VoiceResponse:
    """What was typed at the PIN prompt, also before a pause."""
    kept = talk.call.memo.part
    found = pin_typed(talk.settings, kept, talk.form, talk.args)
    if found.keys == "":
        return _silent(talk)
    talk.call.memo.silences = 0
    if "*" in found.keys or found.keys == "#":
        return _star(talk, begun=kept is not None)
    if found.keys == "0" and kept is None:
        return _office(talk)
    if found.wait is not None:
        return talk.ask_on("pin", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    talk.call.memo.part = None
    return _judge(talk, found.keys)


def _judge(talk: Turn, digits: str) -> VoiceResponse:
    """A PIN was typed; the guard has said whether it may be tried."""
    if talk.pin_verdict is None:
        return _wrong(talk)
    if talk.pin_verdict is Verdict.RING_BACK:
        return _ring_back(talk)
    if not talk.pin_verdict.may_try:
        return turn_away(talk, Reason.GUESS_LIMIT)
    return _try_pin(talk, digits)


def _silent(talk: Turn) -> VoiceResponse:
    silences = talk.call.memo.silences + 1
    talk.call.memo.silences = silences
    if silences >= MOST_SILENCES:
        return turn_away(talk, Reason.SILENT)
    return _ask_pin(talk, entrance.PIN_SILENT)


def _ask_pin(talk: Turn, words: str) -> VoiceResponse:
    talk.call.memo.part = None
    return talk.ask("pin", words, keys=None, timeout=PIN_PAUSE)


def _star(talk: Turn, begun: bool) -> VoiceResponse:
    """Star alone asks for the other languages; among figures it is a slip, as is hash alone, and no try."""
    if not begun and not talk.digits.strip("*"):
        times = talk.call.memo.languages + 1
        talk.call.memo.languages = times
        return _languages(talk) if times <= MOST_LANGUAGES else turn_away(talk, Reason.SILENT)
    if talk.useless_answer().is_enough:
        return turn_away(talk, Reason.INVALID_KEY)
    return _ask_pin(talk, f"{keypad.NOT_UNDERSTOOD} {entrance.PIN_AGAIN}")


def _office(talk: Turn) -> VoiceResponse:
    """Zero connects with the default region's office, without a PIN. While that is closed it is no try either."""
    if office.reachable_now(talk):
        region = talk.session.get_one(Region, talk.settings.default_region)
        return office.connect(talk, region, "office_first")
    if talk.useless_answer().is_enough:
        return turn_away(talk, Reason.INVALID_KEY)
    return _ask_pin(talk, f"{entrance.NOT_STAFFED} {entrance.PIN_AGAIN}")


def _languages(talk: Turn) -> VoiceResponse:
    """One sentence in each of the other languages, then the PIN again; typing over them is possible."""
    response = _ask_pin(talk, "")
    say_languages(response.verbs[0])
    return response


def say_languages(gather: Gather) -> None:
    """The other languages' sentences, then the PIN prompt."""
    for language, voice, sentence in entrance.LANGUAGES:
        gather.say(sentence, language=language, voice=voice)
    gather.say(entrance.PIN_AGAIN, language=LANGUAGE)


def _try_pin(talk: Turn, digits: str) -> VoiceResponse:
    """A PIN that may be tried: the technician's own, or a customer's."""
    keys = PinKeys(talk.settings.pin_secret)
    person = by_phone(talk.session, talk.call.number)
    if person is not None and _is_own(keys, person, digits):
        settle(talk.session, talk.call.id, talk.call.turn, right=True)
        return menu.enter(talk, person)
    only = registered_customers(talk.session, talk.call.number) if talk.pin_verdict is Verdict.OWN_ONLY else None
    contract = find_contract(talk.session, keys, digits, only)
    settle(talk.session, talk.call.id, talk.call.turn, right=contract is not None)
    if contract is None:
        return _wrong(talk)
    return _right(talk, contract)


def _is_own(keys: PinKeys, person: Person, digits: str) -> bool:
    try:
        return matches(person.pin_digest, keys.personal(person.phone, digits))
    except PinError:
        return False


def _wrong(talk: Turn) -> VoiceResponse:
    tries = talk.call.memo.tries + 1
    talk.call.memo.tries = tries
    if tries >= MOST_TRIES:
        staff = by_phone(talk.session, talk.call.number) is not None
        return turn_away(talk, Reason.WRONG_STAFF_PIN if staff else Reason.WRONG_PIN)
    return _ask_pin(talk, entrance.pin_wrong(MOST_TRIES - tries))


def _ring_back(talk: Turn) -> VoiceResponse:
    """Whoever is over a registered number's own limit proves to be there by picking up, once this call is over."""
    refuse(talk.session, talk.call, Reason.GUESS_LIMIT, talk.now)
    talk.call.memo.ring_back = True
    return goodbye(entrance.ring_back_now(talk.settings.company_name))


def _right(talk: Turn, contract: Contract) -> VoiceResponse:
    talk.useful_answer()
    talk.call.customer_id, talk.call.contract_id = contract.customer_id, contract.id
    reason = check(facts_of(contract), talk.now)
    if reason is not None:
        return turn_away(talk, reason)
    if office.open_for(talk, contract):
        return office.connect(talk, contract.region, "office_done")
    return talk.ask("level", problem.LEVEL)

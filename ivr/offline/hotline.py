"""From the greeting to the problem, without the database: the same questions and rules as with it."""

from ivr.collecting import HASH_PAUSE_S
from ivr.hotline.office import picked_up
from ivr.hotline.pin import MOST_LANGUAGES, MOST_SILENCES, MOST_TRIES, say_languages
from ivr.offline import prompts
from ivr.offline.message import leave_message
from ivr.offline.ringing import ring_next
from ivr.offline.step import Step
from ivr.pin_check import PIN_PAUSE, is_pin, pin_typed
from ivr.prompts import entrance, keypad, problem, refusals
from ivr.twilio.twiml import Dial, VoiceResponse, empty, goodbye, spoken
from oncall.customers.entitlement import check, is_open
from oncall.customers.pin_guard import Verdict
from oncall.customers.pins import PinError, PinKeys
from oncall.models.access.pin_attempts import PinOutcome
from oncall.models.refusals import Reason
from oncall.outage.pin_guard import Guesses
from oncall.outage.snapshot import KeptContract
from oncall.sla.promises import Priority
from schedules.staffed_hours import Plan


def greet(step: Step) -> VoiceResponse:
    """Ask for the PIN; a technician's phone hears that there is no menu. No name is told before a PIN was right."""
    step.note("came")
    if step.caller in step.snapshot.blocked:
        step.note("refused", reason=Reason.BLOCKED_NUMBER.value)
        response = VoiceResponse()
        response.reject(reason="rejected")
        return response
    person = step.snapshot.by_phone(step.caller)
    if person is not None and person.menu:
        return ask_pin(step, prompts.STAFF_GREETING)
    return ask_pin(step, prompts.greeting(step.settings.company_name, _default_office(step) is not None))


def ask_pin(step: Step, words: str) -> VoiceResponse:
    step.know(part="")
    return step.ask("pin", words, keys=None, timeout=PIN_PAUSE)


def pin(step: Step) -> VoiceResponse:
    """What was typed at the PIN prompt, also before a pause."""
    kept = step.carried.part
    found = pin_typed(step.settings, kept, step.form, step.args)
    if found.keys == "":
        step.know(silences=step.carried.silences + 1)
        return _refuse(step, Reason.SILENT) if step.carried.silences >= MOST_SILENCES else _silent(step)
    step.know(silences=0)
    if "*" in found.keys or found.keys == "#":
        return _star(step, begun=bool(kept))
    if found.keys == "0" and not kept:
        return _zero(step)
    if found.wait is not None:
        return step.ask_on("pin", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    step.know(part="")
    return _judge(step, found.keys)


def _silent(step: Step) -> VoiceResponse:
    return ask_pin(step, entrance.PIN_SILENT)


def _star(step: Step, begun: bool) -> VoiceResponse:
    if begun or step.digits.strip("*"):
        return _useless(step) or ask_pin(step, f"{keypad.NOT_UNDERSTOOD} {entrance.PIN_AGAIN}")
    step.know(languages=step.carried.languages + 1)
    if step.carried.languages > MOST_LANGUAGES:
        return _refuse(step, Reason.SILENT)
    return step.ask("pin", "", keys=None, timeout=PIN_PAUSE, then=say_languages)


def _zero(step: Step) -> VoiceResponse:
    number = _default_office(step)
    if number is not None:
        return _office(step, number, "office_first")
    return _useless(step) or ask_pin(step, f"{entrance.NOT_STAFFED} {entrance.PIN_AGAIN}")


def _default_office(step: Step) -> str | None:
    """The number of the default region's office, if somebody is in it."""
    region = step.snapshot.region(step.settings.default_region)
    if region is None or not is_open(Plan.PLATINUM, region.time_zone, region.office_number, step.now):
        return None
    return region.office_number


def _judge(step: Step, digits: str) -> VoiceResponse:
    """A PIN: counted before it is looked at."""
    if not is_pin(digits):
        return _wrong(step)
    key = f"{step.carried.sid}:{step.carried.turn}"
    guesses, caller = Guesses(step.settings), step.snapshot.caller(step.caller)
    guess = guesses.reserve(key, caller, step.now)
    verdict = Verdict(guess.verdict)
    counted = {"number": guess.number, "pool": guess.pool}
    if not verdict.may_try:
        step.note("pin", turn=step.carried.turn, outcome=verdict.value, **counted)
        if verdict is Verdict.RING_BACK:
            step.note("ring_back")
            return goodbye(prompts.RING_BACK_LATER)
        return _refuse(step, Reason.GUESS_LIMIT)
    own = _is_own(step, digits)
    contract = None if own else _contract(step, digits, caller.customers if verdict is Verdict.OWN_ONLY else None)
    right = own or contract is not None
    guesses.settle(guess.key, right=right)
    step.note("pin", turn=step.carried.turn, outcome=PinOutcome.RIGHT if right else PinOutcome.WRONG, **counted)
    if own:
        return tell_staff(step)
    return _wrong(step) if contract is None else _right(step, contract)


def _is_own(step: Step, digits: str) -> bool:
    """Whether it is the PIN of the technician whose phone this is."""
    person = step.snapshot.by_phone(step.caller)
    if person is None or person.pin is None:
        return False
    try:
        return person.has_pin(PinKeys(step.settings.pin_secret).personal(person.phone, digits))
    except PinError:
        return False


def tell_staff(step: Step) -> VoiceResponse:
    """A technician who has proved who it is: who is on call, as the menu is not there."""
    order = step.snapshot.order(step.settings.default_region, step.now)
    return ask_pin(step, prompts.staff_on_call([(why, each.name) for each, why in order]))


def _contract(step: Step, digits: str, customers: tuple[int, ...] | None) -> KeptContract | None:
    try:
        digest = PinKeys(step.settings.pin_secret).derive(digits)
    except PinError:
        return None
    return step.snapshot.contract_with(digest, customers)


def _wrong(step: Step) -> VoiceResponse:
    step.know(tries=step.carried.tries + 1)
    if step.carried.tries >= MOST_TRIES:
        return _refuse(step, Reason.WRONG_PIN)
    return ask_pin(step, entrance.pin_wrong(MOST_TRIES - step.carried.tries))


def _right(step: Step, contract: KeptContract) -> VoiceResponse:
    step.useful_answer(contract=contract.id)
    step.note("right")
    reason = check(contract.facts, step.now)
    if reason is not None:
        return _refuse(step, reason)
    region = step.snapshot.region(contract.facts.region)
    office = None if region is None else region.office_number
    if office is not None and is_open(contract.facts.plan, contract.facts.time_zone, office, step.now):
        return _office(step, office, "office_done")
    return step.ask("level", problem.LEVEL)


def _office(step: Step, number: str, then: str) -> VoiceResponse:
    response = spoken(entrance.OFFICE_CONNECT)
    dial = Dial(
        action=step.url(then),
        method="POST",
        timeout=step.snapshot.times.office_rings,
        caller_id=step.settings.our_number,
    )
    dial.number(number)
    response.append(dial)
    return response


def office_first(step: Step) -> VoiceResponse:
    """After the office rang for a caller who pressed 0."""
    return _office_ended(step) or ask_pin(step, f"{entrance.OFFICE_NO_ANSWER} {entrance.PIN_AGAIN}")


def office_done(step: Step) -> VoiceResponse:
    """After the office rang for a caller with a right PIN: the plan is 24x7, so the hotline goes on."""
    return _office_ended(step) or step.ask("level", f"{entrance.OFFICE_NO_ANSWER} {problem.LEVEL}")


def _office_ended(step: Step) -> VoiceResponse | None:
    if picked_up(step.form):
        step.note("office")
        return goodbye(entrance.OFFICE_THANKS)
    return empty() if step.is_over else None


def level(step: Step) -> VoiceResponse:
    """Second-level support only."""
    if step.digits == "1":
        step.useful_answer()
        step.note("level")
        return step.ask("priority", problem.PRIORITY)
    if step.digits == "2":
        return _refuse(step, Reason.END_USER)
    return _ask_again(step, "level", problem.LEVEL)


def priority(step: Step) -> VoiceResponse:
    """P1 and P2 ring the people on call; a ticket is due from this moment."""
    if step.digits in {"1", "2"}:
        step.useful_answer(priority=f"P{step.digits}")
        step.note("reported", priority=step.carried.priority)
        return ring_next(step, prompts.CALLING)
    if step.digits == "3":
        return _refuse(step, Reason.NO_MAINTENANCE_WINDOW)
    if step.digits == "4":
        step.note("refused", reason=Reason.LOW_PRIORITY.value)
        return step.record("later", problem.MESSAGE)
    return _ask_again(step, "priority", problem.PRIORITY)


def known(step: Step) -> VoiceResponse:
    """A known problem: the people on call are rung for its ticket. 2, or no usable answer, is a new one."""
    if step.digits not in {"1", "2"} and not step.useless_answer().is_enough:
        before = keypad.NOT_UNDERSTOOD if step.digits else keypad.NOTHING_HEARD
        return step.ask("known", f"{before} {prompts.KNOWN}")
    step.useful_answer()
    if step.digits == "1" and step.carried.known is not None:
        step.know(ticket=step.carried.known)
        step.note("again", priority=step.carried.priority)
    else:
        step.note("reported", priority=step.carried.priority)
    return ring_next(step, prompts.CALLING)


def later(step: Step) -> VoiceResponse:
    """A message that can wait becomes a P3 ticket; silence becomes nothing."""
    if step.recording is None:
        return goodbye(refusals.refusal(Reason.LOW_PRIORITY, step.settings.support_web_address))
    step.note("reported", priority=Priority.P3)
    return leave_message(step, prompts.LATER_KEPT)


def _ask_again(step: Step, question: str, words: str) -> VoiceResponse:
    before = keypad.NOT_UNDERSTOOD if step.digits else keypad.NOTHING_HEARD
    return _useless(step) or step.ask(question, f"{before} {words}")


def _useless(step: Step) -> VoiceResponse | None:
    """An answer that fits no question; the end of the call when it was one too many."""
    useless = step.useless_answer()
    if not useless.is_enough:
        return None
    return _refuse(step, Reason.INVALID_KEY if useless.wrong_keys else Reason.SILENT)


def _refuse(step: Step, reason: Reason) -> VoiceResponse:
    step.note("refused", reason=reason.value)
    return goodbye(refusals.refusal(reason, step.settings.support_web_address))

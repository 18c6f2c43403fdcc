"""On the called side: a technician hears who calls, and only a key joins them."""

from ivr.offline import prompts
from ivr.offline.step import Step
from ivr.technician import prompts as technicians
from ivr.twilio.twiml import VoiceResponse, goodbye, spoken


def screen(step: Step) -> VoiceResponse:
    """On the called side: who calls, and that a key is needed. Whatever does not press one is never joined."""
    step.know(readings=step.carried.readings + 1)
    return _read(step)


def _read(step: Step, again: str = "") -> VoiceResponse:
    contract, carried = step.contract, step.carried
    customer = contract.customer if contract is not None else "a customer"
    made = prompts.screening_again if carried.left_by is not None else prompts.screening
    words = made(carried.priority, customer, carried.number, step.settings.company_name)
    step.know(child=step.form.get("CallSid", ""))
    return step.ask("key", technicians.joined(again, words))


def key(step: Step) -> VoiceResponse:
    """The technician's key: an empty answer joins them (Twilio: Number url). A wrong one costs no reading."""
    if step.digits == "1":
        step.note("accepted", person=step.carried.person)
        return spoken(prompts.CONNECTING)
    if step.digits == "2":
        step.note("passed", person=step.carried.person)
        return goodbye(technicians.PASSED)
    if step.digits == "9":
        return _read(step)
    if step.digits:
        return _wrong_key(step)
    if step.carried.readings < step.snapshot.times.readings:
        return screen(step)
    return _undecided(step)


def _wrong_key(step: Step) -> VoiceResponse:
    if not step.carried.useless:
        step.note("wrong_key", person=step.carried.person)
    if step.useless_answer().is_play:
        return _undecided(step)
    return _read(step, technicians.NOT_UNDERSTOOD)


def _undecided(step: Step) -> VoiceResponse:
    """Not accepted: the next person is called, but for a caller whose technician has hung up."""
    if step.carried.left_by is not None:
        return goodbye(technicians.GOODBYE)
    return goodbye(technicians.WRONG_KEYS if step.carried.useless else technicians.NO_KEY)

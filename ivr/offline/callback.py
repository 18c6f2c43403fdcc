"""A caller who was asked for a number to call when the database went: the same choices and the same rule."""

from collections.abc import Sequence

from ivr.collecting import HASH_PAUSE_S, ended_by_hash, opened_part
from ivr.hotline.callback import collect_number, typed_in
from ivr.offline import hung_up, prompts
from ivr.offline.ringing import ring_next
from ivr.offline.step import Step
from ivr.prompts import calling_back, keypad
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.customers.call_back import refusal_of


def call_back(step: Step) -> VoiceResponse:
    """The number that was chosen or typed. Who goes on waiting, or types one that can't be, is put through instead."""
    homes, offered = _homes(step), _offered(step)
    part, by_hash = opened_part(step.settings, step.carried.part), ended_by_hash(step.form, step.args)
    found = collect_number(part, step.digits, by_hash, offered, homes)
    if not found.keys.strip("*"):
        step.know(part="")
        return _go_on(step, prompts.STILL_FAULT)
    if found.wait is not None:
        return step.ask_on("callback", found, keypad.go_on(found.wait <= HASH_PAUSE_S))
    step.know(part="")
    judged = typed_in(found.keys, offered, homes, step.snapshot.ours(step.settings))
    if judged.number is None:
        return _go_on(step, f"{calling_back.refused(judged.refused)} {prompts.STILL_FAULT}")
    if step.carried.left_by is not None:
        hung_up.want_call_back(step, judged.number)
    else:
        step.note("callback", number=judged.number)
    return goodbye(prompts.CALL_BACK_KEPT)


def read_back(step: Step) -> VoiceResponse:
    """A number was read back with the database. It counts unless the caller says that it is wrong, by key 2."""
    step.know(read_back=False)
    if step.digits != "2":
        return goodbye(prompts.CALL_BACK_KEPT)
    step.note("number_wrong")
    return _go_on(step, prompts.STILL_FAULT)


def _go_on(step: Step, words: str) -> VoiceResponse:
    """Without a call back; after a conversation nobody is rung unless the caller says so."""
    return hung_up.ask_next(step, words) if step.carried.left_by is not None else ring_next(step, words)


def _homes(step: Step) -> list[str | None]:
    """In whose countries a typed national number is read, as with the database."""
    names = (step.contract.facts.region if step.contract is not None else None, step.settings.default_region)
    regions = [step.snapshot.region(name) for name in names if name is not None]
    offices = [region.office_number for region in regions if region is not None]
    return [step.caller, *offices, step.settings.our_number]


def _offered(step: Step) -> Sequence[str]:
    """The numbers that keys meant in the question that was asked."""
    if step.caller is not None and refusal_of(step.caller, step.snapshot.ours(step.settings)) is None:
        return [step.caller]
    customer = step.contract.customer_id if step.contract is not None else None
    return step.snapshot.registered(step.settings, customer)

"""The technician's line has ended, without the database: the same questions as `ivr.hotline.hung_up` asks.

What it goes by stands in the addresses: whose line it was, and how often they were rung again.
"""

from ivr.offline import prompts, ringing
from ivr.offline.step import Step
from ivr.prompts import keypad, line_ended
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.customers.call_back import refusal_of


def hung_up(step: Step) -> VoiceResponse:
    """After a conversation: the caller's line is still there. A long conversation begins the count of rings anew."""
    seconds = step.form.get("DialCallDuration", "")
    long = seconds.isdecimal() and int(seconds) > step.snapshot.times.goodbye_talk
    step.know(left_by=step.carried.person, again=0 if long else step.carried.again, useless=0, first=None)
    return ask(step)


def ask(step: Step) -> VoiceResponse:
    """Whether they are done; or what comes next, when the technician was rung often enough."""
    if not _may_ring(step):
        return ask_next(step, line_ended.HUNG_UP_AGAIN)
    return _ask_whether(step, line_ended.HUNG_UP)


def _may_ring(step: Step) -> bool:
    return step.carried.again < step.snapshot.times.goodbye_rings


def _ask_whether(step: Step, words: str) -> VoiceResponse:
    return step.ask("dropped", words, timeout=step.snapshot.times.goodbye_pause)


def dropped(step: Step) -> VoiceResponse:
    """1, or staying on the line, rings the same technician and nobody else; another key is told as such."""
    if step.digits not in {"", "1"} and not step.useless_answer().is_play:
        return _ask_whether(step, f"{keypad.NOT_UNDERSTOOD} {line_ended.HUNG_UP_KEYS}")
    person = step.snapshot.person(step.carried.left_by or step.carried.person or 0)
    if person is None or not _may_ring(step):
        return ask_next(step)
    step.know(left_by=person.id, person=person.id, again=step.carried.again + 1, readings=0, useless=0)
    step.note("rejoin", person=person.id)
    return ringing.dial_person(step, person, prompts.calling_again(person.first_name))


def in_vain(step: Step, *, busy: bool) -> VoiceResponse:
    """The technician was rung, and did not come back."""
    why = line_ended.unreached(_first_name(step), busy=busy)
    if _may_ring(step):
        return _ask_whether(step, f"{why} {line_ended.TRY_ONCE_MORE}")
    return ask_next(step, why)


def _first_name(step: Step) -> str:
    person = step.snapshot.person(step.carried.left_by or 0)
    return person.first_name if person is not None else "The technician"


def ask_next(step: Step, before: str = "") -> VoiceResponse:
    """The next person, a call back, or the end."""
    return step.ask("next_key", f"{before} {line_ended.WHAT_NEXT}".strip(), timeout=step.snapshot.times.goodbye_silence)


def next_key(step: Step) -> VoiceResponse:
    """1 calls the next person, 2 asks for a call back, silence ends; any other key is told as such."""
    if step.digits == "1":
        step.note("asked_on", person=step.carried.left_by)
        step.know(after=step.carried.left_by, left_by=None, round=1, tried=(), rung=0, busy=0, first=None)
        return ringing.ring_next(step)
    if step.digits == "2":
        return _call_back(step)
    if step.digits and not step.useless_answer().is_play:
        return ask_next(step, keypad.NOT_UNDERSTOOD)
    wrong_keys = bool(step.digits) or step.carried.useless > 0
    step.note("silent", person=step.carried.left_by, wrong_keys=wrong_keys or None)
    return goodbye(prompts.WRONG_KEYS_GOODBYE if wrong_keys else prompts.SILENT_GOODBYE)


def _call_back(step: Step) -> VoiceResponse:
    """On the number called from; who has none that can be called says one."""
    if step.caller is None or refusal_of(step.caller, step.snapshot.ours(step.settings)) is not None:
        step.note("call_back", person=step.carried.left_by)
        return step.record("message", prompts.WHICH_NUMBER)
    want_call_back(step, step.caller)
    return goodbye(prompts.CALL_BACK_KEPT)


def want_call_back(step: Step, number: str) -> None:
    """Who has the ticket is told once the database is back."""
    step.note("call_back", person=step.carried.left_by, number=number)

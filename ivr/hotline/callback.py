"""Being called back instead of waiting."""

from core.phones import typed_number
from ivr import prompts
from ivr.hotline import hung_up
from ivr.hotline.waiting import wait_on
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, goodbye
from oncall.calls import LEFT_BY
from oncall.goodbyes import technician_of
from oncall.hotline import hold_again, want_call_back
from oncall.tickets import Ticket

# Between two keys, seconds: a number is looked up while it is typed.
LONGEST_PAUSE = 8


def callback(talk: Talk) -> VoiceResponse:
    """The number to call: the one called from (1), or another typed in; star or silence goes on waiting."""
    if talk.call.memo.pop("read_back", False):
        return _read_back_answered(talk)
    if not talk.digits.strip("*"):
        return hung_up.ask_next(talk) if LEFT_BY in talk.call.memo else wait_on(talk)
    if talk.digits == "1" and talk.call.number:
        want_call_back(talk.session, talk.call, talk.call.number, talk.now)
        return goodbye(prompts.callback_agreed(talk.call.number[-2:], _who_calls(talk)))
    return _typed(talk)


def _who_calls(talk: Talk) -> str:
    """After a conversation nobody is looked for: the technician who has the ticket is told."""
    if LEFT_BY not in talk.call.memo:
        return ""
    ticket = talk.session.get_one(Ticket, talk.call.ticket_id)
    return prompts.told_to_call((ticket.assignee or technician_of(talk.session, talk.call)).first_name)


def offer(talk: Talk, before: str = "") -> VoiceResponse:
    """Ask for the number to call."""
    last = talk.call.number[-2:] if talk.call.number else None
    words = f"{before} {prompts.callback_offer(last, searching=LEFT_BY not in talk.call.memo)}".strip()
    return talk.ask("callback", words, keys=None, timeout=LONGEST_PAUSE)


def _typed(talk: Talk) -> VoiceResponse:
    """Another number. It counts at once, also for who hangs up now; it is read back, as typing errs at night."""
    number = typed_in(talk.digits, talk.call.number, talk.settings.our_number)
    if number is None:
        return offer(talk, prompts.CALLBACK_BAD)
    want_call_back(talk.session, talk.call, number, talk.now)
    talk.call.memo["read_back"] = True
    return talk.ask("callback", prompts.callback_read_back(number, _who_calls(talk)), timeout=3)


def _read_back_answered(talk: Talk) -> VoiceResponse:
    if talk.digits != "2":
        return goodbye(prompts.CALLBACK_GOODBYE)
    hold_again(talk.session, talk.call)
    return offer(talk)


def typed_in(digits: str, own: str | None, ours: str) -> str | None:
    """The number (E.164) to call back: 1 means the `own` one; `ours` tells the country where that is withheld. Pure."""
    if digits == "1" and own:
        return own
    return None if "*" in digits or not digits else typed_number(digits, own or ours)

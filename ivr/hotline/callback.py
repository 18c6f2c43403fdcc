"""Being called back instead of waiting."""

from core.phones import typed_number
from ivr import prompts
from ivr.hotline.waiting import wait_on
from ivr.talk import Talk
from ivr.twiml import VoiceResponse, goodbye
from oncall.hotline import want_call_back


def callback(talk: Talk) -> VoiceResponse:
    """The number to call: the one called from (1), or another typed in; star or silence goes on waiting."""
    if talk.digits in {"", "*"}:
        return wait_on(talk)
    same = talk.digits == "1" and talk.call.number is not None
    number = talk.call.number if same else typed_number(talk.digits, talk.call.number or talk.settings.our_number)
    if number is None:
        last = talk.call.number[-2:] if talk.call.number else None
        return talk.ask("callback", prompts.callback_offer(last), keys=None, timeout=8, before=prompts.CALLBACK_BAD)
    want_call_back(talk.session, talk.call, number, talk.now)
    return goodbye(prompts.callback_agreed(number))

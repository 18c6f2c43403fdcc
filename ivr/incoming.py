"""A call comes in."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.settings import Settings
from ivr.conversation import answer
from ivr.hotline.live import LiveTalk
from ivr.twilio.belonging import check_incoming
from ivr.twilio.twiml import VoiceResponse
from oncall.calls.call_end import end_call
from oncall.customers.callers import call_that_came_in, who_calls
from oncall.delivery.telephony import FINAL
from oncall.models.calls import PhoneCall
from oncall.models.refusals import BlockedNumber, Reason, refuse
from oncall.runtime import Runtime


def first_answer(runtime: Runtime, form: dict[str, str]) -> str:
    """The greeting; a second delivery of the same call gets the same document.

    Raises StrangerError for a call that we made.
    """
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = _call(session, runtime.settings, form, now)
        check_incoming(call)
        if call.turn > 0 and call.last_answer:
            return call.last_answer
        if _is_blocked(session, call.number):
            return _reject(session, call, now)
        talk = LiveTalk(session, runtime, call, form, {}, now)
        return answer(talk, "greet")


def _call(session: Session, settings: Settings, form: dict[str, str], now: datetime) -> PhoneCall:
    sid, caller = form["CallSid"], who_calls(session, settings, form.get("From", ""))
    call = call_that_came_in(session, sid, caller, now)
    check_incoming(call)
    return call


def _is_blocked(session: Session, number: str | None) -> bool:
    return number is not None and session.get(BlockedNumber, number) is not None


def _reject(session: Session, call: PhoneCall, now: datetime) -> str:
    """Not even answered: a blocked number costs nothing and learns nothing."""
    refuse(session, call, Reason.BLOCKED_NUMBER, now)
    response = VoiceResponse()
    response.reject(reason="rejected")
    call.turn += 1
    call.last_answer = str(response)
    return call.last_answer


def progress(runtime: Runtime, form: dict[str, str]) -> None:
    """Progress of an incoming call; only its end means something.

    The end may be reported before the call itself has been (who hangs up at once): then the call is noted with it.
    Raises StrangerError for a call that we made.
    """
    sid = form.get("CallSid")
    inbound = form.get("Direction", "inbound").startswith("inbound")
    if form.get("CallStatus") not in FINAL or not sid or not inbound:
        return
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = _call(session, runtime.settings, form, now)
        end_call(session, call, form["CallStatus"], now)

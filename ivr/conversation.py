"""Carrying a conversation on: which step answers, each answer once, and no request without an answer.

The address of every question carries the call's turn. A request whose turn is the call's own is new: its step runs and
its document is kept. Any other is a second or late delivery and gets the kept document again.
"""

from flask import request
from twilio.twiml.voice_response import VoiceResponse

from core import log
from ivr import prompts
from ivr.addresses import step_url
from ivr.pin_check import reserve_pin
from ivr.steps import STEPS
from ivr.talk import Talk
from ivr.twiml import empty, goodbye, say, spoken
from oncall.calls import PhoneCall, lock_call
from oncall.pin_guard import Verdict
from oncall.runtime import Runtime

logger = log.get_logger(__name__)

# After so many errors in a call without a ticket it ends with an apology; with a ticket it never gives up.
MOST_ERRORS = 3


def run_step(runtime: Runtime, call_id: int, step: str) -> str:
    """The document that answers this request."""
    try:
        turn = int(request.args.get("turn", "-1"))
        verdict = reserve_pin(runtime, call_id, turn, _digits()) if step == "pin" else None
        with runtime.database.transaction() as session:
            call = lock_call(session, call_id)
            if call is None:
                logger.warning("step of an unknown call", call=call_id, step=step)
                return str(goodbye(prompts.SORRY_GOODBYE))
            if turn != call.turn or step not in STEPS:
                return call.last_answer or str(empty())
            talk = Talk(session, runtime, call, request.form.to_dict(), request.args.to_dict(), runtime.clock.now())
            return answer(talk, step, verdict)
    except Exception:
        logger.exception("step failed", call=call_id, step=step)
        return apology(runtime, call_id)


def answer(talk: Talk, step: str, verdict: Verdict | None = None) -> str:
    """Run a step, keep its document, and count the turn up."""
    call = talk.call
    talk.pin_verdict = verdict
    if call.direction == "out" and call.sid is None:
        call.sid = talk.form.get("CallSid")
    if call.move_to("answered"):
        call.answered_at = talk.now
    document = str(STEPS[step](talk))
    if not call.live:
        call.waiting = False  # the caller hung up before this answer of theirs arrived
    call.turn += 1
    call.last_answer = document
    return document


def _digits() -> str:
    return "" if "silent" in request.args else request.form.get("Digits", "")


def apology(runtime: Runtime, call_id: int) -> str:
    """Something failed: say so humanly, and go on as well as can be."""
    try:
        with runtime.database.transaction() as session:
            call = lock_call(session, call_id)
            if call is None:
                return str(goodbye(prompts.SORRY_GOODBYE))
            errors = int(call.memo.get("errors", 0)) + 1
            call.memo["errors"] = errors
            if call.ticket_id is not None and call.purpose == "hotline" and call.person_id is None:
                return _back_to_waiting(runtime, call)
            if errors > MOST_ERRORS or not call.last_answer:
                return str(goodbye(prompts.SORRY_GOODBYE))
            sorry = VoiceResponse()
            say(sorry, prompts.SORRY_AGAIN)
            return call.last_answer.replace("<Response>", str(sorry).partition("?>")[2].removesuffix("</Response>"), 1)
    except Exception:
        logger.exception("apology failed", call=call_id)
        return str(goodbye(prompts.SORRY_GOODBYE))


def _back_to_waiting(runtime: Runtime, call: PhoneCall) -> str:
    """The ticket exists and its page goes on without us: the caller waits for the technician."""
    call.waiting = call.live
    call.step = "wait"
    response = spoken(prompts.SORRY_WITH_TICKET)
    response.redirect(step_url(runtime.settings, call.id, "wait", call.turn, silent=1), method="POST")
    return str(response)

"""Carrying a conversation on: which step answers, each answer once, and no request without an answer.

The address of every question carries the call's turn. A request whose turn is the call's own is new: its step runs and
its document is kept. Any other is a second or late delivery and gets the kept document again, or what the call should
have gone on with long ago.
"""

from datetime import timedelta

from flask import request

from core import log
from core.patience import persistently
from core.wakeups import wake_at
from ivr import prompts
from ivr.apology import apologise, kept
from ivr.away.desk import AwayDesk
from ivr.away.taking_over import take_over
from ivr.belonging import StrangerError, check_step
from ivr.pin_check import reserve_pin
from ivr.steps import STEPS
from ivr.talk import Talk, typed
from ivr.twiml import empty, goodbye
from oncall.calls import lock_call
from oncall.joining import overdue_move
from oncall.pin_guard import Verdict
from oncall.runtime import Runtime

# No description and no round of waiting lasts so long.
LONGEST_ROUND = timedelta(seconds=150)

logger = log.get_logger(__name__)


def run_step(runtime: Runtime, call_id: int, step: str, desk: AwayDesk) -> str:
    """The document that answers this request. Raises StrangerError when it is not this call's."""
    try:
        if not desk.still_away():
            return persistently(lambda: _carry_on(runtime, call_id, step))
    except StrangerError:
        raise
    except Exception:
        if desk.is_away:
            return take_over(desk, call_id, step, request.form.to_dict() | kept(request), request.args.to_dict())
        logger.exception("step failed", call=call_id, step=step)
        return apologise(runtime, call_id, step, request)
    return take_over(desk, call_id, step, request.form.to_dict() | kept(request), request.args.to_dict())


def _carry_on(runtime: Runtime, call_id: int, step: str) -> str:
    turn = int(request.args.get("turn", "-1"))
    sid, digits = request.form.get("CallSid", ""), typed(request.form, request.args)
    verdict = reserve_pin(runtime, call_id, turn, digits, sid) if step == "pin" else None
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None:
            logger.warning("step of an unknown call", call=call_id, step=step)
            return str(goodbye(prompts.SORRY_GOODBYE))
        check_step(session, call, step, turn, request.form)
        overdue = overdue_move(call) if turn < call.turn else None
        if overdue is None and (turn != call.turn or step not in STEPS):
            return call.last_answer or str(empty())
        if "ask" in request.args and call.last_answer:
            return call.last_answer
        form = request.form.to_dict() | kept(request)
        return answer(Talk(session, runtime, call, form, request.args.to_dict(), now), overdue or step, verdict)


def answer(talk: Talk, step: str, verdict: Verdict | None = None) -> str:
    """Run a step, keep its document, and count the turn up."""
    call = talk.call
    talk.pin_verdict = verdict
    if call.move_to("answered"):
        call.answered_at = talk.now
    document = str(STEPS[step](talk))
    if not call.live:
        call.waiting = False  # the caller hung up before this answer of theirs arrived
    call.turn += 1
    call.last_answer = document
    if call.waiting:
        due = talk.now + LONGEST_ROUND
        real = (due - talk.runtime.clock.shift()).timestamp()
        wake_at(talk.session, talk.runtime.clock, due, "check_waiting", call_id=call.id, turn=call.turn, planned=real)
    return document

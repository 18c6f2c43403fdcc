"""Carrying a conversation on: which step answers, each answer once, and no request without an answer.

The address of every question carries the call's turn. A request whose turn is the call's own is new: its step runs and
its document is kept. Any other is a second or late delivery and gets the kept document again, or what the call should
have gone on with long ago.
"""

from datetime import timedelta

from flask import request

from core import log
from core.retry import persistently
from ivr.apology import apologise, kept
from ivr.hotline.live import LiveTalk
from ivr.offline.answering import AwayDesk
from ivr.offline.taking_over import take_over
from ivr.pin_attempt import reserve_pin
from ivr.prompts import faults
from ivr.registry import STEPS
from ivr.technician.questions import dismiss
from ivr.twilio.belonging import StrangerError, check_step
from ivr.twilio.twiml import empty, goodbye
from oncall.calls.call_end import end_call
from oncall.calls.conference import overdue_move
from oncall.customers.pin_guard import Verdict
from oncall.delivery.telephony import FINAL
from oncall.models import jobs
from oncall.models.calls import IN_ROOM, CallState, lock_call
from oncall.models.people import is_active
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
        if not desk.is_away:
            logger.exception("step failed", call=call_id, step=step)
            return apologise(runtime, call_id, step, request)
    return take_over(desk, call_id, step, request.form.to_dict() | kept(request), request.args.to_dict())


def _carry_on(runtime: Runtime, call_id: int, step: str) -> str:
    turn = int(request.args.get("turn", "-1"))
    verdict = reserve_pin(runtime, call_id, turn, request.form, request.args) if step == "pin" else None
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None:
            logger.warning("step of an unknown call", call=call_id, step=step)
            return str(goodbye(faults.SORRY_GOODBYE))
        check_step(session, call, step, turn, request.form)
        overdue = overdue_move(call) if turn < call.turn else None
        if overdue is None and (turn != call.turn or step not in STEPS):
            return call.last_answer or str(empty())
        if "ask" in request.args and call.last_answer:
            return call.last_answer
        form = request.form.to_dict() | kept(request)
        return answer(LiveTalk(session, runtime, call, form, request.args.to_dict(), now), overdue or step, verdict)


def _has_left(talk: LiveTalk, step: str) -> bool:
    """Whether the other party is somebody of ours who was retired since the call began, and is in no conversation."""
    person_id = talk.call.person_id
    return person_id is not None and step not in IN_ROOM and not is_active(talk.session, person_id)


def answer(talk: LiveTalk, step: str, verdict: Verdict | None = None) -> str:
    """Run a step, keep its document, and count the turn up."""
    call = talk.call
    talk.pin_verdict = verdict
    if call.move_to(CallState.ANSWERED):
        call.answered_at = talk.now
    document = str(dismiss(talk) if _has_left(talk, step) else STEPS[step](talk))
    if not call.live:
        call.waiting = False  # the caller hung up before this answer of theirs arrived
    if talk.form.get("CallStatus") in FINAL:  # nobody listens any more; the report of its end may never come
        end_call(talk.session, call, talk.form["CallStatus"], talk.now)
    call.turn += 1
    call.last_answer = document
    call.memo.last_request = talk.now.timestamp()
    if call.waiting:
        due = talk.now + LONGEST_ROUND
        real = (due - talk.runtime.clock.shift()).timestamp()
        jobs.check_waiting.wake_at(talk.session, talk.runtime.clock, due, call_id=call.id, turn=call.turn, planned=real)
    return document

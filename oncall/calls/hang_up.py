"""Ending calls of ours that nobody needs any more, and telling whoever listens to one what became of it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import log
from oncall.calls.call_end import end_call
from oncall.calls.conference import prepare_move
from oncall.calls.placing import still_wanted
from oncall.calls.redirect import carry_out
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError, ProviderError
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, lock_call
from oncall.paging.engine import LISTENING, open_attempts_of

logger = log.get_logger(__name__)

# Where a technician is asked about a page; anywhere else the call has gone on to something that is still wanted.
ASKED = ("choose", "talk")


@jobs.cut_off.runner
def cut_off(sender: Sender, *, call_id: int, late: bool = False) -> None:
    with sender.runtime.work() as work:
        call = lock_call(work.session, call_id)
        if call is None or not call.live:
            return
        if call.state == CallState.ANSWERED:
            step = _where_to(work.session, call)
            move = prepare_move(work, call, step) if step is not None else None
            sid = call.sid if late and _should_be_over(call, work.now) else None
        else:
            move, sid = None, _to_hang_up(work.session, sender, call, late)
    if move is not None:
        carry_out(sender, move)
    if sid is not None:
        _hang_up(sender, call_id, sid, late)


def _where_to(session: Session, call: PhoneCall) -> str | None:
    """The step that tells who listens what became of it; None while they are still wanted."""
    if call.step in ASKED and not open_attempts_of(session, call.id):
        return "taken"
    return "alone" if call.step == "rejoin_key" and not still_wanted(session, call) else None


def _should_be_over(call: PhoneCall, now: datetime) -> bool:
    """Whether nobody can be in an answered call any more, though no report of its end has come."""
    tested = call.step == "drill" and call.answered_at is not None and now >= call.answered_at + LISTENING
    return call.step == "goodbye" or tested


def _to_hang_up(session: Session, sender: Sender, call: PhoneCall, late: bool) -> str | None:
    """The provider's id of a call that rings for nothing; one that has not been placed just ends here."""
    now = sender.runtime.clock.now()
    if not late and still_wanted(session, call):
        return None
    if call.state == CallState.QUEUED:
        end_call(session, call, CallResult.CANCELED, now)
    elif call.sid is None:  # the request that rings it is under way: its answer is needed to end the call
        jobs.cut_off.wake_at(session, sender.runtime.clock, now + timedelta(seconds=0.3), call_id=call.id, late=late)
    return call.sid


def _hang_up(sender: Sender, call_id: int, sid: str, late: bool) -> None:
    """End the call at the provider, and here at once: the report of its end may be lost, the person must be free."""
    try:
        sender.telephony.hang_up(sid)
    except CallGoneError:
        logger.info("call was over before it was cut off", call=call_id)
    except ProviderError as error:
        logger.warning("call not cut off, trying again", call=call_id, error=str(error))
        with sender.runtime.database.transaction() as session:
            due = sender.runtime.clock.now() + timedelta(seconds=1)
            jobs.cut_off.wake_at(session, sender.runtime.clock, due, call_id=call_id, late=late)
        return
    with sender.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is not None:
            end_call(session, call, CallResult.CANCELED, sender.runtime.clock.now())

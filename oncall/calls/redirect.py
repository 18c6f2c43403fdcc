"""Asking the provider to let a live call go on with another step, until it has done so or the call is over."""

from datetime import timedelta

from core import log
from oncall.calls.call_end import end_call
from oncall.calls.conference import Move
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import CallGoneError, ProviderError
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, lock_call

logger = log.get_logger(__name__)


def carry_out(sender: Sender, move: Move) -> bool:
    """Carry out a move; False when the call is over, which is then put down as its end."""
    try:
        sender.telephony.move_call(move.sid, move.call_id, move.step, move.turn)
    except CallGoneError:
        with sender.runtime.database.transaction() as session:
            call = lock_call(session, move.call_id)
            if call is not None:
                end_call(session, call, CallResult.COMPLETED, sender.runtime.clock.now())
        return False
    except ProviderError as error:
        logger.warning("call not moved, trying again", call=move.call_id, step=move.step, error=str(error))
        _try_again(sender, move)
    return True


def _try_again(sender: Sender, move: Move) -> None:
    due = sender.runtime.clock.now() + timedelta(seconds=1)
    with sender.runtime.database.transaction() as session:
        jobs.repeat_move.wake_at(
            session, sender.runtime.clock, due, call_id=move.call_id, step=move.step, turn=move.turn
        )


@jobs.repeat_move.runner
def repeat_move(sender: Sender, *, call_id: int, step: str, turn: int) -> None:
    with sender.runtime.database.transaction() as session:
        call = session.get(PhoneCall, call_id)
        still = call is not None and call.state == CallState.ANSWERED and call.turn == turn and call.step == step
        sid = call.sid if call is not None else None
    if still and sid:
        carry_out(sender, Move(call_id, sid, step, turn))

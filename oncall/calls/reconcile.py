"""Calls that were picked up a while ago: the provider is asked whether they go on.

Each end is reported in two ways, by the call's own next request and by a callback. Both are lost when no web process
answers in that moment, and nobody delivers them again; then whoever talked would count as talking for ever, and would
never be rung.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Float, func, select
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from oncall.calls.call_end import end_call
from oncall.calls.participants import event_time
from oncall.delivery.sender import Sender
from oncall.delivery.telephony import FINAL, CallGoneError, ProviderError
from oncall.delivery.telephony import CallState as NetworkState
from oncall.models.calls import CallResult, CallState, PhoneCall, lock_call, memo_value

WATCH_EVERY: Final = 30.0
# So long after it was picked up, and again so long after the last question, each call is asked about.
ASK_EVERY: Final = timedelta(minutes=2)
# In one look, those first that were asked about the longest time ago.
_MOST_AT_ONCE: Final = 50

logger = log.get_logger(__name__)


def watch_calls(sender: Sender) -> None:
    """Ask about every call that was picked up a while ago, and put down the end of those that are over."""
    with sender.runtime.database.transaction() as session:
        calls = [(call.id, call.sid) for call in _to_ask_about(session, sender) if call.sid is not None]
    for call_id, sid in calls:
        try:
            ask_about(sender, call_id, sid, gone_is_over=True)
        except ProviderError as error:
            logger.warning("the provider can't be asked about a call", call=call_id, reason=str(error))
            if not error.permanent:
                return


def ask_about(sender: Sender, call_id: int, sid: str, *, gone_is_over: bool = False) -> None:
    """Ask the provider whether a call goes on, and put down its end if it says so. Raises ProviderError.

    A provider that knows of no such call says nothing: some keep records of the calls alone that they were asked to
    make. `gone_is_over`: take that for the end of a call of which nothing was heard for ASK_EVERY either.
    """
    try:
        found = sender.telephony.call_state(sid)
    except CallGoneError:
        if gone_is_over:
            _put_down(sender, call_id, NetworkState(CallResult.COMPLETED, None), only_quiet=True)
        return
    if found.status in FINAL:
        _put_down(sender, call_id, found)


def _to_ask_about(session: Session, sender: Sender) -> list[PhoneCall]:
    """Marked as asked about at once, so that no other worker asks too."""
    asked = func.coalesce(memo_value("asked_at").astext.cast(Float), 0.0)
    query = (
        select(PhoneCall)
        .where(
            PhoneCall.state == CallState.ANSWERED,
            PhoneCall.sid.is_not(None),
            func.coalesce(PhoneCall.answered_at, PhoneCall.created_at) < sender.runtime.clock.now() - ASK_EVERY,
            asked < (real_now() - ASK_EVERY).timestamp(),
        )
        .order_by(asked, PhoneCall.created_at)
        .limit(_MOST_AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True, of=PhoneCall)
    )
    calls = list(session.scalars(query))
    for call in calls:
        call.memo.asked_at = real_now().timestamp()
    return calls


def _put_down(sender: Sender, call_id: int, found: NetworkState, *, only_quiet: bool = False) -> None:
    clock = sender.runtime.clock
    at = event_time(found.ended_at, clock.shift(), clock.now())
    with sender.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is not None and call.live and not (only_quiet and _asked_us_lately(call, sender)):
            logger.warning("the end of a call was not reported", call=call_id, state=found.status)
            end_call(session, call, found.status, at)


def _asked_us_lately(call: PhoneCall, sender: Sender) -> bool:
    """Whether the call was there a moment ago: it asked for what it goes on with."""
    last = call.memo.last_request or 0.0
    return abs(sender.runtime.clock.now().timestamp() - last) < ASK_EVERY.total_seconds()

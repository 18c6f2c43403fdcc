"""Placing calls that were put down: claim the row, give the session back, then ask the provider.

Which queued call is next, and when, is decided in `oncall.pacing`.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from oncall import background
from oncall.calls import PhoneCall, caller_is_waiting, lock_call
from oncall.desk import (
    BEFORE,
    Desk,
    claim,
    claimed,
    is_ours,
    let_go,
    looked_up,
    real,
    result_of,
    wait_after,
    words_of,
)
from oncall.drills.models import Drill
from oncall.ending import end_call
from oncall.goodbyes import REJOINS
from oncall.paging.accept import accepted_with_caller
from oncall.paging.models import Attempt
from oncall.people import is_active
from oncall.provider_health import SENT
from oncall.rooms import Stay
from oncall.send_queue import CALL, pause, rate_of, settle
from oncall.setting import paging_times
from oncall.telephony import ProviderError
from oncall.tickets import tell

logger = log.get_logger(__name__)

# The provider rings this much longer than we wait, so that it is we who decide that nobody answers.
RING_MARGIN = 10
CALLBACK_RINGS = 40
# So often these are tried. A technician waits on the line for a call back: they hear soon that the network does not
# take it. A test call that waits for the network would keep its person's pages waiting. A caller waits for somebody who
# has accepted by text: if their phone can't be rung, the others are. And nobody waits for hours to be rung back.
MOST_TRIES = {"callback": 4, "drill": 4, "connect": 4, "hotline": 8}


@dataclass(frozen=True)
class CallOrder:
    """What the provider is asked for. `lost`: somebody may have asked for it before; `since`: real UTC."""

    call_id: int
    number: str
    rings: int
    since: datetime
    lost: bool


def claim_call(session: Session, desk: Desk, call: PhoneCall) -> CallOrder | None:
    """Claim a locked call for a request; None when it is claimed already, over, or no longer wanted."""
    if call.state not in {"queued", "sending"} or claimed(desk, call):
        return None
    now = desk.runtime.clock.now()
    lost = call.state == "sending"
    if not still_wanted(session, call):
        end_call(session, call, "canceled", now)
        return None
    claim(session, desk, call)
    call.ringing_from = call.ringing_from or now
    rings = CALLBACK_RINGS if call.purpose == "callback" else paging_times(session).no_answer + RING_MARGIN
    return CallOrder(call.id, str(call.number), rings, real(desk, call.created_at), lost)


def place(desk: Desk, order: CallOrder) -> None:
    """Ring the other party of a claimed call. One that is not found after a lost answer waits for a token again."""
    rate = rate_of(desk.runtime.settings, CALL)
    try:
        sid = _placed_already(desk, order.number, order.since, order.call_id) if order.lost else None
        if sid is None and order.lost and rate:
            _queue_again(desk, order.call_id)
            return
        sid = sid or desk.telephony.place_call(order.number, order.call_id, order.rings)
    except ProviderError as error:
        desk.tally.count("call", result_of(error), words_of(error))
        _not_placed(desk, order.call_id, error)
        return
    desk.tally.count("call", SENT)
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, order.call_id)
        # Another request for it was carried out too, unheard of until now; or it is over, and nobody knew what to end.
        needless = call is not None and (call.sid not in {None, sid} or (call.sid is None and not call.live))
        if call is not None:
            call.sid = call.sid or sid
            let_go(call)
            call.ringing_from = now
            call.move_to("placed")
            # Should its end never be reported: it doesn't ring for longer than this.
            due = now + timedelta(seconds=order.rings + RING_MARGIN)
            background.cut_off.wake_at(session, desk.runtime.clock, due, call_id=call.id, late=True)
        settle(session, CALL, rate)
    if needless:
        _end_needless(desk, order.call_id, sid)


def _end_needless(desk: Desk, call_id: int, sid: str) -> None:
    logger.warning("rung twice, or for nothing: this call is ended", call=call_id, call_sid=sid)
    try:
        desk.telephony.hang_up(sid)
    except ProviderError as error:
        logger.warning("the needless call was not ended", call_sid=sid, error=str(error))


def _queue_again(desk: Desk, call_id: int) -> None:
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is not None and is_ours(desk, call):
            call.state = "queued"
            let_go(call)
            background.place_call.wake(session, call_id=call.id)


def _placed_already(desk: Desk, number: str, since: datetime, call_id: int) -> str | None:
    """The call that an earlier request may have made: one to this number that no row of ours has."""
    sids = looked_up(lambda: desk.telephony.find_calls(number, since - BEFORE))
    with desk.runtime.database.transaction() as session:
        ours = select(PhoneCall.sid).where(PhoneCall.sid.in_(sids), PhoneCall.id != call_id)
        taken = set(session.scalars(ours))
    return next((sid for sid in sids if sid not in taken), None)


def still_wanted(session: Session, call: PhoneCall) -> bool:
    """Whether a call of ours that nobody has picked up yet should go on ringing."""
    if call.person_id is not None and not is_active(session, call.person_id):
        return False
    if _for_page(session, call):
        query = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.outcome.is_(None))
        return session.scalar(query.limit(1)) is not None or bool(accepted_with_caller(session, call.person_id))
    if call.purpose == "drill":
        pending = select(Drill.id).where(Drill.call_id == call.id, Drill.call_result.is_(None))
        return session.scalar(pending) is not None
    if REJOINS in call.memo:
        return caller_is_waiting(session, call.ticket_id or 0)
    if call.purpose == "callback":
        there = select(Stay.id).join(PhoneCall, PhoneCall.id == Stay.call_id)
        there = there.where(Stay.room_id == call.room_id, Stay.role == "technician", Stay.left_at.is_(None))
        return session.scalar(there.where(PhoneCall.state != "ended").limit(1)) is not None
    return True


def _for_page(session: Session, call: PhoneCall) -> bool:
    """Whether it is a page's call, or a test call that a page has taken over."""
    if call.purpose == "drill":
        return session.scalar(select(Attempt.id).where(Attempt.call_id == call.id).limit(1)) is not None
    return call.purpose == "page"


def _not_placed(desk: Desk, call_id: int, error: ProviderError) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None or not is_ours(desk, call):
            return
        call.error = words_of(error)
        let_go(call)
        logger.warning("call not placed", call=call_id, error=call.error, permanent=error.permanent)
        if error.permanent or call.tries >= MOST_TRIES.get(call.purpose, math.inf):
            end_call(session, call, "failed", now)
            if call.ticket_id:
                words = f"The telephone network refused the call: {call.error}."
                tell(session, call.ticket_id, now, "warning", words, key=f"call:{call.id}:refused")
            return
        if not error.processed_unknown:
            call.state = "queued"
        due = now + wait_after(error, call.tries)
        call.not_before = real(desk, due)
        background.place_call.wake_at(session, desk.runtime.clock, due, call_id=call.id)
        if error.retry_after and rate_of(desk.runtime.settings, CALL):
            pause(session, CALL, error.retry_after)

"""Ringing a registered number back, so that whoever fakes its caller id gets nowhere."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models import jobs
from oncall.models.call_memo import CallMemo
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose
from oncall.models.ranks import P2


def ring_back(session: Session, call: PhoneCall, now: datetime) -> None:
    """Ring the number that seems to have called; once at a time, however many calls ask for it."""
    live = select(PhoneCall.id).where(
        PhoneCall.number == call.number,
        PhoneCall.direction == Direction.OUT,
        PhoneCall.purpose == Purpose.HOTLINE,
        PhoneCall.state != CallState.ENDED,
    )
    if call.number is None or session.scalar(live.limit(1)) is not None:
        return
    back = PhoneCall(
        direction=Direction.OUT,
        purpose=Purpose.HOTLINE,
        number=call.number,
        state=CallState.QUEUED,
        step="answered",
        memo=CallMemo(verified=True),
        rank=P2,  # somebody waits beside their phone, for what may be anything
        created_at=now,
    )
    session.add(back)
    session.flush()
    jobs.place_call.wake(session, call_id=back.id)

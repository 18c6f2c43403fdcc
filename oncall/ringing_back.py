"""Ringing a registered number back, so that whoever fakes its caller id gets nowhere."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall import background
from oncall.calls import PhoneCall
from oncall.ranks import P2


def ring_back(session: Session, call: PhoneCall, now: datetime) -> None:
    """Ring the number that seems to have called; once at a time, however many calls ask for it."""
    live = select(PhoneCall.id).where(
        PhoneCall.number == call.number,
        PhoneCall.direction == "out",
        PhoneCall.purpose == "hotline",
        PhoneCall.state != "ended",
    )
    if call.number is None or session.scalar(live.limit(1)) is not None:
        return
    back = PhoneCall(
        direction="out",
        purpose="hotline",
        number=call.number,
        state="queued",
        step="answered",
        memo={"verified": True},
        rank=P2,  # somebody waits beside their phone, for what may be anything
        created_at=now,
    )
    session.add(back)
    session.flush()
    background.place_call.wake(session, call_id=back.id)

"""The end of a call, whichever report of it comes first."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall import background
from oncall.calls import LEFT_BY, PhoneCall
from oncall.drills.checking import call_changed
from oncall.goodbyes import REJOINS
from oncall.hotline import caller_left
from oncall.joining import stay_left, stays_of_call
from oncall.paging.engine import call_ended
from oncall.reaching import call_settled
from oncall.rooms import Stay
from oncall.tickets import tell


def end_call(session: Session, call: PhoneCall, result: str, at: datetime) -> None:
    """Put down that a locked call is over and wake what depends on it. A second report changes nothing.

    `result`: the provider's word (completed, busy, no-answer, failed, canceled).
    """
    if not call.move_to("ended"):
        return
    call.ended_at = max(at, call.created_at)
    for stay in stays_of_call(session, call.id):
        stay_left(session, stay, at)
    if call.purpose == "hotline":
        caller_left(session, call, at)
    else:
        call.result = result
        call.waiting = False
    if call.purpose == "callback":
        _callback_over(session, call, result, at)
    if call.room_id is not None:
        background.check_room.wake(session, room_id=call.room_id)
    session.flush()
    if call.purpose == "drill":
        call_changed(session, call)
    if call.person_id is not None:
        background.check_connected.wake(session, call_id=call.id)
    if REJOINS in call.memo or call.purpose == "connect":
        background.check_rejoined.wake(session, call_id=call.id)
    if LEFT_BY in call.memo:
        background.conclude_goodbye.wake(session, call_id=call.id)
    if call.memo.get("away"):  # it went on without the database: was somebody reached?
        background.settle_away.wake(session, call_id=call.id)
    call_settled(session, call, at)
    call_ended(session, call)


def _callback_over(session: Session, call: PhoneCall, result: str, at: datetime) -> None:
    """Tell the technician who waits in the room that the customer did not come."""
    came = session.scalar(select(Stay.id).where(Stay.call_id == call.id).limit(1)) is not None
    if came or call.ticket_id is None:
        return
    if result == "canceled":
        words = "The call to the customer was ended before they picked up."
    else:
        words = f"The customer did not pick up ({result})."
    tell(session, call.ticket_id, at, "no_answer", words, key=f"call:{call.id}:unanswered")
    technician = call.memo.get("technician_call")
    if technician is not None:
        background.move_call.wake(session, call_id=technician, step="unanswered", room_id=call.room_id)

"""The end of a call, whichever report of it comes first."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.calls.outcome import call_settled
from oncall.calls.participants import stay_left, stays_of_call
from oncall.drills.checking import call_changed
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, Purpose
from oncall.models.conferences import Participant
from oncall.models.contacts.faults import ProviderFault
from oncall.models.tickets import EventKind, record_event
from oncall.paging.engine import call_ended
from oncall.tickets.intake import caller_left


def end_call(session: Session, call: PhoneCall, result: str, at: datetime, fault: ProviderFault | None = None) -> None:
    """Put down that a locked call is over and wake what depends on it. A second report changes nothing.

    `result`: the provider's word (completed, busy, no-answer, failed, canceled). `fault`: why it failed, if it said so.
    """
    if not call.move_to(CallState.ENDED):
        return
    if fault is not None:
        call.keep_fault(fault)
    call.ended_at = max(at, call.created_at)
    for stay in stays_of_call(session, call.id):
        stay_left(session, stay, at)
    if call.purpose == Purpose.HOTLINE:
        caller_left(session, call, at)
    else:
        call.result = result
        call.waiting = False
    if call.purpose == Purpose.CALLBACK:
        _callback_over(session, call, result, at)
    if call.room_id is not None:
        jobs.check_room.wake(session, room_id=call.room_id)
    session.flush()
    if call.purpose == Purpose.DRILL:
        call_changed(session, call)
    if call.person_id is not None:
        jobs.check_connected.wake(session, call_id=call.id)
    if call.memo.rejoins or call.purpose == Purpose.CONNECT:
        jobs.check_rejoined.wake(session, call_id=call.id)
    if call.memo.left_by is not None:
        jobs.conclude_goodbye.wake(session, call_id=call.id)
    if call.memo.away:  # it went on without the database: was somebody reached?
        jobs.settle_away.wake(session, call_id=call.id)
    call_settled(session, call, fault, at)
    call_ended(session, call)


def _callback_over(session: Session, call: PhoneCall, result: str, at: datetime) -> None:
    """Tell the technician who waits in the room that the customer did not come."""
    came = session.scalar(select(Participant.id).where(Participant.call_id == call.id).limit(1)) is not None
    if came or call.ticket_id is None:
        return
    if result == CallResult.CANCELED:
        words = "The call to the customer was ended before they picked up."
    else:
        words = f"The customer did not pick up ({result})."
    record_event(session, call.ticket_id, at, EventKind.NO_ANSWER, words, key=f"call:{call.id}:unanswered")
    technician = call.technician_call_id
    if technician is not None:
        jobs.move_call.wake(session, call_id=technician, step="unanswered", room_id=call.room_id)

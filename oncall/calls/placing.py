"""Placing calls that were put down, and whether one should go on ringing."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import log
from oncall.calls.call_end import end_call
from oncall.delivery.outbox import Order, Outbox
from oncall.delivery.sender import Sender, let_go
from oncall.delivery.telephony import ProviderError
from oncall.models import jobs
from oncall.models.calls import CallResult, CallState, PhoneCall, Purpose, caller_is_waiting, lock_call, take_over_notes
from oncall.models.conferences import Participant, ParticipantRole
from oncall.models.contacts.faults import ProviderFault
from oncall.models.drills import Drill
from oncall.models.operations.provider_health import RequestKind
from oncall.models.pages import Attempt
from oncall.models.people import is_active
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, record_event
from oncall.paging.acknowledge import accepted_with_caller
from oncall.runtime import Work

logger = log.get_logger(__name__)

# The provider rings this much longer than we wait, so that it is we who decide that nobody answers.
RING_MARGIN = 10
CALLBACK_RINGS = 40
# So often these are tried. A technician waits on the line for a call back: they hear soon that the network does not
# take it. A test call that waits for the network would keep its person's pages waiting. A caller waits for somebody who
# has accepted by text: if their phone can't be rung, the others are. And nobody waits for hours to be rung back.
MOST_TRIES = {Purpose.CALLBACK: 4, Purpose.DRILL: 4, Purpose.CONNECT: 4, Purpose.HOTLINE: 8}


@dataclass(frozen=True)
class CallOrder(Order):
    """A call to ask for. `rings`: seconds."""

    number: str
    rings: int


class CallOutbox(Outbox[PhoneCall, CallOrder]):
    """Rings the other party of outgoing calls."""

    table = PhoneCall
    noun = "call"
    complaint = "call not placed"

    def lock(self, session: Session, row_id: int) -> PhoneCall | None:
        return lock_call(session, row_id)

    def _prepare(self, work: Work, row: PhoneCall, *, lost: bool) -> bool:
        take_over_notes(work.session, row)  # a pacer locks rows without `lock`
        if still_wanted(work.session, row):
            return True
        end_call(work.session, row, CallResult.CANCELED, work.now)
        return False

    def _queue(self, row: PhoneCall) -> None:
        row.state = CallState.QUEUED

    def _order(self, work: Work, row: PhoneCall, since: datetime, lost: bool) -> CallOrder:
        row.ringing_from = row.ringing_from or work.now
        rings = (
            CALLBACK_RINGS if row.purpose == Purpose.CALLBACK else paging_times(work.session).no_answer + RING_MARGIN
        )
        return CallOrder(row.id, RequestKind.CALL, since, lost, str(row.number), rings)

    def _find(self, sender: Sender, order: CallOrder) -> list[str]:
        return sender.telephony.find_calls(order.number, order.since)

    def _with_sids(self, sids: list[str]) -> Select[str | None]:
        return select(PhoneCall.sid).where(PhoneCall.sid.in_(sids))

    def _request(self, sender: Sender, order: CallOrder) -> str:
        return sender.telephony.place_call(order.number, order.row_id, order.rings)

    def _sent(self, work: Work, order: CallOrder, sid: str | None) -> bool:
        """In vain: another request was carried out too, unheard of until now; or the call is over, and nobody knew
        what to end."""
        call = self.lock(work.session, order.row_id)
        if call is None:
            return True
        needed = call.sid in {None, sid} and (call.sid is not None or call.live)
        call.sid = call.sid or sid
        let_go(call)
        call.ringing_from = work.now
        call.move_to(CallState.PLACED)
        # Should its end never be reported: it doesn't ring for longer than this.
        due = work.now + timedelta(seconds=order.rings + RING_MARGIN)
        jobs.cut_off.wake_at(work.session, work.runtime.clock, due, call_id=call.id, late=True)
        return needed

    def _withdraw(self, sender: Sender, order: CallOrder, sid: str) -> None:
        logger.warning("rung twice, or for nothing: this call is ended", call=order.row_id, call_sid=sid)
        try:
            sender.telephony.hang_up(sid)
        except ProviderError as error:
            logger.warning("the needless call was not ended", call_sid=sid, error=str(error))

    def _most_tries(self, row: PhoneCall) -> float:
        return MOST_TRIES.get(row.purpose, math.inf)

    def _failed(self, work: Work, row: PhoneCall, fault: ProviderFault, *, given_up: bool) -> None:
        if not given_up:
            return
        end_call(work.session, row, CallResult.FAILED, work.now, fault)
        if row.ticket_id:
            words = f"The telephone network refused the call: {row.error}."
            record_event(work.session, row.ticket_id, work.now, EventKind.WARNING, words, key=f"call:{row.id}:refused")

    def _wake_at(self, work: Work, due: datetime, row: PhoneCall) -> None:
        jobs.place_call.wake_at(work.session, work.runtime.clock, due, call_id=row.id)


CALLS: Final = CallOutbox()


def still_wanted(session: Session, call: PhoneCall) -> bool:
    """Whether a call of ours that nobody has picked up yet should go on ringing."""
    if call.person_id is not None and not is_active(session, call.person_id):
        return False
    if _for_page(session, call):
        query = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.outcome.is_(None))
        return session.scalar(query.limit(1)) is not None or bool(accepted_with_caller(session, call.person_id))
    if call.purpose == Purpose.DRILL:
        pending = select(Drill.id).where(Drill.call_id == call.id, Drill.call_result.is_(None))
        return session.scalar(pending) is not None
    if call.memo.rejoins:
        return caller_is_waiting(session, call.ticket_id or 0)
    if call.purpose == Purpose.CALLBACK:
        there = select(Participant.id).join(PhoneCall, PhoneCall.id == Participant.call_id)
        there = there.where(
            Participant.room_id == call.room_id,
            Participant.role == ParticipantRole.TECHNICIAN,
            Participant.left_at.is_(None),
        )
        return session.scalar(there.where(PhoneCall.state != CallState.ENDED).limit(1)) is not None
    return True


def _for_page(session: Session, call: PhoneCall) -> bool:
    """Whether it is a page's call, or a test call that a page has taken over."""
    if call.purpose == Purpose.DRILL:
        return session.scalar(select(Attempt.id).where(Attempt.call_id == call.id).limit(1)) is not None
    return call.purpose == Purpose.PAGE

"""What the telephone network and the mail server would have told: calls that come in, ring and end, texts that arrive.

It is put down as the reports of a real network are (`ivr.provider_reports`); nothing leaves this machine, or ever did.
"""

from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.calls.call_end import end_call
from oncall.calls.conference import send_to_room, settle_room
from oncall.calls.outcome import text_arrived
from oncall.calls.participants import room_for, stay_joined
from oncall.customers.callers import call_that_came_in, who_calls
from oncall.models.calls import CallResult, CallState, PhoneCall
from oncall.models.conferences import Conference, ParticipantRole
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.tickets import Ticket
from oncall.runtime import Work


class Network:
    """Names calls and texts as the network of the demo does, but never as it has."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def comes_in(self, work: Work, number: str) -> PhoneCall:
        """A call to the hotline, answered at once."""
        caller = who_calls(work.session, work.runtime.settings, number)
        return call_that_came_in(work.session, self._name("CA"), caller, work.now, answered=True)

    def rings(self, call: PhoneCall, now: datetime) -> None:
        """A phone that we have called rings."""
        if call.sid is None:
            call.sid, call.ringing_from, call.tries = self._name("CA"), now, 1
            call.move_to(CallState.RINGING)

    def picked_up(self, call: PhoneCall, now: datetime) -> None:
        """Somebody answers it."""
        if call.move_to(CallState.ANSWERED):
            call.answered_at = now

    def deliver(self, session: Session) -> None:
        """Whatever was put down about tickets has arrived: nothing of it is left for a worker."""
        session.flush()
        queued = select(Message).where(Message.state == MessageState.QUEUED, Message.ticket_id.is_not(None))
        for message in session.scalars(queued):
            message.tries, message.not_before = 1, None
            if message.channel == Channel.TEXT:
                message.provider_sid, message.state = self._name("SM"), MessageState.DELIVERED
                text_arrived(session, message)
            else:
                message.state = MessageState.SENT

    def _name(self, kind: str) -> str:
        """By number: the network's own names are by chance, and never so low."""
        return f"{kind}{next(self._numbers):032x}"


def joined(work: Work, ticket: Ticket, technician: PhoneCall, caller: PhoneCall) -> Conference:
    """A technician who has accepted and the caller who holds come into one conference."""
    room = room_for(work.session, ticket.id, work.now)
    for call, role in ((technician, ParticipantRole.TECHNICIAN), (caller, ParticipantRole.CALLER)):
        stay = send_to_room(work.session, call, room, role, work.now)
        call.step = "left"
        stay_joined(work.session, stay, work.now)
    caller.result = "joined with a technician"
    settle_room(work, room.id)
    return room


def hangs_up(work: Work, call: PhoneCall, result: CallResult = CallResult.COMPLETED) -> None:
    """A call is over, and whoever was in a conference with it is seen to."""
    end_call(work.session, call, result, work.now)
    work.session.flush()
    if call.room_id is not None:
        settle_room(work, call.room_id)

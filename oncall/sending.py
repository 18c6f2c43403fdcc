"""Sending what was put down: calls, texts, mails. Each claims its row, gives the session back, then asks the provider.

A row is claimed by moving it from queued to sending, for as long as a request can take. Whoever finds one in sending
and not claimed any more knows that a process died or lost the provider's answer in between: the provider is asked
first whether it has the call or text already.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import log
from core.clock import real_now
from core.wakeups import URGENT, wake, wake_at
from oncall.calls import PhoneCall, lock_call
from oncall.ending import end_call
from oncall.mail import Mailer, MailError
from oncall.messages import Message
from oncall.paging.accept import accepted_with_caller
from oncall.paging.models import Attempt
from oncall.rooms import Stay
from oncall.runtime import Runtime
from oncall.setting import paging_times
from oncall.telephony import ProviderError, Telephony
from oncall.tickets import tell

logger = log.get_logger(__name__)

# Waits before the next try of something the provider may take later (429, 5xx, time-outs), seconds.
BACK_OFF = (1, 2, 4, 8, 15, 30, 60, 120, 300)
# The provider rings this much longer than we wait, so that it is we who decide that nobody answers.
RING_MARGIN = 10
CALLBACK_RINGS = 40
# A technician waits on the line for a call back: they hear soon that the network does not take it.
CALLBACK_TRIES = 4


@dataclass(frozen=True)
class Desk:
    """What sending needs: the runtime, the telephone network and the mail."""

    runtime: Runtime
    telephony: Telephony
    mailer: Mailer


def place_call(desk: Desk, call_id: int) -> None:
    """Ring the other party of an outgoing call, unless that is no longer wanted."""
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None or call.state not in {"queued", "sending"} or _claimed(desk, call):
            return
        seen = call.state == "sending"
        if not still_wanted(session, call):
            end_call(session, call, "canceled", desk.runtime.clock.now())
            return
        call.state, call.claimed_at = "sending", real_now()
        call.tries += 1
        rings = CALLBACK_RINGS if call.purpose == "callback" else paging_times(session).no_answer + RING_MARGIN
        number, since = str(call.number), call.created_at - desk.runtime.clock.shift()
    try:
        sid = (desk.telephony.find_call(number, since - timedelta(seconds=2)) if seen else None) or (
            desk.telephony.place_call(number, call_id, rings)
        )
    except ProviderError as error:
        _not_placed(desk, call_id, error)
        return
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is not None:
            call.sid = call.sid or sid
            call.claimed_at = None
            call.move_to("placed")


def _claimed(desk: Desk, row: PhoneCall | Message) -> bool:
    """Whether another worker is asking the provider at this moment: looking it up and sending, one request each."""
    lease = timedelta(seconds=2 * desk.runtime.settings.provider_timeout + 5)
    return row.state == "sending" and row.claimed_at is not None and real_now() < row.claimed_at + lease


def still_wanted(session: Session, call: PhoneCall) -> bool:
    """Whether a call of ours that nobody has picked up yet should go on ringing."""
    if call.purpose == "page":
        query = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.outcome.is_(None))
        return session.scalar(query.limit(1)) is not None or bool(accepted_with_caller(session, call.person_id))
    if call.purpose == "callback":
        there = select(Stay.id).join(PhoneCall, PhoneCall.id == Stay.call_id)
        there = there.where(Stay.room_id == call.room_id, Stay.role == "technician", Stay.left_at.is_(None))
        return session.scalar(there.where(PhoneCall.state != "ended").limit(1)) is not None
    return True


def _not_placed(desk: Desk, call_id: int, error: ProviderError) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is None or call.state != "sending":
            return
        call.error, call.claimed_at = _words(error), None
        logger.warning("call not placed", call=call_id, error=call.error, permanent=error.permanent)
        if error.permanent or (call.purpose == "callback" and call.tries >= CALLBACK_TRIES):
            end_call(session, call, "failed", now)
            if call.ticket_id:
                words = f"The telephone network refused the call: {call.error}."
                tell(session, call.ticket_id, now, "warning", words, key=f"call:{call.id}:refused")
            return
        if not error.processed_unknown:
            call.state = "queued"
        due = now + timedelta(seconds=_wait(call.tries, error))
        wake_at(session, desk.runtime.clock, due, "place_call", call_id=call.id)


def _wait(tries: int, error: ProviderError) -> float:
    usual = BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]
    return max(usual, error.retry_after or 0)


def _words(error: ProviderError) -> str:
    return f"{error.code} {error}" if error.code else str(error)


def send_message(desk: Desk, message_id: int) -> None:
    """Send a text or mail that was put down."""
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state not in {"queued", "sending"} or _claimed(desk, message):
            return
        seen = message.state == "sending"
        message.state, message.claimed_at = "sending", real_now()
        message.tries += 1
        channel, recipient = message.channel, message.recipient
        subject, body, key = message.subject, message.body, message.key
        since = message.created_at - desk.runtime.clock.shift() - timedelta(seconds=2)
    try:
        if channel == "mail":
            desk.mailer.send(recipient, subject, body, key)
            sid = None
        else:
            sid = (desk.telephony.find_text(recipient, body, since) if seen else None) or desk.telephony.send_text(
                recipient, body, message_id
            )
    except ProviderError as error:
        _not_sent(desk, message_id, error, _wait_for_message)
        return
    except MailError as error:
        _not_sent(desk, message_id, ProviderError(str(error), permanent=error.permanent), _wait_for_message)
        return
    with desk.runtime.database.transaction() as session:
        values: dict[str, Any] = {"state": "accepted" if channel == "text" else "sent", "provider_sid": sid}
        # A status callback may have been quicker than the answer to our request.
        session.execute(update(Message).where(Message.id == message_id, Message.state == "sending").values(values))


def _wait_for_message(message: Message, error: ProviderError) -> float:
    return _wait(message.tries, error)


def _not_sent(desk: Desk, message_id: int, error: ProviderError, wait: Any) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state != "sending":
            return
        message.error, message.claimed_at = _words(error), None
        logger.warning("message not sent", message=message_id, error=message.error, permanent=error.permanent)
        if error.permanent or message.tries > len(BACK_OFF):
            message.state = "failed"
            if message.ticket_id:
                words = f"The {message.channel} to {_whom(message)} could not be sent: {message.error}."
                tell(session, message.ticket_id, now, "warning", words, key=f"message:{message.id}:failed")
            return
        if not error.processed_unknown:
            message.state = "queued"
        due = now + timedelta(seconds=wait(message, error))
        wake_at(session, desk.runtime.clock, due, "send_message", message_id=message.id)


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"


def resend_forgotten(session: Session, now: datetime) -> None:
    """Wake whatever was put down or claimed more than 20 s ago and is not on its way: its job died with a process."""
    before = now - timedelta(seconds=20)
    calls = select(PhoneCall.id).where(PhoneCall.state.in_(["queued", "sending"]), PhoneCall.created_at < before)
    for call_id in session.scalars(calls.limit(500)):
        wake(session, "place_call", priority=URGENT, call_id=call_id)
    unsent = select(Message.id).where(Message.state.in_(["queued", "sending"]), Message.created_at < before)
    for message_id in session.scalars(unsent.limit(500)):
        wake(session, "send_message", message_id=message_id)

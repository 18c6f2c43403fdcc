"""Sending what was put down: calls, texts, mails. Each claims its row, gives the session back, then asks the provider.

A row is claimed by moving it from queued to sending, for as long as a request can take. Whoever finds one in sending
and not claimed any more knows that a process died or lost the provider's answer in between: the provider is asked
first whether it has the call or text already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, column, exists, select, table, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import log
from core.clock import real_now
from core.wakeups import URGENT, wake, wake_at
from oncall.calls import PhoneCall, lock_call
from oncall.drills.checking import text_changed
from oncall.drills.models import Drill
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
# A technician waits on the line for a call back: they hear soon that the network does not take it. And a test call that
# waits for the network would keep its person's pages waiting.
IMPATIENT = frozenset({"callback", "drill"})
IMPATIENT_TRIES = 4
# The provider's clock may differ a little from ours.
BEFORE = timedelta(seconds=2)


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
        known = _placed_already(desk, number, since, call_id) if seen else None
        sid = known or desk.telephony.place_call(number, call_id, rings)
    except ProviderError as error:
        _not_placed(desk, call_id, error)
        return
    with desk.runtime.database.transaction() as session:
        call = lock_call(session, call_id)
        if call is not None:
            call.sid = call.sid or sid
            call.claimed_at = None
            call.move_to("placed")
            # Should its end never be reported: it doesn't ring for longer than this.
            due = desk.runtime.clock.now() + timedelta(seconds=rings + RING_MARGIN)
            wake_at(session, desk.runtime.clock, due, "cut_off", call_id=call.id, late=True)


def _placed_already(desk: Desk, number: str, since: datetime, call_id: int) -> str | None:
    """The call that an earlier request may have made: one to this number that no row of ours has."""
    sids = _looked_up(lambda: desk.telephony.find_calls(number, since - BEFORE))
    with desk.runtime.database.transaction() as session:
        ours = select(PhoneCall.sid).where(PhoneCall.sid.in_(sids), PhoneCall.id != call_id)
        taken = set(session.scalars(ours))
    return next((sid for sid in sids if sid not in taken), None)


def _sent_already(desk: Desk, number: str, body: str, since: datetime) -> str | None:
    """The text that an earlier request may have sent: one of these words that no row of ours has."""
    sids = _looked_up(lambda: desk.telephony.find_texts(number, body, since))
    with desk.runtime.database.transaction() as session:
        taken = set(session.scalars(select(Message.provider_sid).where(Message.provider_sid.in_(sids))))
    return next((sid for sid in sids if sid not in taken), None)


def _looked_up(look: Callable[[], list[str]]) -> list[str]:
    """What the provider finds. One that can't tell is asked to send: once too often is better than never."""
    try:
        return look()
    except ProviderError as error:
        if not error.permanent:
            raise
        logger.warning("could not be looked up, sending again", error=str(error))
        return []


def _claimed(desk: Desk, row: PhoneCall | Message) -> bool:
    """Whether another worker is asking the provider at this moment: looking it up and sending, one request each."""
    lease = timedelta(seconds=2 * desk.runtime.settings.provider_timeout + 5)
    return row.state == "sending" and row.claimed_at is not None and real_now() < row.claimed_at + lease


def still_wanted(session: Session, call: PhoneCall) -> bool:
    """Whether a call of ours that nobody has picked up yet should go on ringing."""
    if _for_page(session, call):
        query = select(Attempt.id).where(Attempt.call_id == call.id, Attempt.outcome.is_(None))
        return session.scalar(query.limit(1)) is not None or bool(accepted_with_caller(session, call.person_id))
    if call.purpose == "drill":
        pending = select(Drill.id).where(Drill.call_id == call.id, Drill.call_result.is_(None))
        return session.scalar(pending) is not None
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
        if call is None or call.state != "sending":
            return
        call.error, call.claimed_at = _words(error), None
        logger.warning("call not placed", call=call_id, error=call.error, permanent=error.permanent)
        if error.permanent or (call.purpose in IMPATIENT and call.tries >= IMPATIENT_TRIES):
            end_call(session, call, "failed", now)
            if call.ticket_id:
                words = f"The telephone network refused the call: {call.error}."
                tell(session, call.ticket_id, now, "warning", words, key=f"call:{call.id}:refused")
            return
        if not error.processed_unknown:
            call.state = "queued"
        due = now + timedelta(seconds=_wait(call.tries))
        wake_at(session, desk.runtime.clock, due, "place_call", call_id=call.id)


def _wait(tries: int) -> int:
    return BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]


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
        since = message.created_at - desk.runtime.clock.shift() - BEFORE
    try:
        if channel == "mail":
            desk.mailer.send(recipient, subject, body, key)
            sid = None
        else:
            known = _sent_already(desk, recipient, body, since) if seen else None
            sid = known or desk.telephony.send_text(recipient, body, message_id)
    except ProviderError as error:
        _not_sent(desk, message_id, error)
        return
    except MailError as error:
        _not_sent(desk, message_id, ProviderError(str(error), permanent=error.permanent))
        return
    with desk.runtime.database.transaction() as session:
        values: dict[str, Any] = {"state": "accepted" if channel == "text" else "sent", "provider_sid": sid}
        # A status callback may have been quicker than the answer to our request.
        session.execute(update(Message).where(Message.id == message_id, Message.state == "sending").values(values))


def _not_sent(desk: Desk, message_id: int, error: ProviderError) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state != "sending":
            return
        message.error, message.claimed_at = _words(error), None
        logger.warning("message not sent", message=message_id, error=message.error, permanent=error.permanent)
        if error.permanent or message.tries > len(BACK_OFF):
            message.state = "failed"
            text_changed(session, message)
            if message.ticket_id:
                words = f"The {message.channel} to {_whom(message)} could not be sent: {message.error}."
                tell(session, message.ticket_id, now, "warning", words, key=f"message:{message.id}:failed")
            return
        if not error.processed_unknown:
            message.state = "queued"
        due = now + timedelta(seconds=_wait(message.tries))
        wake_at(session, desk.runtime.clock, due, "send_message", message_id=message.id)


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"


def resend_forgotten(session: Session) -> None:
    """Wake whatever waits to be sent, or was claimed, without a job: that one died, or used up its tries."""
    calls = select(PhoneCall.id).where(PhoneCall.state.in_(["queued", "sending"]))
    for call_id in session.scalars(calls.where(_no_job("place_call", "call_id", PhoneCall.id)).limit(500)):
        wake(session, "place_call", priority=URGENT, call_id=call_id)
    unsent = select(Message.id).where(Message.state.in_(["queued", "sending"]))
    for message_id in session.scalars(unsent.where(_no_job("send_message", "message_id", Message.id)).limit(500)):
        wake(session, "send_message", message_id=message_id)


def _no_job(task: str, key: str, row_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Row and job are committed together, so a row without a waiting or running job is a forgotten one."""
    jobs = table("procrastinate_jobs", column("task_name"), column("status"), column("args", JSONB))
    mine = jobs.c.args[key].astext == cast(row_id, Text)
    alive = cast(jobs.c.status, Text).in_(["todo", "doing"])
    return ~exists(select(jobs.c.task_name).where(jobs.c.task_name == task, alive, mine))

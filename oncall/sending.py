"""Sending texts, mails and notices that were put down: claim the row, give the session back, then ask the provider.

Which queued text is next, and when, is decided in `oncall.pacing`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import log
from core.sealing import SealError
from core.wakeups import Urgency
from oncall import background
from oncall.apprise_sender import ChannelError
from oncall.channels import PersonChannel, channel_seal
from oncall.desk import (
    BACK_OFF,
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
from oncall.drills.checking import text_changed
from oncall.elsewhere import OTHER_TRIES, notice_not_sent, notice_sent
from oncall.mail import MailError
from oncall.messages import LEFT, Message
from oncall.paging.gathering import gather
from oncall.people import is_active
from oncall.provider_health import SENT
from oncall.reaching import text_failed
from oncall.send_queue import TEXT, pause, rate_of, settle
from oncall.telephony import ProviderError
from oncall.tickets import tell

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class MessageOrder:
    """What is to be sent. `lost`: somebody may have sent it before; `since`: real UTC. `sealed`: another channel."""

    message_id: int
    channel: str
    recipient: str
    subject: str
    body: str
    key: str
    sealed: bytes | None
    since: datetime
    lost: bool


def claim_message(session: Session, desk: Desk, message: Message) -> MessageOrder | None:
    """Claim a locked message for a request; None when it is claimed already, or over."""
    if message.state not in {"queued", "sending"} or claimed(desk, message):
        return None
    lost = message.state == "sending"
    if not lost and message.person_id is not None and not is_active(session, message.person_id):
        message.state, message.error = "failed", LEFT
        return None
    gather(session, desk.runtime, message)
    claim(session, desk, message)
    channel = session.get(PersonChannel, message.channel_id) if message.channel_id is not None else None
    return MessageOrder(
        message.id,
        message.channel,
        message.recipient,
        message.subject,
        message.body,
        message.key,
        channel.sealed if channel is not None else None,
        real(desk, message.created_at) - BEFORE,
        lost,
    )


def send(desk: Desk, order: MessageOrder) -> None:
    """Send a claimed text, mail or notice. A text that is not found after a lost answer waits for a token again."""
    rate = rate_of(desk.runtime.settings, TEXT) if order.channel == "text" else 0
    sid: str | None = None
    try:
        if order.channel == "text":
            sid = _send_text(desk, order, again=not rate)
            if sid is None:
                _queue_again(desk, order.message_id)
                return
        else:
            _send_notice(desk, order)
    except ProviderError as error:
        _not_sent(desk, order.message_id, error)
        return
    except (MailError, ChannelError) as error:
        _not_sent(desk, order.message_id, ProviderError(str(error), permanent=error.permanent))
        return
    with desk.runtime.database.transaction() as session:
        values: dict[str, Any] = {"state": "accepted" if order.channel == "text" else "sent", "provider_sid": sid}
        values |= {"claimed_at": None, "claimed_by": None}
        # A status callback may have been quicker than the answer to our request.
        mine = update(Message).where(Message.id == order.message_id, Message.state == "sending")
        session.execute(mine.values(values))
        if order.channel == "text":
            settle(session, TEXT, rate)
        else:
            notice_sent(session, session.get_one(Message, order.message_id), desk.runtime.clock.now())


def _send_text(desk: Desk, order: MessageOrder, *, again: bool) -> str | None:
    """The provider's id; None when a lost one was not found and may not be sent `again` without a token."""
    try:
        known = _sent_already(desk, order) if order.lost else None
        if known is None and order.lost and not again:
            return None
        sid = known or desk.telephony.send_text(order.recipient, order.body, order.message_id)
    except ProviderError as error:
        desk.tally.count("text", result_of(error), words_of(error))
        raise
    desk.tally.count("text", SENT)
    return sid


def _send_notice(desk: Desk, order: MessageOrder) -> None:
    """A mail, or a notice by another channel. Raises MailError, ChannelError."""
    if order.channel == "mail":
        desk.mailer.send(order.recipient, order.subject, order.body, order.key)
    else:
        desk.sender.send(_address(desk, order), order.subject, order.body)


def _address(desk: Desk, order: MessageOrder) -> str:
    if order.sealed is None:
        raise ChannelError("the directory does not have this channel any more", permanent=True)
    try:
        return channel_seal(desk.runtime.settings.pin_secret).open(order.sealed).decode()
    except SealError:
        words = "its address was sealed under another PIN_KEY: load the directory again"
        raise ChannelError(words, permanent=True) from None


def _queue_again(desk: Desk, message_id: int) -> None:
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is not None and is_ours(desk, message):
            message.state = "queued"
            let_go(message)
            background.send_message.with_urgency(Urgency.SOON).wake(session, message_id=message.id)


def _sent_already(desk: Desk, order: MessageOrder) -> str | None:
    """The text that an earlier request may have sent: one of these words that no other row of ours has."""
    sids = looked_up(lambda: desk.telephony.find_texts(order.recipient, order.body, order.since))
    with desk.runtime.database.transaction() as session:
        others = select(Message.provider_sid).where(Message.provider_sid.in_(sids), Message.id != order.message_id)
        taken = set(session.scalars(others))
    return next((sid for sid in sids if sid not in taken), None)


def _not_sent(desk: Desk, message_id: int, error: ProviderError) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or not is_ours(desk, message):
            return
        message.error = words_of(error)
        let_go(message)
        logger.warning("message not sent", message=message_id, error=message.error, permanent=error.permanent)
        given_up = error.permanent or message.tries >= (
            OTHER_TRIES if message.channel == "other" else len(BACK_OFF) + 1
        )
        if message.channel == "other":
            notice_not_sent(session, message, now, given_up=given_up)
        if given_up:
            message.state = "failed"
            text_changed(session, message)
            if message.channel == "text":
                text_failed(session, message, now)
            if message.ticket_id:
                words = f"The {_what(message)} to {_whom(message)} could not be sent: {message.error}."
                tell(session, message.ticket_id, now, "warning", words, key=f"message:{message.id}:failed")
            return
        if not error.processed_unknown:
            message.state = "queued"
        due = now + wait_after(error, message.tries)
        message.not_before = real(desk, due)
        urgency = {"text": Urgency.SOON, "other": Urgency.FIRST}.get(message.channel, Urgency.NORMAL)
        background.send_message.with_urgency(urgency).wake_at(session, desk.runtime.clock, due, message_id=message.id)
        if error.retry_after and message.channel == "text" and rate_of(desk.runtime.settings, TEXT):
            pause(session, TEXT, error.retry_after)


def _what(message: Message) -> str:
    return f"notice by {message.recipient}" if message.channel == "other" else message.channel


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"

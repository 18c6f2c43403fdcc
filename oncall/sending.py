"""Sending texts, mails and notices that were put down: claim the row, give the session back, then ask the provider."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from core import log
from core.clock import real_now
from core.sealing import SealError
from core.wakeups import FIRST, wake_at
from oncall.apprise_sender import ChannelError
from oncall.channels import PersonChannel, channel_seal
from oncall.desk import BACK_OFF, BEFORE, Desk, back_off, claimed, looked_up, result_of, words_of
from oncall.drills.checking import text_changed
from oncall.elsewhere import OTHER_TRIES, notice_not_sent, notice_sent
from oncall.mail import MailError
from oncall.messages import Message
from oncall.provider_health import SENT
from oncall.reaching import text_failed
from oncall.telephony import ProviderError
from oncall.tickets import tell

logger = log.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """What is to be sent. `since`: real time from which on an earlier request may have sent it, None when none can."""

    message_id: int
    channel: str
    recipient: str
    subject: str
    body: str
    key: str
    sealed: bytes | None
    since: datetime | None


def send_message(desk: Desk, message_id: int) -> None:
    """Send a text, mail or notice by another channel that was put down."""
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state not in {"queued", "sending"} or claimed(desk, message):
            return
        seen = message.state == "sending"
        message.state, message.claimed_at = "sending", real_now()
        message.tries += 1
        channel = session.get(PersonChannel, message.channel_id) if message.channel_id is not None else None
        order = _Order(
            message.id,
            message.channel,
            message.recipient,
            message.subject,
            message.body,
            message.key,
            channel.sealed if channel is not None else None,
            message.created_at - desk.runtime.clock.shift() - BEFORE if seen else None,
        )
    try:
        sid = _send(desk, order)
    except ProviderError as error:
        _not_sent(desk, message_id, error)
        return
    except (MailError, ChannelError) as error:
        _not_sent(desk, message_id, ProviderError(str(error), permanent=error.permanent))
        return
    with desk.runtime.database.transaction() as session:
        values: dict[str, Any] = {"state": "accepted" if order.channel == "text" else "sent", "provider_sid": sid}
        # A status callback may have been quicker than the answer to our request.
        session.execute(update(Message).where(Message.id == message_id, Message.state == "sending").values(values))
        if order.channel != "text":
            notice_sent(session, session.get_one(Message, message_id), desk.runtime.clock.now())


def _send(desk: Desk, order: _Order) -> str | None:
    """The provider's id of a text. Raises ProviderError, MailError, ChannelError."""
    if order.channel == "mail":
        desk.mailer.send(order.recipient, order.subject, order.body, order.key)
    elif order.channel == "other":
        desk.sender.send(_address(desk, order), order.subject, order.body)
    else:
        return _send_text(desk, order)
    return None


def _address(desk: Desk, order: _Order) -> str:
    if order.sealed is None:
        raise ChannelError("the directory does not have this channel any more", permanent=True)
    try:
        return channel_seal(desk.runtime.settings.pin_secret).open(order.sealed).decode()
    except SealError:
        words = "its address was sealed under another PIN_KEY: load the directory again"
        raise ChannelError(words, permanent=True) from None


def _send_text(desk: Desk, order: _Order) -> str:
    try:
        known = _sent_already(desk, order.recipient, order.body, order.since) if order.since is not None else None
        sid = known or desk.telephony.send_text(order.recipient, order.body, order.message_id)
    except ProviderError as error:
        desk.tally.count("text", result_of(error), words_of(error))
        raise
    desk.tally.count("text", SENT)
    return sid


def _sent_already(desk: Desk, number: str, body: str, since: datetime) -> str | None:
    """The text that an earlier request may have sent: one of these words that no row of ours has."""
    sids = looked_up(lambda: desk.telephony.find_texts(number, body, since))
    with desk.runtime.database.transaction() as session:
        taken = set(session.scalars(select(Message.provider_sid).where(Message.provider_sid.in_(sids))))
    return next((sid for sid in sids if sid not in taken), None)


def _not_sent(desk: Desk, message_id: int, error: ProviderError) -> None:
    now = desk.runtime.clock.now()
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state != "sending":
            return
        message.error, message.claimed_at = words_of(error), None
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
        due = now + timedelta(seconds=back_off(message.tries))
        priority = FIRST if message.channel == "other" else 0
        wake_at(session, desk.runtime.clock, due, "send_message", priority=priority, message_id=message.id)


def _what(message: Message) -> str:
    return f"notice by {message.recipient}" if message.channel == "other" else message.channel


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"

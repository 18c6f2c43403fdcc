"""Sending texts and mails that were put down: claim the row, give the session back, then ask the provider."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from core import log
from core.wakeups import wake_at
from oncall.desk import BACK_OFF, BEFORE, Desk, back_off, claim, claimed, is_ours, let_go, looked_up, words_of
from oncall.drills.checking import text_changed
from oncall.mail import MailError
from oncall.messages import Message
from oncall.telephony import ProviderError
from oncall.tickets import tell

logger = log.get_logger(__name__)


def send_message(desk: Desk, message_id: int) -> None:
    """Send a text or mail that was put down."""
    with desk.runtime.database.transaction() as session:
        message = session.get(Message, message_id, with_for_update={"key_share": True})
        if message is None or message.state not in {"queued", "sending"} or claimed(desk, message):
            return
        seen = message.state == "sending"
        claim(session, desk, message)
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
        values |= {"claimed_at": None, "claimed_by": None}
        # A status callback may have been quicker than the answer to our request.
        session.execute(update(Message).where(Message.id == message_id, Message.state == "sending").values(values))


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
        if message is None or not is_ours(desk, message):
            return
        message.error = words_of(error)
        let_go(message)
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
        due = now + timedelta(seconds=back_off(message.tries))
        wake_at(session, desk.runtime.clock, due, "send_message", message_id=message.id)


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"

"""Sending texts, mails and notices that were put down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, update

from core.jobs import Urgency
from core.security.sealing import SealError
from oncall.calls.outcome import text_failed
from oncall.delivery.apprise_sender import ChannelError
from oncall.delivery.mail import MailError
from oncall.delivery.outbox import Order, Outbox
from oncall.delivery.sender import BACK_OFF, Sender
from oncall.delivery.telephony import ProviderError
from oncall.drills.checking import text_changed
from oncall.models import jobs
from oncall.models.contacts.channels import PersonChannel, channel_seal
from oncall.models.contacts.faults import FaultKind, ProviderFault
from oncall.models.messages import LEFT, Channel, Message, MessageState
from oncall.models.operations.provider_health import RequestKind
from oncall.models.people import is_active
from oncall.models.tickets import EventKind, record_event
from oncall.paging.bundling import gather
from oncall.paging.other_channels import OTHER_TRIES, notice_not_sent, notice_sent
from oncall.runtime import Work


@dataclass(frozen=True)
class MessageOrder(Order):
    """A message to send. `sealed`: the address of another channel."""

    channel: Channel
    recipient: str
    subject: str
    body: str
    key: str
    sealed: bytes | None


class MessageOutbox(Outbox[Message, MessageOrder]):
    """Sends texts, mails, and notices by other channels."""

    table = Message
    noun = "message"
    complaint = "message not sent"

    def _prepare(self, work: Work, row: Message, *, lost: bool) -> bool:
        if not lost and row.person_id is not None and not is_active(work.session, row.person_id):
            row.state, row.error = MessageState.FAILED, LEFT
            return False
        gather(work, row)
        return True

    def _queue(self, row: Message) -> None:
        row.state = MessageState.QUEUED

    def _order(self, work: Work, row: Message, since: datetime, lost: bool) -> MessageOrder:
        channel = work.session.get(PersonChannel, row.channel_id) if row.channel_id is not None else None
        kind = RequestKind.TEXT if row.channel == Channel.TEXT else None
        sealed = channel.sealed if channel is not None else None
        return MessageOrder(
            row.id, kind, since, lost, row.channel, row.recipient, row.subject, row.body, row.key, sealed
        )

    def _find(self, sender: Sender, order: MessageOrder) -> list[str]:
        return sender.telephony.find_texts(order.recipient, order.body, order.since)

    def _with_sids(self, sids: list[str]) -> Select[str | None]:
        return select(Message.provider_sid).where(Message.provider_sid.in_(sids))

    def _request(self, sender: Sender, order: MessageOrder) -> str | None:
        if order.kind == RequestKind.TEXT:
            return sender.telephony.send_text(order.recipient, order.body, order.row_id)
        try:
            if order.channel == Channel.MAIL:
                sender.mailer.send(order.recipient, order.subject, order.body, order.key)
            else:
                sender.notifier.send(_address(sender, order), order.subject, order.body)
        except (MailError, ChannelError) as error:
            raise ProviderError(_fault_of_notice(error)) from error
        return None

    def _sent(self, work: Work, order: MessageOrder, sid: str | None) -> bool:
        values: dict[str, Any] = {
            "state": MessageState.ACCEPTED if order.kind == RequestKind.TEXT else MessageState.SENT,
            "provider_sid": sid,
        }
        values |= {"claimed_at": None, "claimed_by": None}
        # A status callback may have been quicker than the answer to our request.
        mine = update(Message).where(Message.id == order.row_id, Message.state == MessageState.SENDING)
        work.session.execute(mine.values(values))
        if order.kind != RequestKind.TEXT:
            notice_sent(work.session, work.session.get_one(Message, order.row_id), work.now)
        return True

    def _most_tries(self, row: Message) -> int:
        return OTHER_TRIES if row.channel == Channel.OTHER else len(BACK_OFF) + 1

    def _failed(self, work: Work, row: Message, fault: ProviderFault, *, given_up: bool) -> None:
        session, now = work.session, work.now
        if row.channel == Channel.OTHER:
            notice_not_sent(session, row, fault, now, given_up=given_up)
        if not given_up:
            return
        row.state = MessageState.FAILED
        text_changed(session, row)
        if row.channel == Channel.TEXT:
            text_failed(session, row, fault, now)
        if row.ticket_id:
            words = f"The {_what(row)} to {_whom(row)} could not be sent: {row.error}."
            record_event(session, row.ticket_id, now, EventKind.WARNING, words, key=f"message:{row.id}:failed")

    def _wake_at(self, work: Work, due: datetime, row: Message) -> None:
        urgency = {Channel.TEXT: Urgency.SOON, Channel.OTHER: Urgency.FIRST}.get(row.channel, Urgency.NORMAL)
        jobs.send_message.with_urgency(urgency).wake_at(work.session, work.runtime.clock, due, message_id=row.id)


MESSAGES: Final = MessageOutbox()


def _fault_of_notice(error: MailError | ChannelError) -> ProviderFault:
    kind = FaultKind.REQUEST if error.permanent else FaultKind.PASSING
    return ProviderFault(kind, "", str(error), error.permanent)


def _address(sender: Sender, order: MessageOrder) -> str:
    """Of a notice's channel. Raises ChannelError."""
    if order.sealed is None:
        raise ChannelError("the directory does not have this channel any more", permanent=True)
    try:
        return channel_seal(sender.runtime.settings.pin_secret).open(order.sealed).decode()
    except SealError:
        words = "its address was sealed under another PIN_KEY: load the directory again"
        raise ChannelError(words, permanent=True) from None


def _what(message: Message) -> str:
    return f"notice by {message.recipient}" if message.channel == Channel.OTHER else message.channel


def _whom(message: Message) -> str:
    return "the technician" if message.person_id else "the customer"

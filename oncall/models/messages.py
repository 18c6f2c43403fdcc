"""Texts, mails and notices by other channels on their way out, and texts that came in."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, false, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, EnumText, OrderedWords, UTCDateTime, one_of, quoted
from core.jobs import Urgency
from core.text.letters import gsm
from oncall.models import jobs
from oncall.models.contacts.faults import FaultKept, ProviderFault, kind_check
from oncall.models.people import person_fk
from oncall.models.ranks import OTHER


class Channel(StrEnum):
    """How a message leaves; OTHER is one of a person's other channels."""

    TEXT = "text"
    MAIL = "mail"
    OTHER = "other"


class MessageState(OrderedWords):
    """A message's way, in this order; a late callback never moves it back (Twilio: "sent" proves nothing).

    One that is MERGED never goes out: another text to the same person, its carrier, tells what it was to tell.
    """

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    MERGED = "merged"


_QUEUED: Final = f"state = '{MessageState.QUEUED}'"
_UNSENT: Final = f"state IN ({quoted(MessageState.QUEUED, MessageState.SENDING)})"


class Message(FaultKept, Base):
    """A text (`channel` "text", to an E.164 number), a mail, or a notice by a person's other channel ("other").

    `key` names its cause: one message each. Of another channel `recipient` names the service; its address stays sealed.
    The database refuses moves of `state` back, but for sending to queued (a try again); delivered and failed are final.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("channel", Channel), name="channel"),
        CheckConstraint(one_of("state", MessageState), name="state"),
        kind_check("fault_kind"),
        Index("ix_message_unsent", "created_at", postgresql_where=_UNSENT),
        Index("ix_message_results", "channel", "state", "tries"),
        Index(
            "ix_message_queued_text",
            "rank",
            "created_at",
            "id",
            postgresql_where=f"{_QUEUED} AND channel = '{Channel.TEXT}'",
        ),
        Index(
            "ix_message_queued_page",
            "person_id",
            postgresql_where=f"{_QUEUED} AND page_id IS NOT NULL",
        ),
        Index("ix_message_pages_of_person", "person_id", "id", postgresql_where="page_id IS NOT NULL"),
        Index("ix_message_page_id", "page_id", postgresql_where="page_id IS NOT NULL"),
        Index("ix_message_carrier_id", "carrier_id", postgresql_where="carrier_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    recipient: Mapped[str] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(person_fk())
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    # Empty once the directory has dropped the channel.
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("person_channel.id", ondelete="SET NULL"), index=True)
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    state: Mapped[MessageState] = mapped_column(EnumText(MessageState), default=MessageState.QUEUED)
    provider_sid: Mapped[str | None] = mapped_column(unique=True)
    # The last try failed in a way that tells: this number will never take a text.
    takes_no_texts: Mapped[bool] = mapped_column(default=False, server_default=false())
    tries: Mapped[int] = mapped_column(default=0)
    # Real time at which a worker began to ask the provider; None while nobody is asking.
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Which worker does (procrastinate's id); None also for one of an earlier version.
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    # What goes first while it is queued (oncall.models.ranks).
    rank: Mapped[int] = mapped_column(SmallInteger, default=OTHER, server_default=str(OTHER))
    # Real time before which a queued one is not sent: a back-off, or the wait for other pages of the same person.
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The page that it tells a person of ours about, and the text that did so in its place.
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def keep_fault(self, fault: ProviderFault) -> None:
        super().keep_fault(fault)
        self.takes_no_texts = fault.takes_no_texts


class IncomingOutcome(StrEnum):
    """What came of a text that came in.

    DONE: something was carried out. TOLD: a question was answered, or what was not understood. WRONG: a wrong code.
    OWN: a wrong code beyond the limit of all numbers. SILENT: beyond a limit, and not looked at. STRANGER: of a number
    that is nobody's of ours, answered. KEPT: put down, and no more.
    """

    DONE = "done"
    TOLD = "told"
    WRONG = "wrong"
    OWN = "own"
    SILENT = "silent"
    STRANGER = "stranger"
    KEPT = "kept"


class IncomingText(Base):
    """A text that came in, and what was answered; the provider's id makes a second delivery harmless.

    `number`: the sender as the provider names it, an E.164 number or such as "whatsapp:+39...". `outcome` is empty in
    rows of earlier releases. Of a stranger's text: the customer whose number
    it is, and the ticket that shows it.
    """

    __tablename__ = "incoming_text"
    __table_args__ = (
        Index("ix_incoming_text_number", "number", "outcome", "at"),
        Index("ix_incoming_text_outcome", "outcome", "at"),
    )

    provider_sid: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    body: Mapped[str]
    answer: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[IncomingOutcome] = mapped_column(EnumText(IncomingOutcome), default="", server_default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"), index=True)


# What is written on a text or mail to somebody of ours that is not sent any more.
LEFT: Final = "not sent: this person has left"

# Made once and without the ORM, as every page writes some.
_MESSAGES = Message.metadata.tables["message"]
_POST = insert(_MESSAGES).on_conflict_do_nothing().returning(_MESSAGES.c.id)


def is_put_down(session: Session, key: str) -> bool:
    """Whether this cause has already had its message."""
    return session.scalar(select(Message.id).where(Message.key == key)) is not None


def post(
    session: Session,
    now: datetime,
    *,
    key: str,
    channel: Channel,
    recipient: str,
    body: str,
    subject: str = "",
    person_id: int | None = None,
    ticket_id: int | None = None,
    rank: int = OTHER,
    page_id: int | None = None,
    not_before: datetime | None = None,
    channel_id: int | None = None,
    urgency: Urgency | None = None,
) -> int | None:
    """Put a message down and return its id; None when the same cause has already done so.

    A text's letters are brought into its alphabet.

    Its wake-up is put down with it, unless it is to leave at `not_before` (real UTC): then the caller sees to that.
    """
    session.flush()
    if channel == Channel.TEXT:
        body = gsm(body)
    row = {
        "key": key,
        "channel": channel,
        "recipient": recipient,
        "body": body,
        "subject": subject,
        "person_id": person_id,
        "ticket_id": ticket_id,
        "channel_id": channel_id,
        "state": MessageState.QUEUED,
        "tries": 0,
        "created_at": now,
        "rank": rank,
        "page_id": page_id,
        "not_before": not_before,
    }
    message_id: int | None = session.execute(_POST, row).scalar()
    if message_id is not None and not_before is None:
        usual = Urgency.SOON if channel == Channel.TEXT else Urgency.NORMAL
        jobs.send_message.with_urgency(usual if urgency is None else urgency).wake(session, message_id=message_id)
    return message_id

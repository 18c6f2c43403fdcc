"""Contact points that have failed for good, as a table."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.contacts.faults import FaultKind, kind_check
from oncall.models.people import Person


class ContactWay(StrEnum):
    """What fails: calls, texts, or notices by another channel."""

    CALL = "call"
    TEXT = "text"
    OTHER = "other"


class ContactFault(Base):
    """A person's `address` (their E.164 number, or a channel's id) that failed for good for calls, texts or notices.

    It is shown in red, unless the fault is our account's: that is told with the health of the provider.
    """

    __tablename__ = "contact_fault"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "address"),
        CheckConstraint(one_of("kind", ContactWay), name="kind"),
        kind_check("fault_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[ContactWay] = mapped_column(EnumText(ContactWay))
    address: Mapped[str]
    # What pages say of the address: the number, or the channel's service.
    shown: Mapped[str]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    # Empty in rows of earlier releases of which nobody can tell.
    fault_kind: Mapped[FaultKind | None] = mapped_column(EnumText(FaultKind))
    # The provider's code; empty when it gave none. The words have it at their end.
    code: Mapped[str]
    words: Mapped[str]
    person: Mapped[Person] = relationship(lazy="joined")

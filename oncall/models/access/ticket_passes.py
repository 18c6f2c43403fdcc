"""What a technician's browser got for the link in a text: the right to work on one ticket for a while."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UTCDateTime
from oncall.models.people import person_fk


class TicketPass(Base):
    """`link`: hash of the link that was used up; `secret`: hash of what the browser keeps. Times are real ones."""

    __tablename__ = "ticket_pass"

    link: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(person_fk())
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

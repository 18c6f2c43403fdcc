"""Limits on calls and texts a second, as a table."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.operations.provider_health import RequestKind


class SendRate(Base):
    """A bucket. A token is free once `next_at`, moved on by each one taken, is no more than a burst ahead."""

    __tablename__ = "send_rate"
    __table_args__ = (CheckConstraint(one_of("kind", RequestKind), name="kind"),)

    kind: Mapped[RequestKind] = mapped_column(EnumText(RequestKind), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)

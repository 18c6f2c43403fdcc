"""Tokens with which a customer's monitoring reports alarms."""

import hashlib

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class AlarmToken(Base):
    """A token of a customer, kept only as SHA-256: it is long and random, so a plain hash is enough."""

    __tablename__ = "alarm_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)


def digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()

"""Results of requests to the telephone network, and its outages, as tables."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime, one_of


class RequestKind(StrEnum):
    """What the provider is asked for."""

    CALL = "call"
    TEXT = "text"


class RequestResult(StrEnum):
    """What came of a request: taken; refused for the number's sake; failed, whoever's number it was."""

    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"


class ProviderResult(Base):
    """How many requests of a kind (call, text) came to this result in the five seconds from `at` on (real time)."""

    __tablename__ = "provider_result"
    __table_args__ = (
        CheckConstraint(one_of("kind", RequestKind), name="kind"),
        CheckConstraint(one_of("result", RequestResult), name="result"),
    )

    at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    kind: Mapped[RequestKind] = mapped_column(EnumText(RequestKind), primary_key=True)
    result: Mapped[RequestResult] = mapped_column(EnumText(RequestResult), primary_key=True)
    amount: Mapped[int]


class ProviderOutage(Base):
    """A time in which nothing got through, in real time: `since` the first failure; one is open at most."""

    __tablename__ = "provider_outage"
    __table_args__ = (Index("uq_provider_outage_open", "open", unique=True, postgresql_where="open"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    noticed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    open: Mapped[bool]
    over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    words: Mapped[str]

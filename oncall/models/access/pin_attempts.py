"""PINs that were tried, for the limits on guessing."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, EnumText, UTCDateTime


class PinOutcome(StrEnum):
    """What came of a PIN: it was looked at, or refused for one of the limits (`oncall.customers.pin_guard.Verdict`)."""

    PENDING = "pending"
    WRONG = "wrong"
    RIGHT = "right"
    NUMBER_LIMIT = "number_limit"
    COMMON_LIMIT = "common_limit"
    RING_BACK = "ring_back"


class PinPool(StrEnum):
    """What a PIN counts towards besides its number: what all share, a registered number's own limit alone, or nothing.

    What was refused stands in no bucket and no pool, or a refused guesser would stay shut out for as long as he goes
    on, and counting would become slow.
    """

    COMMON = "common"
    OWN = "own"
    REFUSED = "refused"


class PinAttempt(Base):
    """A PIN tried, or refused to be tried.

    Of one that was refused `number` is empty. Right ones don't count against any limit.
    """

    __tablename__ = "pin_attempt"
    __table_args__ = (
        UniqueConstraint("call_id", "turn"),
        Index("ix_pin_attempt_counted", "pool", "at", postgresql_where=f"outcome <> '{PinOutcome.RIGHT}'"),
        Index("ix_pin_attempt_number", "number", "at", postgresql_where=f"outcome <> '{PinOutcome.RIGHT}'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("phone_call.id"))
    turn: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    number: Mapped[str]
    pool: Mapped[PinPool] = mapped_column(EnumText(PinPool))
    outcome: Mapped[PinOutcome] = mapped_column(EnumText(PinOutcome), default=PinOutcome.PENDING)

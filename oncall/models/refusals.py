"""Why callers are turned away."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, EnumText, UTCDateTime
from oncall.models.calls import PhoneCall


class Reason(StrEnum):
    """Why a caller was turned away; the value is what `refusal.reason` stores."""

    BLOCKED_NUMBER = "blocked_number"
    SILENT = "silent"
    WRONG_PIN = "wrong_pin"
    WRONG_STAFF_PIN = "wrong_staff_pin"
    GUESS_LIMIT = "guess_limit"
    RETIRED = "retired"
    NOT_PLATINUM = "not_platinum"
    NOT_BEGUN = "not_begun"
    LAPSED = "lapsed"
    UNPAID = "unpaid"
    APAC = "apac"
    END_OF_LIFE = "end_of_life"
    END_USER = "end_user"
    LOW_PRIORITY = "low_priority"
    NO_MAINTENANCE_WINDOW = "no_maintenance_window"
    INVALID_KEY = "invalid_key"

    @property
    def label(self) -> str:
        """In plain words, for managers: "The contract has lapsed"."""
        return _LABELS[self]


_LABELS: Final = {
    Reason.BLOCKED_NUMBER: "The number is blocked",
    Reason.SILENT: "The caller gave no answer",
    Reason.WRONG_PIN: "The PIN was wrong each time",
    Reason.WRONG_STAFF_PIN: "The technician's PIN was wrong each time",
    Reason.GUESS_LIMIT: "Too many wrong PINs lately, so no further one was tried",
    Reason.RETIRED: "The company is no longer a customer",
    Reason.NOT_PLATINUM: "The plan is not Platinum",
    Reason.NOT_BEGUN: "The contract has not begun yet",
    Reason.LAPSED: "The contract has lapsed",
    Reason.UNPAID: "Fees are unpaid",
    Reason.APAC: "The Asia-Pacific region has no after-hours service",
    Reason.END_OF_LIFE: "No product of the contract is still supported (End of Life)",
    Reason.END_USER: "The caller is an end user, not an administrator or partner",
    Reason.LOW_PRIORITY: "The problem can wait for the next working day",
    Reason.NO_MAINTENANCE_WINDOW: "No maintenance is planned for now",
    Reason.INVALID_KEY: "The caller pressed no key that was offered",
}


class Refusal(Base):
    """A caller who was turned away, and why. One row a call and reason, however often the webhook comes."""

    __tablename__ = "refusal"
    __table_args__ = (UniqueConstraint("call_id", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("phone_call.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    reason: Mapped[Reason] = mapped_column(EnumText(Reason))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))


class BlockedNumber(Base):
    """A number whose calls are rejected unanswered."""

    __tablename__ = "blocked_number"

    number: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(default="")


def refuse(session: Session, call: PhoneCall, reason: Reason, now: datetime) -> None:
    """Record that this caller was turned away."""
    row = insert(Refusal).values(call_id=call.id, at=now, reason=reason, customer_id=call.customer_id)
    session.execute(row.on_conflict_do_nothing())
    call.result = f"refused: {reason}"

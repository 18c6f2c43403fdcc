"""Accounts, their sessions, and tries to sign in, as tables."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, EnumText, UTCDateTime, one_of
from oncall.models.access.roles import Role
from oncall.models.people import Person, person_fk


class SignInOutcome(StrEnum):
    """What a password that was typed turned out to be."""

    PENDING = "pending"
    RIGHT = "right"
    WRONG = "wrong"


class Account(Base):
    """Somebody who may sign in. `person_id`: who it is among those who can be rung, if anybody.

    The e-mail address is kept in small letters, so that an address is one account's however it is written.
    `time_zone`: on whose clock times are shown to them; None for that of the service's own region.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("email = lower(email)", name="email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(EnumText(Role))
    person_id: Mapped[int | None] = mapped_column(person_fk(), unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    time_zone: Mapped[str | None]
    person: Mapped[Person | None] = relationship()


class AccountSession(Base):
    """One browser that is signed in. `id` is the SHA-256 of the token in its cookie, which is kept nowhere else.

    `address`: the client's when it signed in, of IPv6 its network; empty for sessions of earlier releases.
    """

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_account_id", "account_id"),)

    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    browser: Mapped[str]
    address: Mapped[str] = mapped_column(server_default=text("''"), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    account: Mapped[Account] = relationship()


class SignInAttempt(Base):
    """A password that was typed. `pending` until it is known to be right; a process that dies leaves it so.

    Counted either by `email_digest` and `address`, or, from a browser where this account has been signed in
    before, by `known` alone.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        CheckConstraint(one_of("outcome", SignInOutcome), name="outcome"),
        CheckConstraint("(known IS NULL) = (email_digest IS NOT NULL AND address IS NOT NULL)", name="counted_by"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[SignInOutcome] = mapped_column(EnumText(SignInOutcome))
    email_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[str | None]
    known: Mapped[str | None]

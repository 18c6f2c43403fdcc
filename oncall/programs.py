"""Programs that ask the gateway: each has a name and a secret token, good until it is revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Index, LargeBinary, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, UTCDateTime

_LONGEST_NAME: Final = 60


class ProgramError(Exception):
    """Nothing was changed; says why, and what to do."""


class Program(Base):
    """A program that may ask. Of its token only the SHA-256 is kept: it is long and random, so a plain hash is enough.

    Written seldom: each change makes all processes forget which tokens they know.
    """

    __tablename__ = "program"
    __table_args__ = (Index("ix_program_name", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Caller:
    """The program behind a request."""

    program_id: int
    name: str


def make_program(session: Session, name: str, now: datetime) -> str:
    """Let a new program ask; its token, which is told this once. Raises ProgramError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ProgramError(f"a program's name has 1 to {_LONGEST_NAME} letters, such as “wallboard”")
    if _in_force(session, name) is not None:
        raise ProgramError(f"there is a program {name} already: choose another name, or revoke that one first")
    token = secrets.token_urlsafe(32)
    session.add(Program(name=name, token_digest=_digest(token), made_at=now))
    session.flush()
    return token


def revoke_program(session: Session, name: str, now: datetime) -> None:
    """Its token is refused from the next request on. Raises ProgramError when no such program is in force."""
    program = _in_force(session, " ".join(name.split()))
    if program is None:
        known = ", ".join(each.name for each in programs(session)) or "none"
        raise ProgramError(f"there is no program {name!r} in force; there are: {known}")
    program.revoked_at = now


def programs(session: Session) -> Sequence[Program]:
    """Those in force, by name."""
    return session.scalars(select(Program).where(Program.revoked_at.is_(None)).order_by(Program.name)).all()


def find_program(session: Session, token: str) -> Caller | None:
    """Whose token it is; None when it is unknown or revoked."""
    query = select(Program.id, Program.name)
    row = session.execute(query.where(Program.token_digest == _digest(token), Program.revoked_at.is_(None))).first()
    return None if row is None else Caller(*row)


def _in_force(session: Session, name: str) -> Program | None:
    return session.scalar(select(Program).where(Program.name == name, Program.revoked_at.is_(None)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

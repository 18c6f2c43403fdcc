"""Programs that ask the gateway: each has a name and a secret token, good until it is revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.access.api_tokens import Program

_LONGEST_NAME: Final = 60


class ProgramError(Exception):
    """Nothing was changed; says why, and what to do."""


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

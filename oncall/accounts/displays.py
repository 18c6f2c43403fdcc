"""Addresses of screens: made and revoked by managers, shown once, looked up by their token."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.access.accounts import Account
from oncall.models.access.displays import Display, DisplayKind
from oncall.models.rosters import Roster

LONGEST_NAME: Final = 80
# When a screen was last seen is written no more often than this: it asks every few seconds.
_NOTED_EVERY: Final = timedelta(minutes=5)


class DisplayError(Exception):
    """Says in one sentence what is wrong, and with which `field` of the form."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


def make_display(
    session: Session, kind: DisplayKind, name: str, roster_id: int | None, made_by: str, now: datetime
) -> str:
    """A new address; its token, which is told this once. Raises DisplayError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise DisplayError(f"Say where it hangs, in 1 to {LONGEST_NAME} characters: Hall, ground floor.", "name")
    if kind == DisplayKind.WALL:
        roster_id = None
    elif roster_id is not None and session.get(Roster, roster_id) is None:
        raise DisplayError("This roster is not there any more: choose another one.", "roster")
    token = secrets.token_urlsafe(24)
    session.add(
        Display(kind=kind, name=name, token_digest=_digest(token), roster_id=roster_id, made_by=made_by, made_at=now)
    )
    return token


def revoke_display(session: Session, display_id: int, now: datetime) -> bool:
    """From now on its address shows nothing; a second time changes nothing. False when there is none."""
    display = session.get(Display, display_id)
    if display is None:
        return False
    display.revoked_at = display.revoked_at or now
    return True


def displays(session: Session) -> Sequence[Display]:
    """Those in force, newest first."""
    return session.scalars(select(Display).where(Display.revoked_at.is_(None)).order_by(Display.id.desc())).all()


def find_display(session: Session, kind: DisplayKind, token: str, now: datetime) -> Display | None:
    """The one in force with this token, noted as seen; none when the account that made it is disabled."""
    disabled = select(Account.id).where(Account.email == Display.made_by, Account.disabled_at.is_not(None))
    query = select(Display).where(
        Display.token_digest == _digest(token),
        Display.kind == kind,
        Display.revoked_at.is_(None),
        ~disabled.exists(),
    )
    found = session.scalar(query)
    if found is not None and (found.last_seen_at is None or now - found.last_seen_at >= _NOTED_EVERY):
        found.last_seen_at = now
    return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

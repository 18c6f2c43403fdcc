"""Sessions of browsers that are signed in.

All times here are real ones, never the gateway's: in the demo anybody may set that clock, and by setting it back or
ahead would keep sessions alive or end them.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from core.db import UTCDateTime
from oncall.models.access.accounts import Account, AccountSession
from oncall.models.access.roles import Role

# A night shift: somebody who looked at a page when coming on call is still signed in when the phone rings at dawn.
IDLE: Final = timedelta(hours=12)
# A turn of the usual weekly rotation; then the password is asked for again.
ABSOLUTE: Final = timedelta(days=7)
# Reading a page writes nothing, but for once a minute.
SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    """The account behind a request, as it stands now, and the session that proves it."""

    account_id: int
    email: str
    name: str
    role: Role
    person_id: int | None
    session_id: bytes
    time_zone: str | None = None


# On the way of every page: made once, and columns in place of rows of the ORM.
_FIND: Final = (
    select(
        Account.id,
        Account.email,
        Account.name,
        Account.role,
        Account.person_id,
        AccountSession.id,
        Account.time_zone,
        AccountSession.last_seen_at,
        AccountSession.created_at,
    )
    .join(Account, Account.id == AccountSession.account_id)
    .where(
        AccountSession.id == bindparam("id"),
        AccountSession.expires_at > bindparam("now", type_=UTCDateTime),
        Account.disabled_at.is_(None),
    )
)


def open_session(session: Session, account_id: int, browser: str, now: datetime, address: str = "") -> str:
    """The new session's token, for the cookie; only its hash is stored. Sessions that are over are cleared away."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(AccountSession).where(AccountSession.expires_at <= now))
    row = AccountSession(id=_id(token), account_id=account_id, browser=browser, created_at=now, last_seen_at=now)
    row.address, row.expires_at = address, now + IDLE
    session.add(row)
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds the token; None when it is unknown, over or ended, or the account disabled."""
    id_ = _id(token)
    found: Any = session.execute(_FIND, {"id": id_, "now": now}).one_or_none()
    if found is None:
        return None
    *facts, last_seen_at, created_at = found
    if last_seen_at <= now - SEEN_EVERY:
        _seen(session, id_, last_seen_at, created_at, now)
    return SignedIn(*facts)


def roles_of(session: Session, ids: Collection[bytes], now: datetime) -> dict[bytes, Role]:
    """Of these sessions those that go on, with their accounts' roles now. Asking does not keep a session alive."""
    query = (
        select(AccountSession.id, Account.role)
        .join(Account)
        .where(AccountSession.id.in_(ids), AccountSession.expires_at > now, Account.disabled_at.is_(None))
    )
    return {id_: Role(role) for id_, role in session.execute(query)}


def sessions_of(session: Session, account_id: int, now: datetime) -> Sequence[AccountSession]:
    """All that could be used now, the one seen last first."""
    query = select(AccountSession).where(AccountSession.account_id == account_id, AccountSession.expires_at > now)
    return session.scalars(query.order_by(AccountSession.last_seen_at.desc(), AccountSession.id)).all()


def end(session: Session, account_id: int, session_id: bytes) -> bool:
    """End one session of this account from its next request on; whether there was such a one."""
    ours = (AccountSession.account_id == account_id) & (AccountSession.id == session_id)
    return session.scalar(delete(AccountSession).where(ours).returning(AccountSession.id)) is not None


def end_token(session: Session, token: str) -> None:
    """End the session of a cookie that somebody has just given up, whoever's it was."""
    session.execute(delete(AccountSession).where(AccountSession.id == _id(token)))


def end_all(session: Session, account_id: int, but: bytes | None = None) -> int:
    """End all sessions of an account but one; how many ended."""
    query = delete(AccountSession).where(AccountSession.account_id == account_id)
    if but is not None:
        query = query.where(AccountSession.id != but)
    return len(session.scalars(query.returning(AccountSession.id)).all())


def _id(token: str) -> bytes:
    """The token is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _seen(session: Session, id_: bytes, last_seen_at: datetime, created_at: datetime, now: datetime) -> None:
    """Requests that come together write it once: the others find it written."""
    session.execute(
        update(AccountSession)
        .where(AccountSession.id == id_, AccountSession.last_seen_at == last_seen_at)
        .values(last_seen_at=now, expires_at=min(now + IDLE, created_at + ABSOLUTE))
        .execution_options(synchronize_session=False)
    )

"""Signing in, and changing one's password.

Two short transactions with the hash computed between them: nothing in the database waits for it. So these functions
take the database, not a session.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from oncall.accounts import sessions
from oncall.accounts.limits import Claim, reserve, settle
from oncall.accounts.passwords import Passwords, check_new_password
from oncall.accounts.sessions import SignedIn
from oncall.models.access.accounts import Account


class WrongPasswordError(Exception):
    """The password isn't this account's, or there is no such account, or it is disabled: nobody learns which."""


@dataclass(frozen=True)
class _Stored:
    account_id: int
    password_hash: str


def normal_email(written: str) -> str:
    """An e-mail address as accounts have it."""
    return written.replace("\0", "").strip().lower()  # PostgreSQL has no room for a NUL


def sign_in(database: Database, passwords: Passwords, claim: Claim, password: str, browser: str, now: datetime) -> str:
    """The new session's token. `now` is real time.

    Raises WrongPasswordError, or TooManyTriesError before anything is looked at.
    """
    with database.transaction() as session:
        attempt = reserve(session, claim, now)
        stored = _stored(session, claim.email)
    right = passwords.matches(stored.password_hash if stored else None, password)
    renewed = passwords.hash(password) if stored and right and passwords.outdated(stored.password_hash) else None
    with database.transaction() as session:
        account = _unchanged(session, stored) if stored and right else None
        settle(session, attempt, right=account is not None)
        if account is not None:
            account.password_hash = renewed or account.password_hash
            return sessions.open_session(session, account.id, browser, now, claim.address)
    raise WrongPasswordError


def change_password(
    database: Database, passwords: Passwords, who: SignedIn, current: str, new: str, now: datetime, company: str = ""
) -> int:
    """Change it, end the account's other sessions, and say how many those were.

    Raises PasswordRefusedError, WrongPasswordError (`current`), TooManyTriesError: somebody who finds a browser open
    must not be able to try passwords here either. `company`: what a password must not be made of.
    """
    check_new_password(new, who.email, who.name, company)
    with database.transaction() as session:
        attempt = reserve(session, Claim(who.email, "", known=f"account {who.account_id}"), now)
        stored = _stored(session, who.email)
    right = passwords.matches(stored.password_hash if stored else None, current)
    made = passwords.hash(new) if right else ""
    with database.transaction() as session:
        account = _unchanged(session, stored) if stored and right else None
        settle(session, attempt, right=account is not None)
        if account is not None:
            account.password_hash = made
            return sessions.end_all(session, account.id, but=who.session_id)
    raise WrongPasswordError


def _stored(session: Session, email: str) -> _Stored | None:
    account = session.scalar(select(Account).where(Account.email == email, Account.disabled_at.is_(None)))
    return _Stored(account.id, account.password_hash) if account else None


def _unchanged(session: Session, stored: _Stored) -> Account | None:
    """The account, locked; None if meanwhile it was disabled or has got another password."""
    query = select(Account).where(
        Account.id == stored.account_id,
        Account.password_hash == stored.password_hash,
        Account.disabled_at.is_(None),
    )
    return session.scalar(query.with_for_update(key_share=True))

"""Limits on guessing passwords, kept in the database: exact however many processes are asked at once.

Each try is written down before the password is looked at and settled after, so a process that dies in between leaves
one that counts as wrong. Right passwords count against nothing. Hours and days are sliding, and of real time: the
demo's clock is anybody's to set. docs/security.md has the arithmetic.

Whoever tries from a browser in which this very account has been signed in before (a signed cookie says so) is counted
apart. So others can't shut the owner out, however many addresses they have.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from core.locks import Lock
from oncall.models.access.accounts import SignInAttempt, SignInOutcome

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_KEPT: Final = timedelta(days=2)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")


@dataclass(frozen=True)
class Limit:
    """The most wrong or unfinished tries in any hour and any day."""

    hour: int
    day: int


ACCOUNT: Final = Limit(10, 50)
ADDRESS: Final = Limit(20, 100)
ALL: Final = Limit(100, 500)
KNOWN: Final = Limit(10, 50)


class TooManyTriesError(Exception):
    """No password is looked at before `until` (UTC), be it right or wrong."""

    def __init__(self, until: datetime, limit: str) -> None:
        super().__init__(f"too many wrong passwords ({limit})")
        self.until, self.limit = until, limit


@dataclass(frozen=True)
class Claim:
    """Who tries to be whom. `known`: the browser, if it was this account's before; None for any other."""

    email: str
    address: str
    known: str | None = None

    @property
    def email_digest(self) -> bytes:
        """People type passwords into the wrong field: what was typed is not kept readable."""
        return hashlib.sha256(self.email.encode()).digest()


def reserve(session: Session, claim: Claim, now: datetime) -> int:
    """The number of the try, which counts from now on. Raises TooManyTriesError.

    To be called in a transaction of its own, committed before the password is looked at: until then others wait.
    """
    _refuse_when_full(session, claim, now)  # seen without the lock, so those turned away don't queue up
    session.execute(_LOCK, {"key": Lock.SIGN_IN})
    _refuse_when_full(session, claim, now)
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _KEPT))
    attempt = SignInAttempt(at=now, outcome=SignInOutcome.PENDING, known=claim.known)
    if claim.known is None:
        attempt.email_digest, attempt.address = claim.email_digest, claim.address
    session.add(attempt)
    session.flush()
    return attempt.id


def settle(session: Session, attempt: int, right: bool) -> None:
    """Say what the try was."""
    outcome = SignInOutcome.RIGHT if right else SignInOutcome.WRONG
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt).values(outcome=outcome))


def full_until(times: Sequence[datetime], limit: Limit, now: datetime) -> datetime | None:
    """When one more try fits, given those that count, newest first; None when it fits now."""
    waits = [
        times[most - 1] + window
        for most, window in ((limit.hour, _HOUR), (limit.day, _DAY))
        if len(times) >= most and times[most - 1] + window > now
    ]
    return max(waits, default=None)


def _refuse_when_full(session: Session, claim: Claim, now: datetime) -> None:
    waits = [
        (until, name)
        for name, times, limit in _buckets(session, claim, now)
        if (until := full_until(times, limit, now)) is not None
    ]
    if waits:
        raise TooManyTriesError(*max(waits))


def _buckets(session: Session, claim: Claim, now: datetime) -> Iterator[tuple[str, list[datetime], Limit]]:
    """What the claim counts towards: name, tries of the last day, limit."""
    row = SignInAttempt
    query = select(row.at, row.email_digest == claim.email_digest, row.address == claim.address)
    counted = session.execute(
        query.where(
            row.at > now - _DAY, row.outcome != SignInOutcome.RIGHT, row.known.is_not_distinct_from(claim.known)
        ).order_by(row.at.desc())
    ).all()
    if claim.known is not None:
        yield "browser", [at for at, _, _ in counted], KNOWN
        return
    yield "account", [at for at, same, _ in counted if same], ACCOUNT
    yield "address", [at for at, _, same in counted if same], ADDRESS
    yield "all", [at for at, _, _ in counted], ALL

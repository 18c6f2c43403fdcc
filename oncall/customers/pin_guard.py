"""Limits on guessing PINs, kept in the database: exact however many calls and processes try at once.

Each attempt is reserved before the PIN is looked at and settled after, so a process that dies in between leaves
an attempt that counts as wrong. Right PINs count against nothing. An attempt stands in two sliding windows, an
hour and a day long:

- its bucket: the calling number, "withheld" for all callers without one, or the call itself when it was us who
  rang the number;
- the common pool: every attempt, from whatever number, in which any customer's PIN would have been right.

A number registered for a customer (or a technician's) has a wider limit of its own, and when the common pool is
full, its caller may still try the PINs that belong to this number. So nobody elsewhere can lock it out, and
nobody who fakes it can go through other customers' PINs faster than the common limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.locks import Lock, lock
from oncall.customers.pin_limits import Limits, LuckyGuesses, expected_lucky_guesses_per_year, limits_from
from oncall.models.access.pin_attempts import PinAttempt, PinOutcome, PinPool
from oncall.models.customers import registered_customers
from oncall.models.people import by_phone

__all__ = [
    "TRIES_WHEN_RUNG_BACK",
    "Caller",
    "Limits",
    "LuckyGuesses",
    "Room",
    "Verdict",
    "attempt_of",
    "bucket_of",
    "caller_of",
    "expected_lucky_guesses_per_year",
    "forget_old",
    "limits_from",
    "own_limits",
    "reserve",
    "settle",
    "verdict_of",
]

TRIES_WHEN_RUNG_BACK: Final = 3

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_KEPT: Final = timedelta(days=2)

_NO_BUCKET: Final = ""
_WITHHELD: Final = "withheld"

# Both are taken in this order. The longest wait for the first is longer: whoever holds it may wait for the second.
_LONGEST_WAIT_MS: Final = {Lock.PIN_BUCKET: 3000, Lock.PIN_POOL: 2000}


class Verdict(StrEnum):
    """Whether a PIN may be tried."""

    GO = "go"
    # Only PINs that go with the calling number may be right: its customers', or the technician's own.
    OWN_ONLY = "own_only"
    NUMBER_LIMIT = "number_limit"
    COMMON_LIMIT = "common_limit"
    # A registered number is over its own limit. Maybe somebody fakes it: ring it, and who picks up may try there.
    RING_BACK = "ring_back"

    @property
    def may_try(self) -> bool:
        """Whether the PIN may be looked at now."""
        return self in (Verdict.GO, Verdict.OWN_ONLY)


@dataclass(frozen=True)
class Caller:
    """Who tries a PIN, as far as the calling number tells.

    `number`: E.164, None when withheld. `customers`: ids of those for whom it is registered. `staff`: a technician's
    own. `verified`: we rang the number ourselves, so it isn't faked.
    """

    number: str | None
    customers: tuple[int, ...] = ()
    staff: bool = False
    verified: bool = False

    @property
    def registered(self) -> bool:
        return bool(self.customers) or self.staff


@dataclass(frozen=True)
class Room:
    """Whether one more attempt fits."""

    own: bool
    common: bool


def caller_of(session: Session, number: str | None, *, verified: bool = False) -> Caller:
    """What the directory knows about a calling number."""
    customers = tuple(registered_customers(session, number))
    return Caller(number, customers, by_phone(session, number) is not None, verified)


def reserve(session: Session, call_id: int, turn: int, caller: Caller, now: datetime, limits: Limits) -> Verdict:
    """Whether the PIN typed in this turn of the call may be tried; if so, the attempt counts from now on.

    To be called in a transaction of its own, committed before the PIN is looked at: until then other attempts
    wait, for a few seconds at most (who would wait longer is refused). The same turn delivered again gets the first
    answer and counts once.
    """
    first = _first_answer(session, call_id, turn)
    if first is not None:
        return first
    bucket = bucket_of(caller, call_id)
    room = _room(session, bucket, caller, now, limits)
    verdict = verdict_of(caller, room)
    if verdict.may_try:  # a full bucket or pool needs no lock to be seen, so guessers don't queue up
        own = lock(session, Lock.PIN_BUCKET, bucket, _LONGEST_WAIT_MS[Lock.PIN_BUCKET])
        common = room.common and lock(session, Lock.PIN_POOL, PinPool.COMMON, _LONGEST_WAIT_MS[Lock.PIN_POOL])
        room = _room(session, bucket, caller, now, limits)
        verdict = verdict_of(caller, Room(room.own and own, room.common and common))
    attempt = attempt_of(verdict, bucket)
    row = insert(PinAttempt).values(call_id=call_id, turn=turn, at=now, **attempt)
    if session.scalar(row.on_conflict_do_nothing().returning(PinAttempt.id)) is not None:
        return verdict
    return _first_answer(session, call_id, turn) or verdict


def settle(session: Session, call_id: int, turn: int, right: bool) -> None:
    """Say what the reserved attempt was. The first word counts; nothing happens when nothing was reserved."""
    query = update(PinAttempt).where(
        PinAttempt.call_id == call_id, PinAttempt.turn == turn, PinAttempt.outcome == PinOutcome.PENDING
    )
    session.execute(query.values(outcome=PinOutcome.RIGHT if right else PinOutcome.WRONG))


def forget_old(session: Session, now: datetime) -> int:
    """Delete attempts that no limit looks at any more; how many."""
    # Never those of "after now": a clock behind the others, or one set back, must not open the limits.
    old = PinAttempt.at < now - _KEPT
    return len(session.scalars(delete(PinAttempt).where(old).returning(PinAttempt.id)).all())


def bucket_of(caller: Caller, call_id: int = 0) -> str:
    """What an attempt of this caller is counted under. Pure."""
    if caller.verified:
        return f"call {call_id}"
    return caller.number or _WITHHELD


def verdict_of(caller: Caller, room: Room) -> Verdict:
    """Whether one more attempt of this caller may be made, given what has room. Pure."""
    if not room.own:
        return Verdict.RING_BACK if caller.registered and not caller.verified else Verdict.NUMBER_LIMIT
    if room.common:
        return Verdict.GO
    return Verdict.OWN_ONLY if caller.registered else Verdict.COMMON_LIMIT


def attempt_of(verdict: Verdict, bucket: str) -> dict[str, str]:
    """Bucket, pool and outcome of an attempt as it is put down before the PIN is looked at. Pure."""
    if not verdict.may_try:
        return {"number": _NO_BUCKET, "pool": PinPool.REFUSED, "outcome": verdict.value}
    pool = PinPool.COMMON if verdict is Verdict.GO else PinPool.OWN
    return {"number": bucket, "pool": pool, "outcome": PinOutcome.PENDING}


def _first_answer(session: Session, call_id: int, turn: int) -> Verdict | None:
    row = session.execute(_FIRST_ANSWER, {"call_id": call_id, "turn": turn}).one_or_none()
    if row is None:
        return None
    if row.pool == PinPool.REFUSED:
        return Verdict(row.outcome)
    return Verdict.OWN_ONLY if row.pool == PinPool.OWN else Verdict.GO


def _room(session: Session, bucket: str, caller: Caller, now: datetime, limits: Limits) -> Room:
    own_hour, own_day = own_limits(caller, limits)
    edges = {
        "bucket": bucket,
        "hour_ago": now - _HOUR,
        "day_ago": now - _DAY,
        "hour_ahead": now + _HOUR,
        "day_ahead": now + _DAY,
    }
    seen = session.execute(_COUNTS, edges).one()
    return Room(
        own=seen.own_hour < own_hour and seen.own_day < own_day,
        common=seen.all_hour < limits.all_hour and seen.all_day < limits.all_day,
    )


def own_limits(caller: Caller, limits: Limits) -> tuple[int, int]:
    """The most attempts of this caller's own bucket in an hour and in a day. Pure."""
    if caller.verified:
        return TRIES_WHEN_RUNG_BACK, TRIES_WHEN_RUNG_BACK
    if caller.registered:
        return limits.registered_hour, 24 * limits.registered_hour
    return limits.number_hour, limits.number_day


def _counts(which: ColumnElement[bool]) -> Subquery:
    """Attempts of the last hour and day that weren't right.

    Those "after now" count too, up to the same distance: another machine's clock may be a little ahead, and a clock
    set back must not open the limits. Further off they are of a time that nobody lives in any more.
    """
    in_hour = (PinAttempt.at > bindparam("hour_ago")) & (PinAttempt.at < bindparam("hour_ahead"))
    in_day = (PinAttempt.at > bindparam("day_ago")) & (PinAttempt.at < bindparam("day_ahead"))
    # Spelt out rather than a parameter: only so can the database use its partial index.
    not_right = PinAttempt.outcome != literal_column("'right'")
    counted = select(func.count().filter(in_hour).label("hour"), func.count().label("day"))
    return counted.where(which, not_right, in_day).subquery()


def _both_counts() -> Select[tuple[int, int, int, int]]:
    own = _counts(PinAttempt.number == bindparam("bucket"))
    common = _counts(PinAttempt.pool == PinPool.COMMON)
    return select(
        own.c.hour.label("own_hour"),
        own.c.day.label("own_day"),
        common.c.hour.label("all_hour"),
        common.c.day.label("all_day"),
    ).select_from(own.join(common, true()))


# Made once: under attack, putting them together would cost more than asking the database.
_COUNTS: Final = _both_counts()
_FIRST_ANSWER: Final = select(PinAttempt.pool, PinAttempt.outcome).where(
    PinAttempt.call_id == bindparam("call_id"), PinAttempt.turn == bindparam("turn")
)

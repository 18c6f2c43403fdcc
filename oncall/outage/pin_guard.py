"""Limits on guessing PINs while the database is away: the same rule, counted in a file of this machine.

All processes of the machine count together, under a lock. Other machines count for themselves, so each allows half of
what the database would (`oncall.customers.pin_limits.strict`).
"""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.log import get_logger
from core.security.sealing import SealError, seal_for
from core.settings import Settings
from oncall.customers.pin_guard import Caller, Room, Verdict, attempt_of, bucket_of, own_limits, verdict_of
from oncall.customers.pin_limits import Limits, limits_from, strict
from oncall.models.access.pin_attempts import PinOutcome, PinPool
from oncall.outage.files import held, write_whole

_PURPOSE: Final = "guesses"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

logger = get_logger(__name__)


@dataclass(frozen=True)
class Guess:
    """An attempt, as a row of `pin_attempt` would have it. `key`: call and turn, and `#1` for a second look."""

    key: str
    at: str
    number: str
    pool: str
    outcome: str
    verdict: str

    def within(self, span: timedelta, now: datetime) -> bool:
        """Those after now count too, as in `oncall.customers.pin_guard`: a clock set back must not open the limits."""
        return abs(datetime.fromisoformat(self.at) - now) < span


class Guesses:
    """The attempts that this machine has seen in the last day."""

    def __init__(self, settings: Settings) -> None:
        self._path: Path = settings.var_dir / "guesses"
        self._secret = settings.pin_secret
        self._limits = strict(limits_from(settings))

    def reserve(self, key: str, caller: Caller, now: datetime) -> Guess:
        """Whether a PIN may be tried; if so it counts from now on, until the guess of the `key` returned is settled.

        The same question is answered once (`oncall.outage.answers`): should it come here again, as a process died, that
        is a try of its own, as other digits may have been typed. One that was refused stays refused.

        A disk that refuses, or a file that can't be read, lets only registered numbers try, and only their own PINs.
        """
        try:
            with self._alone():
                return self._reserve(key, caller, now)
        except (OSError, SealError, zlib.error, ValueError, TypeError) as error:
            logger.error("PINs can't be counted", reason=type(error).__name__)
            verdict = Verdict.OWN_ONLY if caller.registered else Verdict.COMMON_LIMIT
            return _guess(key, now, verdict, bucket_of(caller))

    def settle(self, key: str, right: bool) -> None:
        """Say what the reserved attempt was; the first word counts."""
        try:
            with self._alone():
                known = self._read()
                settled = [_settled(guess, right) if guess.key == key else guess for guess in known]
                self._write(settled)
        except (OSError, SealError, zlib.error, ValueError, TypeError) as error:
            logger.error("a PIN counts as wrong, as it can't be settled", reason=type(error).__name__)

    def _reserve(self, key: str, caller: Caller, now: datetime) -> Guess:
        known = [guess for guess in self._read() if guess.within(_DAY, now)]
        looks = [guess for guess in known if guess.key.partition("#")[0] == key]
        if looks and not Verdict(looks[-1].verdict).may_try:
            return looks[-1]
        if looks:
            key = f"{key}#{len(looks)}"
        bucket = bucket_of(caller)
        guess = _guess(key, now, verdict_of(caller, _room(known, bucket, caller, now, self._limits)), bucket)
        self._write([*known, guess])
        return guess

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with held(self._path.with_name(".guesses.lock")):
            yield

    def _read(self) -> list[Guess]:
        if not self._path.exists():
            return []
        content = zlib.decompress(seal_for(self._secret, _PURPOSE).open(self._path.read_bytes()))
        found: list[dict[str, Any]] = json.loads(content)
        return [Guess(**each) for each in found]

    def _write(self, guesses: list[Guess]) -> None:
        content = json.dumps([asdict(each) for each in guesses]).encode()
        write_whole(self._path, seal_for(self._secret, _PURPOSE).close(zlib.compress(content)))


def _guess(key: str, now: datetime, verdict: Verdict, bucket: str) -> Guess:
    return Guess(key, now.isoformat(), verdict=verdict.value, **attempt_of(verdict, bucket))


def _settled(guess: Guess, right: bool) -> Guess:
    if guess.outcome != PinOutcome.PENDING:
        return guess
    return Guess(**asdict(guess) | {"outcome": PinOutcome.RIGHT if right else PinOutcome.WRONG})


def _room(known: list[Guess], bucket: str, caller: Caller, now: datetime, limits: Limits) -> Room:
    counted = [guess for guess in known if guess.outcome != PinOutcome.RIGHT]
    own = [guess for guess in counted if guess.number == bucket]
    common = [guess for guess in counted if guess.pool == PinPool.COMMON]
    own_hour, own_day = own_limits(caller, limits)
    return Room(
        own=_fits(own, own_hour, own_day, now),
        common=_fits(common, limits.all_hour, limits.all_day, now),
    )


def _fits(guesses: list[Guess], an_hour: int, a_day: int, now: datetime) -> bool:
    return sum(guess.within(_HOUR, now) for guess in guesses) < an_hour and len(guesses) < a_day

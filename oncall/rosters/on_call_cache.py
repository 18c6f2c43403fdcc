"""Who is on call, told to programs again and again: worked out when something changes, and kept until then.

What is kept is trusted only while `core.change_listener` vouches for it. A page doesn't use this: it asks the database
for the rosters' version in its own transaction (`oncall.rosters.reading`), as a moment too late rings the wrong
person.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeAlias, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.change_listener import Watch
from core.db import Database
from oncall.accounts.api_tokens import Caller, find_program
from oncall.models.people import Person
from oncall.models.stored_settings import PROGRAMS_VERSION, ROSTERS_VERSION
from oncall.rosters import on_call as rosters_on_call
from oncall.rosters.bad_rosters import BadRoster
from oncall.rosters.on_call import RosterOnCall, UnknownRosterError, duties_at
from oncall.rosters.reading import read_rosters
from schedules.rosters.roster import PersonId, Roster

# What `Watch` looks at: another row whenever something that is kept here has changed.
CHANGES: Final = (
    "SELECT string_agg(value::text, ' ' ORDER BY name) FROM setting"  # noqa: S608 - our own names
    f" WHERE name IN ('{ROSTERS_VERSION}', '{PROGRAMS_VERSION}')"
)
# Overrides and times off from so long ago on are kept with the rosters; all that are ahead, as they end answers.
_BEHIND: Final = timedelta(days=1)
# Read anew after so long, without those that are over by then.
_RENEWED_AFTER: Final = timedelta(days=1)

Told = TypeVar("Told")
# As one of several: the bad ones are asked for too, and say what is wrong.
AnyRoster: TypeAlias = Roster | BadRoster


class UnknownRegionError(LookupError):
    """No roster serves this region; says which are served."""

    def __init__(self, region: str, known: Sequence[str]) -> None:
        super().__init__(f"no roster serves the region {region!r}; served are: {', '.join(known) or 'none yet'}")


@dataclass(frozen=True)
class Choice:
    """All rosters, or only that of this name, or those that serve this region."""

    roster: str | None = None
    region: str | None = None

    def of(self, rosters: Sequence[AnyRoster]) -> list[AnyRoster]:
        """Raises UnknownRosterError, UnknownRegionError."""
        found = list(rosters)
        if self.roster is not None:
            found = [each for each in found if each.name == self.roster]
            if not found:
                raise UnknownRosterError(self.roster, [each.name for each in rosters])
        if self.region is not None:
            found = [each for each in found if self.region in each.regions]
            if not found:
                raise UnknownRegionError(self.region, sorted({region for each in rosters for region in each.regions}))
        return found


@dataclass(frozen=True)
class _Answer(Generic[Told]):
    """Right from the instant it was worked out for until `until` (UTC; None: ever)."""

    since: datetime
    until: datetime | None
    told: Told

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class _Kept(Generic[Told]):
    """Rosters and people as they were at `mark`, for instants from `start` (UTC) on, and what was told."""

    mark: int | None
    start: datetime
    rosters: tuple[AnyRoster, ...]
    people: Mapping[PersonId, Person]
    answers: dict[Choice, _Answer[Told]] = field(default_factory=dict)


class KeptDuties(Generic[Told]):
    """One a process. `tell` makes of the answers what is sent, so that this too is done once. Threads may share it."""

    def __init__(self, database: Database, watch: Watch, tell: Callable[[Sequence[RosterOnCall]], Told]) -> None:
        self._database, self._watch, self._tell = database, watch, tell
        self._kept: _Kept[Told] | None = None
        self._reading = threading.Lock()

    def now(self, choice: Choice, now: datetime) -> Told:
        """Who is on call at the present instant (UTC). Raises UnknownRosterError, UnknownRegionError."""
        kept = self._around(now)
        answer = kept.answers.get(choice)
        if answer is None or not answer.holds(now):
            duties = [duties_at(roster, now, kept.people) for roster in choice.of(kept.rosters)]
            ends = [layer.until for duty in duties for layer in duty.layers if layer.until is not None]
            answer = _Answer(now, min(ends, default=None), self._tell(duties))
            if not any(duty.fault for duty in duties):  # how long a fault lasts is not known
                kept.answers[choice] = answer
        return answer.told

    def at(self, choice: Choice, at: datetime, now: datetime) -> Told:
        """Who is on call at another instant (UTC). Raises as `now` does."""
        kept = self._around(now)
        if kept.start <= at:
            return self._tell([duties_at(roster, at, kept.people) for roster in choice.of(kept.rosters)])
        names = {roster.name for roster in choice.of(kept.rosters)}
        with self._database.transaction() as session:
            return self._tell(
                [duty for duty in rosters_on_call.on_call(session, at, choice.roster) if duty.roster in names]
            )

    def _around(self, now: datetime) -> _Kept[Told]:
        kept = self._trusted(self._watch.mark(), now)
        if kept is not None:
            return kept
        with self._reading:  # one reads for all who wait, as each change makes all of them come here at once
            mark = self._watch.mark()
            kept = self._trusted(mark, now)
            if kept is None:
                with self._database.transaction() as session:
                    kept = self._kept = _read(session, mark, now)
        return kept

    def _trusted(self, mark: int | None, now: datetime) -> _Kept[Told] | None:
        kept = self._kept
        return kept if kept is not None and mark is not None and kept.mark == mark and _serves(kept, now) else None


class KnownPrograms:
    """Tokens that were right, while no program has been added or revoked since. One a process."""

    def __init__(self, database: Database, watch: Watch) -> None:
        self._database, self._watch = database, watch
        # Mark and callers by token go together, in one step: threads come and go between any two.
        self._known: tuple[int | None, dict[str, Caller]] = (None, {})

    def find(self, token: str) -> Caller | None:
        """Whose token it is; None when it is unknown or revoked."""
        mark = self._watch.mark()
        kept_at, callers = self._known
        if mark is None or mark != kept_at:
            callers = {}
            self._known = (mark, callers)
        caller = callers.get(token)
        if caller is None:
            with self._database.transaction() as session:
                caller = find_program(session, token)
            if caller is not None:
                callers[token] = caller
        return caller


def _serves(kept: _Kept[Told], now: datetime) -> bool:
    return kept.start <= now < kept.start + _BEHIND + _RENEWED_AFTER


def _read(session: Session, mark: int | None, now: datetime) -> _Kept[Told]:
    # All of it as it was at one instant: who is named in a roster is among the people.
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    start = now - _BEHIND
    people: dict[PersonId, Person] = {person.id: person for person in session.scalars(select(Person))}
    read = read_rosters(session, start, None)
    return _Kept(mark, start, (*read.rosters, *read.bad), people)

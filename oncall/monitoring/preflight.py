"""Whether the service could take a call tonight: what the directory in the database lacks, and how to put it right."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from demo.accounts import DEMO_ACCOUNTS
from oncall.customers.pin_limits import limits_from, luckiest_guesses_per_year
from oncall.customers.pins import SHORTEST
from oncall.models.access.accounts import Account
from oncall.models.customers import Contract, Customer, Pin, Region
from oncall.models.people import ACTIVE, Person, Role
from oncall.rosters.bad_rosters import REMEDY
from oncall.rosters.coverage import gaps
from oncall.rosters.reading import Read, read_rosters
from schedules.rosters.roster import Roster
from schedules.rosters.soundness import out_of_reach
from schedules.spans import Span
from schedules.staffed_hours import Plan
from schedules.wall_clock import wall_time, written_time

GAP_DAYS: Final = 30
# The on-call service is not offered there (support guide, After-hours on-call service).
NOT_SERVED: Final = "apac"
_LUCK_WORTH_A_WARNING: Final = 0.1


class Level(StrEnum):
    """A problem keeps the service from working as promised; a warning is for somebody to look at."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Check:
    """One line of the preflight. `remedy` says what to do."""

    subject: str
    level: Level
    words: str
    remedy: str = ""


def check_directory(session: Session, settings: Settings, now: datetime) -> list[Check]:
    """People, cover of the next 30 days for every region that needs it, and PINs."""
    return [*_people(session), *_cover(session, now), *_pins(session, settings), *_demo_accounts(session, settings)]


def _demo_accounts(session: Session, settings: Settings) -> Iterator[Check]:
    """Their passwords are public."""
    known = [email for email, _, _ in DEMO_ACCOUNTS]
    query = select(Account.email).where(Account.email.in_(known), Account.disabled_at.is_(None))
    found = [] if settings.simulated else session.scalars(query.order_by(Account.id)).all()
    if found:
        words = f"the demo's, whose passwords everybody can read, are open: {', '.join(found)}"
        yield Check("accounts", Level.PROBLEM, words, "close each with `flask account EMAIL --disable`")


def _people(session: Session) -> Iterator[Check]:
    people = session.scalars(select(Person).where(ACTIVE).order_by(Person.id)).all()
    technicians = [person for person in people if person.role == Role.TECHNICIAN]
    if not technicians:
        yield Check("people", Level.PROBLEM, "there is no technician", "load a directory with `flask load FILE`")
        return
    yield Check("people", Level.OK, f"{len(people)} people, {len(technicians)} of them technicians")
    without = [person.name for person in technicians if person.pin_digest is None]
    if without:
        words = f"no own PIN, so no technician menu by phone: {', '.join(without)}"
        yield Check("people", Level.WARNING, words, "give each a `pin` in the directory file")


def _cover(session: Session, now: datetime) -> Iterator[Check]:
    end = now + timedelta(days=GAP_DAYS)
    read = read_rosters(session, now, end)
    rosters = list(read.rosters)
    yield from _unsound(read, now)
    if not rosters and not read.bad:
        yield Check("rosters", Level.PROBLEM, "there is no roster", "load a directory with `flask load FILE`")
        return
    needed = _regions_with_platinum(session, now)
    for region in session.scalars(select(Region).order_by(Region.name)):
        serving = [roster for roster in rosters if region.name in roster.regions]
        if serving:
            yield _region(region, serving, now, end)
        elif region.name in needed:
            broken = any(region.name in bad.regions for bad in read.bad)
            words = "Platinum customers, and no roster serves them" + (" that can be worked out" if broken else "")
            remedy = f"mend the roster: {REMEDY}" if broken else "add the region to a roster"
            yield Check(f"region {region.name}", Level.PROBLEM, words, remedy)


def _unsound(read: Read, now: datetime) -> Iterator[Check]:
    failing = read.failing_at(now)
    for bad in failing:
        words = f"can't be worked out, so nobody is rung by it: {bad.reason}"
        yield Check(f"roster {bad.name}", Level.PROBLEM, words, REMEDY)
    for roster in read.rosters:
        date = out_of_reach(roster)
        if date is not None and roster.name not in {bad.name for bad in failing}:
            yield Check(f"roster {roster.name}", Level.PROBLEM, date, REMEDY)


def _regions_with_platinum(session: Session, now: datetime) -> set[str]:
    query = select(Contract).join(Contract.region).join(Contract.customer)
    contracts = session.scalars(query.where(Contract.plan == Plan.PLATINUM.value, Customer.retired_at.is_(None)))
    return {
        contract.region_name
        for contract in contracts
        if contract.region_name != NOT_SERVED
        and contract.start_date <= wall_time(now, contract.region.time_zone).date() <= contract.end_date
    }


def _region(region: Region, serving: Sequence[Roster], now: datetime, end: datetime) -> Check:
    subject = f"region {region.name}"
    names = ", ".join(roster.name for roster in serving)
    found = gaps(serving, region.time_zone, now, end)
    if not found:
        return Check(subject, Level.OK, f"somebody is on call in all after-hours of the next {GAP_DAYS} days ({names})")
    remedy = f"fill the rotations of {names}, or add overrides"
    if found[0].covers(now):
        return Check(subject, Level.PROBLEM, f"nobody is on call now, until {_end(found[0], region)} ({names})", remedy)
    hours = sum((gap.length for gap in found), timedelta()) / timedelta(hours=1)
    first = f"from {written_time(found[0].start, region.time_zone)} to {_end(found[0], region)}"
    gap_words = "1 gap" if len(found) == 1 else f"{len(found)} gaps"
    words = f"{gap_words}, {hours:.0f} hours in all, without anybody on call in the next {GAP_DAYS} days, first {first}"
    return Check(subject, Level.PROBLEM, f"{words} ({names})", remedy)


def _end(gap: Span, region: Region) -> str:
    return written_time(gap.end, region.time_zone)


@dataclass(frozen=True)
class _Lengths:
    """PINs in force by their number of digits; those of unknown length count with the fewest that were ever taken."""

    known: Mapping[int, int]
    unknown: int

    @classmethod
    def of(cls, lengths: Iterable[int | None]) -> Self:
        counts = Counter(lengths)
        unknown = counts.pop(None, 0)
        return cls({length: count for length, count in counts.items() if length is not None}, unknown)

    @property
    def in_force(self) -> dict[int, int]:
        return {**self.known, SHORTEST: self.known.get(SHORTEST, 0) + self.unknown} if self.unknown else {**self.known}

    def check(self, subject: str, luck: float, words: str, wanted: int, remedy: str) -> Check:
        """A warning when guessing pays, or a PIN is shorter than `wanted` (PIN_LENGTH)."""
        pins = sum(self.in_force.values())
        counted = f"{pins} in force, the shortest with {min(self.in_force)} digits"
        if self.unknown:
            counted += f" ({self.unknown} from before lengths were kept count as {SHORTEST})"
        short = sum(count for length, count in self.known.items() if length < wanted)
        line = f"{counted}; {words.format(f'{luck:.2g}')}"
        if self.unknown and luck > _LUCK_WORTH_A_WARNING:
            return Check(subject, Level.WARNING, line, "load the directory file again, or issue those PINs anew")
        if short:
            short_words = f"{line}; {short} shorter than PIN_LENGTH ({wanted})"
            return Check(subject, Level.WARNING, short_words, f"give PINs of {wanted} digits in their place")
        if luck > _LUCK_WORTH_A_WARNING:
            return Check(subject, Level.WARNING, line, remedy)
        return Check(subject, Level.OK, line)


def _pins(session: Session, settings: Settings) -> Iterator[Check]:
    limits, wanted = limits_from(settings), settings.pin_length
    in_force = select(Pin.length).join(Pin.contract).join(Contract.customer)
    theirs = in_force.where(Pin.revoked_at.is_(None), Customer.retired_at.is_(None))
    customers = _Lengths.of(session.scalars(theirs))
    if not customers.in_force:
        yield Check("PINs", Level.WARNING, "no PIN is in force: no customer can reach the technician", "give PINs")
    else:
        luck = luckiest_guesses_per_year(limits, customers.in_force).all_numbers
        words = "an attack that never pauses would hit one {} times a year"
        yield customers.check("PINs", luck, words, wanted, "set PIN_LENGTH higher or PIN_LIMIT_ALL_DAY lower")
    people = _Lengths.of(session.scalars(select(Person.pin_length).where(Person.pin_digest.is_not(None), ACTIVE)))
    if people.in_force:
        luck = luckiest_guesses_per_year(limits, people.in_force).faked_number
        words = "who fakes a person's number all year would hit that person's {} times"
        remedy = "set PIN_LENGTH higher or PIN_LIMIT_REGISTERED_HOUR lower"
        yield people.check("PINs of people", luck, words, wanted, remedy)

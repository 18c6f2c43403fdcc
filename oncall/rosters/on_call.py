"""Who is on call, and the order in which people are rung.

This stands on the way of every page: two queries whatever the number of rosters, as long as none of them changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from oncall.models.people import ACTIVE, Person, Role
from oncall.models.rosters import Roster as RosterRow
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.reading import PLANNED, SHELF, Read, Shelf, read_rosters
from schedules.rosters.roster import DutySpan, LayerDuty, PersonId, Roster, Why, who_at
from schedules.wall_clock import to_utc, written_time

# Who is rung when nobody on a roster picks up, in this order.
IN_CHARGE: Final = (Role.TEAM_LEADER, Role.SUPPORT_MANAGER)
# A wall-clock time is at most this far from the same digits in UTC.
_WIDEST_OFFSET: Final = timedelta(hours=15)


class UnknownRosterError(LookupError):
    """There is no roster of this name; says which there are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        there_are = f"rosters are: {', '.join(known)}" if known else "there is no roster yet; load a directory first"
        super().__init__(f"there is no roster {name!r}; {there_are}")


@dataclass(frozen=True)
class Link:
    """Somebody to ring. `source` says why: the layer's name, "team leader" or "support manager"."""

    person: Person
    source: str


@dataclass(frozen=True)
class LayerOnCall:
    """A layer's people at an instant, and what put them there: `why` in a word, `reason` in full, for people.

    `absent` would be on call, but have time off. Nothing of this changes before `until` (UTC; None: ever).
    """

    layer: str
    people: tuple[Person, ...]
    why: Why
    reason: str
    absent: tuple[Person, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class RosterOnCall:
    """A roster's layers at the instant `at` (UTC), in ringing order.

    `fault`: why it can't be worked out, in words; then it has no layers, and nobody is rung by it.
    """

    roster: str
    time_zone: str
    at: datetime
    layers: tuple[LayerOnCall, ...]
    fault: str = ""


def chain(session: Session, region: str | None, now: datetime, shelf: Shelf = SHELF) -> list[Link]:
    """Everybody to ring for a region (None: for any), in order, nobody twice.

    First the people on call now in every roster that serves the region, layer by layer; then all team leaders; then
    all support managers. Whoever has time off is left out; only if that leaves nobody, leaders and managers are not.
    Whoever has left is never rung, and a roster that can't be worked out is passed over.
    """
    rosters = shelf.rosters_at(session, now)
    serving = [roster for roster in rosters if serves(roster, region)]
    duties = [duty for roster in serving for duty in _duties(roster, now)]
    ids = {person for duty in duties for person in duty.people}
    found = session.scalars(
        select(Person).where(or_(Person.id.in_(ids), Person.role.in_(IN_CHARGE)), ACTIVE).order_by(Person.id)
    )
    people: dict[PersonId, Person] = {person.id: person for person in found}
    # Who has left is on no roster. Should the rosters be older than that, nobody rings them either.
    rung = [(duty.layer, [person for person in duty.people if person in people]) for duty in duties]
    order = ring_order(rung, chiefs(people.values()), away_at(rosters, now))
    return [Link(people[person], source) for person, source in order]


def _duties(roster: Roster, now: datetime) -> tuple[LayerDuty, ...]:
    found = answered(roster, lambda each: who_at(each, now))
    return () if isinstance(found, BadRoster) else found


def serves(roster: Roster, region: str | None) -> bool:
    """Whether a roster is asked for callers of the region (None: of any)."""
    return region is None or region in roster.regions


def chiefs(people: Collection[Person]) -> list[tuple[PersonId, str]]:
    """Those of these people (by id) who are rung after the rosters, in order: leaders, then managers."""
    by_role = [(role, [person.id for person in people if person.role == role]) for role in IN_CHARGE]
    return [(person, role.spoken) for role, ids in by_role for person in ids]


def ring_order(
    duties: Iterable[tuple[str, Sequence[PersonId]]],
    in_charge: Sequence[tuple[PersonId, str]],
    off: Collection[PersonId],
) -> list[tuple[PersonId, str]]:
    """Whom to ring, in order, nobody twice, each with the reason. Pure: the one rule of `chain`.

    `duties`: layers by name with those on call, in ringing order. `in_charge`: from `chiefs`. `off`: who has time off.
    """
    links = [(person, layer) for layer, people in duties for person in people]
    links += [each for each in in_charge if each[0] not in off]
    if not links:
        # Nobody is left but people in charge who have time off: a page that rings nobody is worse.
        links = list(in_charge)
    first: dict[PersonId, str] = {}
    for person, source in links:
        first.setdefault(person, source)
    return list(first.items())


def away(session: Session, now: datetime) -> set[PersonId]:
    """Who has time off now."""
    return away_at(SHELF.rosters_at(session, now), now)


def away_at(rosters: Iterable[Roster], now: datetime) -> set[PersonId]:
    """Who has time off at an instant, by what the rosters know of it. Pure."""
    return {each.person for roster in rosters for each in roster.time_off if each.start <= now < each.end}


def on_call(session: Session, at: datetime, roster_name: str | None = None) -> list[RosterOnCall]:
    """Who is on call at an instant in every roster, or in the one of that name.

    A naive `at` is read on each roster's own clock. Those that can't be worked out say so. Raises UnknownRosterError.
    """
    margin = _WIDEST_OFFSET if at.tzinfo is None else timedelta(0)
    # Whatever comes later is read too: it is what ends an answer.
    read = read_rosters(session, _as_if_utc(at) - margin, None, name=roster_name)
    if roster_name is not None and not read.rosters and not read.bad:
        raise UnknownRosterError(roster_name, session.scalars(select(RosterRow.name).order_by(RosterRow.id)).all())
    people: dict[PersonId, Person] = {person.id: person for person in session.scalars(select(Person))}
    every: list[Roster | BadRoster] = [*read.rosters, *read.bad]
    return [duties_at(each, at, people) for each in every]


@dataclass(frozen=True)
class LookingAhead:
    """Who is on call from an instant on, asked several times and read once."""

    read: Read
    people: Mapping[PersonId, Person]

    def at(self, at: datetime, roster_name: str | None = None) -> list[RosterOnCall]:
        """In every roster, or in those of that name, at an instant (UTC) that is not before the one looked from."""
        every: list[Roster | BadRoster] = [*self.read.rosters, *self.read.bad]
        return [duties_at(each, at, self.people) for each in every if roster_name in (None, each.name)]


def look_ahead(session: Session, now: datetime) -> LookingAhead:
    """From `now` (UTC) on, by what the process keeps of the rosters: for pages, which ask for much at once."""
    read = PLANNED.read_at(session, now)
    return LookingAhead(read, {person.id: person for person in session.scalars(select(Person))})


def duties_at(roster: Roster | BadRoster, at: datetime, people: Mapping[PersonId, Person]) -> RosterOnCall:
    """Who is on call in a roster at an instant; a naive `at` is on its own clock. Pure, but for the log.

    `people` must have everybody who is on call, or would be. What fails is told as the roster's fault.
    """

    def ask(each: Roster) -> RosterOnCall:
        instant = _instant(at, each.time_zone)
        layers = tuple(_named(duty, people, each.time_zone) for duty in who_at(each, instant))
        return RosterOnCall(each.name, each.time_zone, instant, layers)

    found = answered(roster, ask) if isinstance(roster, Roster) else roster
    if isinstance(found, BadRoster):
        return RosterOnCall(found.name, found.clock, _instant(at, found.clock), (), found.reason)
    return found


def _named(duty: LayerDuty, people: Mapping[PersonId, Person], zone: str) -> LayerOnCall:
    absent = tuple(people[person] for person in duty.absent)
    present = tuple(people[person] for person in duty.people)
    return LayerOnCall(duty.layer, present, duty.why, reason(duty, absent, zone), absent, duty.until)


def reason(duty: LayerDuty | DutySpan, absent: Sequence[Person], zone: str) -> str:
    """What put a layer's people on call, in words: "override by Mara Bianchi, Tue 2 Jun 2026, 10:00 CEST"."""
    words = duty.why.value
    if duty.override is not None:
        words += f" by {duty.override.by}" if duty.override.by else ""
        words += f", {written_time(duty.override.made_at, zone)}" if duty.override.made_at else ""
        words += f" ({duty.override.note})" if duty.override.note else ""
    return "; ".join([words, *(f"{each.name} has {'left' if each.retired else 'time off'}" for each in absent)])


def _instant(at: datetime, zone: str) -> datetime:
    return to_utc(at, zone) if at.tzinfo is None else at.astimezone(UTC)


def _as_if_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

"""Who is on call, and the order in which people are rung.

This stands on the way of every page: two queries whatever the number of rosters, as long as none of them changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from oncall.people import Person, Role
from oncall.roster_reading import SHELF, Shelf, load_rosters
from oncall.rosters import Roster as RosterRow
from schedules.roster import DutySpan, LayerDuty, PersonId, Roster, Why, who_at
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
    """A roster's layers at the instant `at` (UTC), in ringing order."""

    roster: str
    time_zone: str
    at: datetime
    layers: tuple[LayerOnCall, ...]


def chain(session: Session, region: str | None, now: datetime, shelf: Shelf = SHELF) -> list[Link]:
    """Everybody to ring for a region (None: for any), in order, nobody twice.

    First the people on call now in every roster that serves the region, layer by layer; then all team leaders; then
    all support managers. Whoever has time off is left out; only if that leaves nobody, leaders and managers are not.
    """
    rosters = shelf.rosters_at(session, now)
    serving = [roster for roster in rosters if serves(roster, region)]
    duties = [duty for roster in serving for duty in who_at(roster, now)]
    ids = {person for duty in duties for person in duty.people}
    found = session.scalars(
        select(Person).where(or_(Person.id.in_(ids), Person.role.in_(IN_CHARGE))).order_by(Person.id)
    )
    people: dict[PersonId, Person] = {person.id: person for person in found}
    order = ring_order([(duty.layer, duty.people) for duty in duties], chiefs(people.values()), away_at(rosters, now))
    return [Link(people[person], source) for person, source in order]


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

    A naive `at` is read on each roster's own clock. Raises UnknownRosterError.
    """
    margin = _WIDEST_OFFSET if at.tzinfo is None else timedelta(0)
    # Whatever comes later is read too: it is what ends an answer.
    rosters = load_rosters(session, _as_if_utc(at) - margin, None, name=roster_name)
    if roster_name is not None and not rosters:
        raise UnknownRosterError(roster_name, session.scalars(select(RosterRow.name).order_by(RosterRow.id)).all())
    ids = {person for roster in rosters for duty in who_at(roster, _instant(at, roster)) for person in _held_by(duty)}
    people: dict[PersonId, Person] = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [duties_at(roster, at, people) for roster in rosters]


def duties_at(roster: Roster, at: datetime, people: Mapping[PersonId, Person]) -> RosterOnCall:
    """Who is on call in a roster at an instant; a naive `at` is on its own clock. Pure.

    `people` must have everybody who is on call, or would be. Raises KeyError.
    """
    instant = _instant(at, roster)
    layers = tuple(_named(duty, people, roster.time_zone) for duty in who_at(roster, instant))
    return RosterOnCall(roster.name, roster.time_zone, instant, layers)


def _held_by(duty: LayerDuty) -> tuple[PersonId, ...]:
    return (*duty.people, *duty.absent)


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
    return "; ".join([words, *(f"{person.name} has time off" for person in absent)])


def _instant(at: datetime, roster: Roster) -> datetime:
    return to_utc(at, roster.time_zone) if at.tzinfo is None else at.astimezone(UTC)


def _as_if_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

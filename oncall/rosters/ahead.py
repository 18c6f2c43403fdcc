"""Who is on call now and who comes next, and one person's shifts ahead: for people who look, not for paging."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.rosters import Roster as RosterRow
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.on_call import reason
from oncall.rosters.reading import PLANNED
from schedules.rosters.roster import DutySpan, PersonId, Roster, Why, duty_spans, walk

# A layer that does not change for so long is said not to change.
LOOKED_AHEAD: Final = timedelta(days=90)


@dataclass(frozen=True)
class Stretch:
    """Time (UTC) in which the same people hold a layer, whatever puts them there. `off`: nobody, as it is off duty.

    `reason`: what puts them there at its beginning, in words. `open_ended`: it goes on beyond what was looked at.
    """

    start: datetime
    end: datetime
    people: tuple[Person, ...]
    off: bool
    reason: str
    open_ended: bool = False


@dataclass(frozen=True)
class LayerAhead:
    """A layer now, and the next stretch in which it is on duty: None when nothing changes in LOOKED_AHEAD."""

    layer: str
    now: Stretch
    then: Stretch | None


@dataclass(frozen=True)
class RosterAhead:
    """A roster's layers in ringing order. `fault`: why it can't be worked out; then it has none."""

    id: int
    name: str
    time_zone: str
    layers: tuple[LayerAhead, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Shift:
    """One person's time on call in a layer. `beside`: who shares it; `begun`: it began before it was asked for."""

    roster_id: int
    roster: str
    layer: str
    time_zone: str
    span: Stretch
    beside: tuple[Person, ...]
    begun: bool


@dataclass(frozen=True)
class ShiftsAhead:
    """A person's shifts by their beginning. `faults`: names of rosters that can't be worked out, so may lack some."""

    shifts: tuple[Shift, ...]
    faults: tuple[str, ...]


def rosters_ahead(session: Session, now: datetime) -> list[RosterAhead]:
    """Every roster at `now` (UTC), in the order in which they were made."""
    people, ids = _people(session), _ids(session)
    read = PLANNED.read_at(session, now)
    found = [_bad(each, ids) for each in read.bad if each.name in ids]
    for roster in read.rosters:
        if roster.name in ids:
            asked = answered(roster, lambda each: tuple(_layers(each, now, people)))
            known = ids[roster.name], roster.name, roster.time_zone
            found.append(_bad(asked, ids) if isinstance(asked, BadRoster) else RosterAhead(*known, asked))
    return sorted(found, key=lambda each: each.id)


def shifts_ahead(session: Session, person_id: int, start: datetime, end: datetime) -> ShiftsAhead:
    """When this person is on call from `start`, which is now, to `end` (UTC), in all rosters."""
    people, ids = _people(session), _ids(session)
    read = PLANNED.read_at(session, start)
    shifts: list[Shift] = []
    faults = [each.name for each in read.bad]
    for roster in read.rosters:
        asked = answered(roster, lambda each: _shifts(each, ids, people, person_id, start, end))
        if isinstance(asked, BadRoster):
            faults.append(asked.name)
        else:
            shifts += asked
    return ShiftsAhead(
        tuple(sorted(shifts, key=lambda each: (each.span.start, each.roster, each.layer))), tuple(faults)
    )


def stretches(
    spans: Iterable[DutySpan], zone: str, people: Mapping[PersonId, Person], until: datetime
) -> Iterable[Stretch]:
    """Spans that follow each other as stretches: those of the same people become one. Pure.

    `until` (UTC): where the spans were cut.
    """
    first: DutySpan | None = None
    end = until
    for span in spans:
        if first is not None and (span.people, _off(span)) == (first.people, _off(first)):
            end = span.end
            continue
        if first is not None:
            yield _stretch(first, end, zone, people)
        first, end = span, span.end
    if first is not None:
        yield _stretch(first, end, zone, people, open_ended=end >= until)


def _layers(roster: Roster, now: datetime, people: Mapping[PersonId, Person]) -> Iterable[LayerAhead]:
    until = now + LOOKED_AHEAD
    for layer in roster.layers:
        ahead = iter(stretches(walk(roster, layer.name, now, until), roster.time_zone, people, until))
        first = next(ahead)
        yield LayerAhead(layer.name, first, next((each for each in ahead if not each.off), None))


def _shifts(
    roster: Roster,
    ids: Mapping[str, int],
    people: Mapping[PersonId, Person],
    person_id: int,
    start: datetime,
    end: datetime,
) -> list[Shift]:
    found = []
    for layer in roster.layers:
        spans = duty_spans(roster, layer.name, start, end)
        for each in stretches(spans, roster.time_zone, people, end):
            if person_id in (person.id for person in each.people):
                beside = tuple(person for person in each.people if person.id != person_id)
                known = ids[roster.name], roster.name, layer.name, roster.time_zone
                found.append(Shift(*known, each, beside, each.start <= start))
    return found


def _stretch(
    span: DutySpan, end: datetime, zone: str, people: Mapping[PersonId, Person], open_ended: bool = False
) -> Stretch:
    present = tuple(people[person] for person in span.people)
    absent = [people[person] for person in span.absent]
    plain = span.why == Why.ROTATION and not absent
    return Stretch(span.start, end, present, _off(span), "" if plain else reason(span, absent, zone), open_ended)


def _off(span: DutySpan) -> bool:
    return span.why == Why.OFF_DUTY


def _bad(bad: BadRoster, ids: Mapping[str, int]) -> RosterAhead:
    return RosterAhead(ids[bad.name], bad.name, bad.clock, fault=bad.reason)


def _people(session: Session) -> dict[PersonId, Person]:
    return {person.id: person for person in session.scalars(select(Person))}


def _ids(session: Session) -> dict[str, int]:
    return {row.name: row.id for row in session.execute(select(RosterRow.name, RosterRow.id))}

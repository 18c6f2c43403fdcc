"""Who was, or will be, on call for how long: for fairness and for pay."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text import tables
from oncall.models.people import Person
from oncall.models.rosters import Roster as RosterRow
from oncall.rosters.errors import GoneError
from oncall.rosters.reading import load_roster
from schedules.rosters.roster import PersonId, Roster, duty_spans
from schedules.rosters.shares import Shares, shares
from schedules.spans import Span, merged

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class PersonFigures:
    """One person's time on call. `balance`: how much that is above (or below) an even share among all of them."""

    name: str
    shares: Shares
    balance: timedelta


def figures(session: Session, roster_id: int, start: datetime, end: datetime) -> list[PersonFigures]:
    """Everybody who takes turns in the roster, or was on call in it from `start` to `end` (UTC), by name.

    Whoever stands in two layers at once is on call once. Raises GoneError when there is no such roster, BadRosterError.
    """
    row = session.get(RosterRow, roster_id)
    if row is None:
        raise GoneError("This roster is not there any more.")
    roster = load_roster(session, row.name, start, end, history=True)
    held = _held(roster, start, end)
    split = {person: shares(spans, roster.time_zone) for person, spans in held.items()}
    even = sum((each.total for each in split.values()), timedelta(0)) / max(1, len(split))
    known = session.execute(select(Person.id, Person.name).where(Person.id.in_(split)))
    names = {id_: name for id_, name in known}  # noqa: C416 - rows are no pairs to a type checker
    found = [PersonFigures(names[int(person)], each, each.total - even) for person, each in split.items()]
    return sorted(found, key=lambda each: each.name)


def as_csv(found: Sequence[PersonFigures]) -> str:
    """Hours with two decimals, one person a line, for payroll."""
    head = ("person", "days", "nights", "saturdays", "sundays", "holidays", "total", "balance")
    return tables.as_csv(head, (_row(each) for each in found))


def _row(person: PersonFigures) -> list[str]:
    split = person.shares
    lengths = (split.days, split.nights, split.saturdays, split.sundays, split.holidays, split.total, person.balance)
    return [tables.as_text(person.name), *(f"{length / _HOUR:.2f}" for length in lengths)]


def _held(roster: Roster, start: datetime, end: datetime) -> dict[PersonId, list[Span]]:
    spans: dict[PersonId, list[Span]] = defaultdict(list)
    for layer in roster.layers:
        for rotation in layer.rotations:
            for person in (each for turn in rotation.turns for each in turn):
                spans.setdefault(person, [])
        for duty in duty_spans(roster, layer.name, start, end):
            for person in duty.people:
                spans[person].append(Span(duty.start, duty.end))
    return {person: list(merged(each)) for person, each in spans.items()}

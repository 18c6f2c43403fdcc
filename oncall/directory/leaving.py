"""Who leaves by a directory file: those that it calls inactive, and with `retire` those whom it no longer has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.directory.changes import Changes
from oncall.directory.model import CustomerEntry, Directory, PersonEntry
from oncall.directory.problems import DirectoryError, Problem
from oncall.directory.retiring import retire_customer, retire_person
from oncall.models import messages
from oncall.models.customers import Customer
from oncall.models.messages import Channel
from oncall.models.people import ACTIVE, Person, Role
from oncall.planning.editing import GAP_AHEAD
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import DutySpan, Roster, duty_spans
from schedules.wall_clock import written_time

_TOLD_AT_MOST: Final = 3


@dataclass(frozen=True)
class Missing:
    """Names of active people and customers whom the database has and the file has not, in its sections."""

    people: tuple[str, ...]
    customers: tuple[str, ...]

    @property
    def line(self) -> str | None:
        """What `flask load` says of them; None when there is nobody."""
        parts = (("people", self.people), ("customers", self.customers))
        told = [f"{kind}: {', '.join(names)}" for kind, names in parts if names]
        return f"not in this file, and left as they are: {'; '.join(told)}" if told else None


def missing(session: Session, directory: Directory) -> Missing:
    """Who is in the database and not in the file. A section that is empty or not there says nothing of anybody."""
    people, customers = _unnamed(session, directory)
    return Missing(tuple(each.name for each in people), tuple(each.name for each in customers))


def leave(session: Session, directory: Directory, retire: bool, now: datetime, changes: Changes) -> list[Person]:
    """Retire whom the file calls inactive and, with `retire`, whom it does not have; the people who leave by it.

    Somebody who is inactive in the file and unknown here is nobody, and stays so.
    """
    people = list(session.scalars(select(Person).where(Person.name.in_(_inactive(directory.people)), ACTIVE)))
    customers = list(session.scalars(_active_customers().where(Customer.name.in_(_inactive(directory.customers)))))
    if retire:
        more_people, more_customers = _unnamed(session, directory)
        people, customers = people + more_people, customers + more_customers
    for customer in customers:
        for words in retire_customer(session, customer, now):
            changes.note(f"customer {customer.name}", words)
    for person in people:
        for words in retire_person(session, person, now):
            changes.note(f"person {person.name}", words)
    return people


def refuse_nobody_left(session: Session, directory: Directory, left: Sequence[Person]) -> None:
    """To be asked once all people are written. Raises DirectoryError when no technician would be left to be rung."""
    remaining = select(Person.id).where(Person.role == Role.TECHNICIAN.value, ACTIVE).limit(1)
    if not left or session.scalar(remaining) is not None:
        return
    reason = "--retire would leave no active technician, so nobody would be rung first"
    remedy = "name those who stay here, or load the file without --retire"
    raise DirectoryError([Problem(directory.sections.get("people", 1), "people", "people", reason, remedy)])


def note_gaps(session: Session, left: Sequence[Person], now: datetime, changes: Changes) -> None:
    """Say which shifts of the next 30 days nobody has any more, by the rosters as they are after the load."""
    if not left:
        return
    rosters = load_rosters(session, now, now + GAP_AHEAD)
    for person in left:
        for roster in rosters:
            for layer in roster.layers:
                words = _gap_words(roster, layer.name, person, now)
                if words:
                    changes.note(f"person {person.name}", words)


def tell_those_in_charge(session: Session, left: Sequence[Person], now: datetime, changes: Changes) -> None:
    """Mail what was ended and what is open to leaders and managers, in the same transaction."""
    names = ", ".join(person.name for person in left)
    lines = [line for line in changes.lines if line.startswith(tuple(f"person {person.name}: " for person in left))]
    if not lines:
        return
    told = [f"  {line}" for line in lines]
    body = "\n".join(["A directory file was loaded by which people have left:", "", *told, ""])
    for recipient in in_charge(session):
        messages.post(
            session,
            now,
            key=f"retired:{','.join(str(person.id) for person in left)}:{now.isoformat()}:{recipient}",
            channel=Channel.MAIL,
            recipient=recipient,
            subject=f"Nightline: {names} left the directory",
            body=body,
        )


def _gap_words(roster: Roster, layer: str, person: Person, now: datetime) -> str | None:
    spans = [span for span in duty_spans(roster, layer, now, now + GAP_AHEAD) if _is_gap_of(span, person.id)]
    if not spans:
        return None
    zone = roster.time_zone
    told = [f"{written_time(each.start, zone)} to {written_time(each.end, zone)}" for each in spans[:_TOLD_AT_MOST]]
    rest = len(spans) - len(told)
    more = f" and {rest} more within {GAP_AHEAD.days} days" if rest else ""
    return f"nobody is on call any more in {roster.name}, {layer}: {'; '.join(told)}{more}"


def _is_gap_of(span: DutySpan, person_id: int) -> bool:
    return not span.people and person_id in span.absent


def _inactive(entries: Iterable[PersonEntry | CustomerEntry]) -> list[str]:
    return [entry.name for entry in entries if not entry.active]


def _unnamed(session: Session, directory: Directory) -> tuple[list[Person], list[Customer]]:
    people: Iterable[Person] = ()
    customers: Iterable[Customer] = ()
    if "people" in directory.sections:
        names = [each.name for each in directory.people]
        people = session.scalars(select(Person).where(Person.name.not_in(names), ACTIVE).order_by(Person.id))
    if "customers" in directory.sections:
        names = [each.name for each in directory.customers]
        customers = session.scalars(_active_customers().where(Customer.name.not_in(names)).order_by(Customer.id))
    return list(people), list(customers)


def _active_customers() -> Select[Customer]:
    return select(Customer).where(Customer.retired_at.is_(None))

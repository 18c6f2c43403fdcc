"""Taking the snapshot: everything as it stands at one instant of the database."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from core.clock import real_now
from oncall.accounts.in_charge import in_charge
from oncall.customers.entitlement import facts_of
from oncall.models.customers import Contract, Customer, CustomerPhone, Region
from oncall.models.people import ACTIVE, Person
from oncall.models.refusals import BlockedNumber
from oncall.models.stored_settings import DIRECTORY_VERSION, ROSTERS_VERSION, paging_times
from oncall.outage.snapshot import AHEAD, KeptContract, KeptPerson, KeptRegion, Snapshot, Span
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.on_call import away_at, chiefs, ring_order, serves
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import DutySpan, PersonId, Roster, duty_spans

# A roster's place among those that serve a region, and a layer of it.
_Place: TypeAlias = tuple[int, str]

# Another value whenever something that the snapshot holds has changed. For `Watch`, too.
CHANGES = (
    "SELECT coalesce(string_agg(value::text, ' ' ORDER BY name), '') FROM setting"  # noqa: S608 - our own names
    f" WHERE name IN ('{ROSTERS_VERSION}', '{DIRECTORY_VERSION}')"
)


def take(session: Session, now: datetime) -> Snapshot:
    """What stands now. `now`: the gateway's time, from which the next days' ring orders are worked out."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    people = list(session.scalars(select(Person).where(ACTIVE).order_by(Person.id)))
    regions = list(session.scalars(select(Region).order_by(Region.name)))
    rosters = load_rosters(session, now, now + AHEAD)
    phones = (
        select(CustomerPhone.number, CustomerPhone.customer_id)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(Customer.retired_at.is_(None))
        .order_by(CustomerPhone.number, CustomerPhone.customer_id)
    )
    return Snapshot(
        taken_at=real_now(),
        versions=versions(session),
        people=tuple(_person(person) for person in people),
        contracts=tuple(_contracts(session)),
        phones=tuple((number, customer) for number, customer in session.execute(phones)),
        blocked=tuple(session.scalars(select(BlockedNumber.number))),
        regions=tuple(KeptRegion.of(region) for region in regions),
        spans={region.name: tuple(ring_spans(rosters, people, region.name, now)) for region in regions},
        times=paging_times(session),
        in_charge=tuple(in_charge(session)),
    )


def versions(session: Session) -> str:
    """What `CHANGES` asks for."""
    return str(session.scalar(text(CHANGES)))


def _person(person: Person) -> KeptPerson:
    digest = person.pin_digest
    pin = None if digest is None else digest.hex()
    return KeptPerson(person.id, person.name, person.phone, person.role, digest is not None, pin)


def _contracts(session: Session) -> Iterator[KeptContract]:
    query = select(Contract).options(
        joinedload(Contract.customer),
        joinedload(Contract.region),
        selectinload(Contract.products),
        selectinload(Contract.pins),
    )
    for contract in session.scalars(query.order_by(Contract.id)):
        digests = tuple((p.blind_index.hex(), p.keyed_hash.hex()) for p in contract.pins if p.revoked_at is None)
        customer = contract.customer
        yield KeptContract(contract.id, customer.id, customer.name, facts_of(contract), digests)


def next_change(session: Session, now: datetime) -> datetime:
    """When somebody else is rung first or later, of all regions together; at most `AHEAD` from now."""
    rosters = load_rosters(session, now, now + AHEAD)
    people = list(session.scalars(select(Person).where(ACTIVE).order_by(Person.id)))
    spans = ring_spans(rosters, people, None, now)
    next(spans)
    following = next(spans, None)
    return now + AHEAD if following is None else following.start


def ring_spans(
    rosters: Sequence[Roster], people: Sequence[Person], region: str | None, now: datetime
) -> Iterator[Span]:
    """The ring order of a region from `now` for the next days, a span for each time it changes. Pure, but for the log.

    `people`: the active ones, nobody else is rung. A roster that can't be worked out is passed over.
    """
    leading, known = chiefs(people), {person.id for person in people}
    # Each layer's people change at its own instants: all changes in one row, and the order anew at each.
    on_duty: dict[_Place, tuple[PersonId, ...]] = {}
    changes: dict[datetime, list[tuple[_Place, tuple[PersonId, ...]]]] = defaultdict(list)
    changes[now] = []
    for place, roster in enumerate(roster for roster in rosters if serves(roster, region)):
        found = answered(roster, lambda each: _layers(each, now))
        for layer, spans in () if isinstance(found, BadRoster) else found:
            on_duty[place, layer] = spans[0].people
            for span in spans[1:]:
                changes[span.start].append(((place, layer), span.people))
    for each in (edge for roster in rosters for off in roster.time_off for edge in (off.start, off.end)):
        if now < each < now + AHEAD:
            changes.setdefault(each, [])
    last: tuple[tuple[int, str], ...] | None = None
    for at in sorted(changes):
        on_duty.update(changes[at])
        duties = [(layer, [each for each in held if each in known]) for (_, layer), held in on_duty.items()]
        order = tuple((int(person), why) for person, why in ring_order(duties, leading, away_at(rosters, at)))
        if order != last:
            yield Span(at, order)
            last = order


def _layers(roster: Roster, now: datetime) -> list[tuple[str, list[DutySpan]]]:
    return [(layer.name, duty_spans(roster, layer.name, now, now + AHEAD)) for layer in roster.layers]

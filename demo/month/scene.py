"""Where a story stands: its instant, its ticket, and who is who."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import ShiftedClock
from demo.month.network import Network
from demo.month.script import ON_CALL, Story
from oncall.models.customers import Contract, Customer
from oncall.models.people import ACTIVE, Person
from oncall.models.tickets import Ticket
from oncall.rosters.on_call import chain
from oncall.runtime import Runtime, Work
from oncall.tickets.actions.acting import Acting, begin
from oncall.tickets.by_hand import contract_now

# The instants at which a story goes on. Whoever asks for the next one lets it play up to there.
Instants = Iterator[datetime]


@dataclass(frozen=True)
class Stage:
    """What all stories share. `people` and `customers`: by name. `tickets`: by the names of their stories."""

    session: Session
    runtime: Runtime
    people: Mapping[str, Person]
    customers: Mapping[str, Customer]
    network: Network = field(default_factory=Network)
    tickets: dict[str, Ticket] = field(default_factory=dict)


def set_stage(work: Work) -> Stage:
    """With everybody of the directory. Use cases are told the instant: of the clock they ask its distance only."""
    session, runtime = work.session, work.runtime
    return Stage(
        session,
        replace(runtime, clock=ShiftedClock(runtime.clock.shift())),
        {each.name: each for each in session.scalars(select(Person).where(ACTIVE))},
        {each.name: each for each in session.scalars(select(Customer).options(selectinload(Customer.phones)))},
    )


@dataclass
class Scene:
    """One story as it is played; `now` moves on."""

    stage: Stage
    story: Story
    key: str
    now: datetime
    opened: Ticket | None = None
    _pace: Random = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Random(self.key)  # noqa: S311 - the same at each making

    @property
    def work(self) -> Work:
        """What a use case is given at this instant."""
        return Work(self.stage.session, self.stage.runtime, self.now)

    @property
    def ticket(self) -> Ticket:
        """The story's ticket. Raises LookupError before it is opened."""
        if self.opened is None:
            raise LookupError(f"{self.key} has no ticket yet")
        return self.opened

    @property
    def customer(self) -> Customer:
        """Whose story it is."""
        return self.stage.customers[self.story.customer]

    @property
    def contract(self) -> Contract:
        """The customer's, of this instant. Raises LookupError."""
        found = contract_now(self.stage.session, self.customer.id, self.now)
        if found is None:
            raise LookupError(f"{self.story.customer} has no contract")
        return found

    @property
    def number(self) -> str:
        """The customer's first registered number."""
        return self.customer.phones[0].number

    def opens(self, ticket: Ticket) -> None:
        """The story has its ticket, which others may speak of."""
        self.opened = ticket
        if self.story.name:
            self.stage.tickets[self.story.name] = ticket

    def later(self, seconds: int = 0, minutes: int = 0) -> datetime:
        """Let time go by; the instant that it is then."""
        self.now += timedelta(seconds=seconds, minutes=minutes)
        return self.now

    def about(self, seconds: int, minutes: int = 0) -> datetime:
        """The same for what people do, who never take the same time twice: up to half as long again."""
        return self.later(seconds + self._pace.randint(0, seconds // 2), minutes)

    def somebody(self, name: str) -> Person:
        """By name; ON_CALL: whoever would be rung first, by the rosters, and "" for whoever has the ticket."""
        if name == ON_CALL:
            return chain(self.stage.session, self.contract.region_name, self.now)[0].person
        if name:
            return self.stage.people[name]
        holder = self.ticket.assignee_id
        if holder is None:
            raise LookupError(f"{self.key}: nobody has ticket {self.ticket.number}")
        return self.stage.session.get_one(Person, holder)

    def acts(self, who: str) -> Acting:
        """Somebody presses a button on the ticket's page."""
        person = self.somebody(who)
        key = f"{self.key}:{self.now.isoformat()}"
        return begin(self.work, self.ticket.id, person, person.name, key, seen=0)

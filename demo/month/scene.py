"""Where a story stands: its instant, its ticket, and who is who."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.month.network import Network
from demo.month.script import ON_CALL, Story
from oncall.models.customers import Contract, Customer
from oncall.models.people import Person
from oncall.models.tickets import Ticket
from oncall.rosters.on_call import chain
from oncall.runtime import Runtime, Work
from oncall.tickets.actions.acting import Acting, begin
from oncall.tickets.by_hand import contract_now

# The instants at which a story goes on. Whoever asks for the next one lets it play up to there.
Instants = Iterator[datetime]


@dataclass(frozen=True)
class Stage:
    """What all stories share. `tickets`: by the names of their stories."""

    session: Session
    runtime: Runtime
    network: Network = field(default_factory=Network)
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Somebody of the demo's directory."""
        return self.session.scalars(select(Person).where(Person.name == name)).one()

    def customer(self, name: str) -> Customer:
        """One of the demo's directory."""
        return self.session.scalars(select(Customer).where(Customer.name == name)).one()


@dataclass
class Scene:
    """One story as it is played; `now` moves on."""

    stage: Stage
    story: Story
    key: str
    now: datetime
    opened: Ticket | None = None

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
        return self.stage.customer(self.story.customer)

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

    def later(self, seconds: float = 0, minutes: int = 0) -> datetime:
        """Let time go by; the instant that it is then."""
        self.now += timedelta(seconds=seconds, minutes=minutes)
        return self.now

    def somebody(self, name: str) -> Person:
        """By name; ON_CALL: whoever would be rung first, by the rosters, and "" for whoever has the ticket."""
        if name == ON_CALL:
            return chain(self.stage.session, self.contract.region_name, self.now)[0].person
        if name:
            return self.stage.person(name)
        holder = self.ticket.assignee_id
        if holder is None:
            raise LookupError(f"{self.key}: nobody has ticket {self.ticket.number}")
        return self.stage.session.get_one(Person, holder)

    def acts(self, who: str) -> Acting:
        """Somebody presses a button on the ticket's page."""
        person = self.somebody(who)
        key = f"{self.key}:{self.now.isoformat()}"
        return begin(self.work, self.ticket.id, person, person.name, key, seen=0)

"""One fact of the journal, with the call that it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from oncall.models.calls import PhoneCall
from oncall.models.people import Person
from oncall.models.tickets import EventKind, record_event
from oncall.outage.journal import Entry
from oncall.runtime import Runtime

WITHOUT: Final = "without the database, which was away"


@dataclass(frozen=True)
class Fact:
    """One entry, its call locked, and what is needed to write it down."""

    session: Session
    runtime: Runtime
    call: PhoneCall
    entry: Entry

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def ticket_id(self) -> int | None:
        return self.call.ticket_id

    def get(self, name: str) -> Any:
        return self.entry.more.get(name)

    def person(self) -> Person | None:
        """Whom it is about; None when that person was removed meanwhile."""
        person_id = self.get("person")
        return self.session.get(Person, person_id) if person_id is not None else None

    def tell(self, kind: EventKind, words: str, person: Person | None = None) -> None:
        """A line on the ticket, if there is one."""
        if self.ticket_id is not None:
            key = f"away:{self.entry.key}"
            person_id = person.id if person is not None else None
            record_event(self.session, self.ticket_id, self.at, kind, words, key=key, person_id=person_id)

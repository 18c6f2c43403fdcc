"""What an action on a ticket is given: the ticket as it stands now, locked, who acts, and the key of this very press.

Two people may look at one ticket: who acts on what a colleague has changed meanwhile is told so first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.pages import Page, PageState
from oncall.models.people import Person
from oncall.models.tickets import EventKind, Ticket, TicketEvent, record_event
from oncall.paging.engine import lock_page
from oncall.runtime import Work

# Lines that tell what somebody has done, or what the customer has said: what an action may be wrong after.
_MATTERS: Final = frozenset(
    {
        EventKind.ACCEPTED,
        EventKind.CALLER,
        EventKind.CLOSED,
        EventKind.CORRECTED,
        EventKind.HANDED_OVER,
        EventKind.LINKED,
        EventKind.NOTE,
        EventKind.PRIORITY,
        EventKind.REOPENED,
        EventKind.RESUMED,
        EventKind.TAKEN,
        EventKind.WAITING,
    }
)


class NotPossibleError(Exception):
    """The ticket does not allow it now; the words say why, and what to do."""


class DoneAlreadyError(Exception):
    """This very press has been carried out before."""


class ChangedMeanwhileError(Exception):
    """Others have acted on the ticket since it was shown. `lines`: what they did, oldest first."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(" ".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Acting:
    """One action. `person`: None for an account that is tied to nobody. `name`: who acts, for the timeline."""

    work: Work
    ticket: Ticket
    person: Person | None
    name: str
    key: str

    @property
    def session(self) -> Session:
        """The transaction's."""
        return self.work.session

    @property
    def cause(self) -> str:
        """The key of all that this press writes."""
        return f"act:{self.key}"

    def somebody(self) -> Person:
        """Who acts, where it takes somebody who can be rung; NotPossibleError for an account that is nobody's."""
        if self.person is None:
            raise NotPossibleError("Your account is not tied to anybody who can be rung: an administrator can tie it.")
        return self.person

    def record(self, kind: EventKind, words: str) -> None:
        """The line of this action. DoneAlreadyError when the same press, sent twice at once, has written it."""
        by = self.person.id if self.person else None
        if not record_event(self.session, self.ticket.id, self.work.now, kind, words, key=self.cause, person_id=by):
            raise DoneAlreadyError


def begin(work: Work, ticket_id: int, person: Person | None, name: str, key: str, seen: int) -> Acting:
    """Lock the ticket for one action. `seen`: the newest line that was shown (0: do not look for changes).

    Raises DoneAlreadyError and ChangedMeanwhileError. An open page is locked before its ticket, as everywhere.
    """
    open_page = select(Page.id).where(Page.ticket_id == ticket_id, Page.state == PageState.PAGING)
    page_id = work.session.scalar(open_page)
    if page_id is not None:
        lock_page(work.session, page_id)
    ticket = lock_ticket(work.session, ticket_id)
    acting = Acting(work, ticket, person, name, key)
    if _is_done(acting):
        raise DoneAlreadyError
    changes = _changes(acting, seen) if seen else []
    if changes:
        raise ChangedMeanwhileError(changes)
    return acting


def lock_ticket(session: Session, ticket_id: int) -> Ticket:
    """The ticket with its row locked, as it stands now."""
    query = select(Ticket).where(Ticket.id == ticket_id).with_for_update(of=Ticket, key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _is_done(acting: Acting) -> bool:
    query = select(TicketEvent.id).where(
        TicketEvent.ticket_id == acting.ticket.id, TicketEvent.key.in_([acting.cause, f"note:{acting.cause}"])
    )
    return acting.session.scalar(query.limit(1)) is not None


def _changes(acting: Acting, seen: int) -> list[str]:
    query = select(TicketEvent.words).where(
        TicketEvent.ticket_id == acting.ticket.id,
        TicketEvent.id > seen,
        TicketEvent.kind.in_(_MATTERS),
        TicketEvent.person_id.is_distinct_from(acting.person.id if acting.person else None),
    )
    return list(acting.session.scalars(query.order_by(TicketEvent.id)))

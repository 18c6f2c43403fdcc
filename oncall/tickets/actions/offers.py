"""What somebody may do with a ticket as it stands: pure rules of role and state, and the facts they ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.calls import caller_is_waiting
from oncall.models.pages import PageState, page_of
from oncall.models.tickets import Intervention, InterventionKind, Ticket, TicketState
from oncall.sla.promises import Priority
from oncall.tickets.actions.own_work import open_work


class Do(StrEnum):
    """What can be done on a ticket's page besides accepting a page and passing it on, in the order it is shown in."""

    RING_ME = "ring me"
    TAKE = "take"
    RESUME = "resume"
    NOTE = "note"
    BEGIN_WORK = "begin work"
    END_WORK = "end work"
    WAIT = "wait"
    CLOSE = "close"
    REOPEN = "reopen"
    HAND_OVER = "hand over"
    TAKE_OVER = "take over"
    PRIORITY = "priority"
    SPLIT = "split"
    MERGE = "merge"
    CORRECT = "correct"
    STOP = "stop"


@dataclass(frozen=True)
class Facts:
    """A ticket as somebody finds it. `person_id`: who they are among those who can be rung; None for nobody's account.

    `paging`: somebody is being called. `at_work`: they have begun to work on it by hand. `has_work`: there are
    interventions whose times could be wrong. `caller_waits`: the caller holds the line.
    """

    person_id: int | None
    manages: bool
    holder_id: int | None
    closed: bool
    waits: bool
    paging: bool
    at_work: bool
    has_work: bool
    caller_waits: bool
    priority: Priority

    @property
    def is_theirs(self) -> bool:
        """Whether they have the ticket."""
        return self.holder_id is not None and self.holder_id == self.person_id

    @property
    def decides(self) -> bool:
        """Whether the ticket is theirs to decide about: nobody else has it, or they are a manager."""
        return self.manages or (self.person_id is not None and (self.holder_id is None or self.is_theirs))


Rule = Callable[[Facts], bool]

_RULES: Final[Mapping[Do, Rule]] = {
    Do.NOTE: lambda it: it.person_id is not None,
    Do.TAKE: lambda it: it.person_id is not None and not it.closed and not it.paging and it.holder_id is None,
    Do.TAKE_OVER: lambda it: (
        it.person_id is not None and not it.closed and not it.paging and it.holder_id is not None and not it.is_theirs
    ),
    Do.RING_ME: lambda it: it.is_theirs and not it.closed and not it.paging,
    Do.BEGIN_WORK: lambda it: it.person_id is not None and not it.closed and not it.at_work,
    Do.END_WORK: lambda it: it.at_work,
    Do.WAIT: lambda it: it.decides and not it.closed and not it.waits and not it.paging,
    Do.RESUME: lambda it: it.waits and (it.manages or it.person_id is not None),
    Do.CLOSE: lambda it: it.decides and it.person_id is not None and not it.closed,
    Do.HAND_OVER: lambda it: it.decides and not it.closed and not it.paging,
    Do.PRIORITY: lambda it: it.decides and not it.closed,
    Do.SPLIT: lambda it: it.decides and it.person_id is not None,
    Do.MERGE: lambda it: it.decides and it.person_id is not None and not it.closed,
    Do.STOP: lambda it: it.manages and it.paging,
    Do.CORRECT: lambda it: it.manages and it.has_work,
    Do.REOPEN: lambda it: it.closed and (it.manages or it.person_id is not None),
}


_MANAGERS: Final = frozenset({Do.STOP, Do.CORRECT})
_NEEDS_SOMEBODY: Final = frozenset(
    {*(Do.NOTE, Do.TAKE, Do.TAKE_OVER, Do.RING_ME, Do.BEGIN_WORK, Do.END_WORK, Do.CLOSE, Do.SPLIT, Do.MERGE)}
)
_DECIDED: Final = frozenset({Do.WAIT, Do.CLOSE, Do.HAND_OVER, Do.PRIORITY, Do.SPLIT, Do.MERGE})


def refusal(facts: Facts, do: Do, number: int) -> str | None:
    """Why somebody can't do this to ticket `number` as it stands, and what to do; None when they can. Pure."""
    if _RULES[do](facts):
        return None
    if do in _MANAGERS and not facts.manages:
        return "This takes the role of manager."
    if do in _NEEDS_SOMEBODY and facts.person_id is None:
        return "Your account is not tied to anybody who can be rung: ask an administrator to tie it to you."
    return _refusal_of_state(facts, do, number)


def _refusal_of_state(facts: Facts, do: Do, number: int) -> str:
    if facts.closed and do is not Do.REOPEN:
        return f"Ticket {number} is closed: open it again first."
    if do in _DECIDED and not facts.decides:
        return f"A colleague has ticket {number}: take it over first."
    if facts.paging:
        return f"Somebody is being called for ticket {number}: accept it first, or wait for who does."
    return f"This is not possible with ticket {number} as it stands now: look at it again."


def offered(facts: Facts) -> tuple[Do, ...]:
    """What they may do now, in the order it is shown in. Pure."""
    return tuple(do for do in Do if _RULES[do](facts))


def read_facts(session: Session, ticket: Ticket, person_id: int | None, *, manages: bool) -> Facts:
    """How a ticket stands for somebody: for showing, and again once it is locked for acting."""
    page = page_of(session, ticket.id)
    done = select(Intervention.id).where(
        Intervention.ticket_id == ticket.id, Intervention.kind != InterventionKind.NOTE
    )
    return Facts(
        person_id=person_id,
        manages=manages,
        holder_id=ticket.assignee_id,
        closed=ticket.state == TicketState.CLOSED,
        waits=ticket.waits_for is not None,
        paging=page is not None and page.state == PageState.PAGING,
        at_work=person_id is not None and open_work(session, ticket.id, person_id) is not None,
        has_work=session.scalar(done.limit(1)) is not None,
        caller_waits=caller_is_waiting(session, ticket.id),
        priority=ticket.priority,
    )

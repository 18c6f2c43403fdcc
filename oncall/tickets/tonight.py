"""How things stand at this moment, on one page: who is on call, open tickets, calls in progress, gaps ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.db import Base
from oncall.models.calls import CallState, PhoneCall
from oncall.models.rosters import Roster
from oncall.models.tickets import Ticket, TicketState
from oncall.planning.editing import open_gaps
from oncall.rosters.errors import Gap
from oncall.rosters.on_call import RosterOnCall, on_call

# Of a bad night no more than people can take in; the rest is counted.
SHOWN_AT_MOST: Final = 12


@dataclass(frozen=True)
class Tonight:
    """Of an instant. `rosters`: each with its id; `gaps` of the next 30 days (UTC).

    `tickets`, `calls`: SHOWN_AT_MOST of them, of how many stands beside them: tickets that nobody has taken first, and
    of those whose promise ends soonest; calls newest first. `serving`: the regions of each roster, by its id.
    """

    rosters: tuple[tuple[int, RosterOnCall], ...]
    tickets: Sequence[Ticket]
    open_tickets: int
    calls: Sequence[PhoneCall]
    calls_now: int
    gaps: tuple[Gap, ...]
    serving: tuple[tuple[int, tuple[str, ...]], ...]


def tonight(session: Session, now: datetime) -> Tonight:
    """Everything at `now` (UTC)."""
    rows = session.execute(select(Roster.name, Roster.id, Roster.regions).order_by(Roster.id)).all()
    ids = {row.name: row.id for row in rows}
    found = ((ids[each.roster], each) for each in on_call(session, now) if each.roster in ids)
    is_open, goes_on = Ticket.state != TicketState.CLOSED, PhoneCall.state != CallState.ENDED
    tickets = (
        select(Ticket)
        .where(is_open)
        .order_by(Ticket.taken_at.is_not(None), Ticket.due_at.asc().nulls_last(), Ticket.number.desc())
        .limit(SHOWN_AT_MOST)
    )
    calls = select(PhoneCall).where(goes_on).order_by(PhoneCall.created_at.desc(), PhoneCall.id).limit(SHOWN_AT_MOST)
    return Tonight(
        tuple(sorted(found, key=lambda each: each[0])),
        session.scalars(tickets).all(),
        _count(session, Ticket, is_open),
        session.scalars(calls).all(),
        _count(session, PhoneCall, goes_on),
        tuple(open_gaps(session, now)),
        tuple((row.id, tuple(row.regions)) for row in rows),
    )


def _count(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

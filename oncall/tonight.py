"""How things stand at this moment, on one page: who is on call, open tickets, calls in progress, gaps ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.calls import PhoneCall
from oncall.rostering.editing import open_gaps
from oncall.rostering.errors import Gap
from oncall.rosters import Roster
from oncall.tickets import Ticket
from oncall.who import RosterOnCall, on_call

# Of a bad night no more than people can take in; the rest is counted.
SHOWN_AT_MOST: Final = 12


@dataclass(frozen=True)
class Tonight:
    """Of an instant. `rosters`: each with its id; `gaps` of the next 30 days (UTC); newest tickets and calls first.

    `serving`: the regions of each roster, by its id.
    """

    rosters: tuple[tuple[int, RosterOnCall], ...]
    tickets: Sequence[Ticket]
    calls: Sequence[PhoneCall]
    gaps: tuple[Gap, ...]
    serving: tuple[tuple[int, tuple[str, ...]], ...]


def tonight(session: Session, now: datetime) -> Tonight:
    """Everything at `now` (UTC)."""
    rows = session.execute(select(Roster.name, Roster.id, Roster.regions).order_by(Roster.id)).all()
    ids = {row.name: row.id for row in rows}
    found = ((ids[each.roster], each) for each in on_call(session, now) if each.roster in ids)
    tickets = select(Ticket).where(Ticket.state != "closed").order_by(Ticket.number.desc())
    calls = select(PhoneCall).where(PhoneCall.state != "ended").order_by(PhoneCall.created_at.desc(), PhoneCall.id)
    return Tonight(
        tuple(sorted(found, key=lambda each: each[0])),
        session.scalars(tickets).all(),
        session.scalars(calls).all(),
        tuple(open_gaps(session, now)),
        tuple((row.id, tuple(row.regions)) for row in rows),
    )

"""How things stand at this moment, on one page: who is on call, open tickets, calls in progress, gaps ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from core.db import Base
from oncall.delivery.contact_faults import faults, shown_fault
from oncall.models.calls import CallState, PhoneCall
from oncall.models.conferences import Participant, ParticipantRole
from oncall.models.operations.troubles import Trouble
from oncall.models.people import Person
from oncall.models.rosters import Roster
from oncall.models.stored_settings import ROSTERS_VERSION
from oncall.models.tickets import Ticket, TicketState
from oncall.planning.editing import open_gaps
from oncall.rosters.errors import Gap
from oncall.rosters.on_call import LookingAhead, RosterOnCall, look_ahead

# Of a bad night no more than people can take in; the rest is counted.
SHOWN_AT_MOST: Final = 12
_MOST_FOLLOWING: Final = 6


@dataclass(frozen=True)
class Tonight:
    """Of an instant. `rosters`: each with its id; `gaps` of the next 30 days (UTC).

    `tickets`, `calls`: SHOWN_AT_MOST of them, of how many stands beside them: tickets that nobody has taken first, and
    of those whose promise ends soonest; calls newest first. `serving`: the regions of each roster, by its id.
    `following`: the rosters as they are at the next change of each layer. `talks`: for calls that are in a
    conversation, the technicians in it, by the call's id. `faults`: who can't be reached, and in which way.
    """

    rosters: tuple[tuple[int, RosterOnCall], ...]
    following: tuple[RosterOnCall, ...]
    tickets: Sequence[Ticket]
    open_tickets: int
    calls: Sequence[PhoneCall]
    calls_now: int
    gaps: tuple[Gap, ...]
    serving: tuple[tuple[int, tuple[str, ...]], ...]
    talks: Mapping[int, tuple[str, ...]]
    faults: Sequence[tuple[str, str]]
    troubles: Sequence[Trouble]


def tonight(session: Session, now: datetime) -> Tonight:
    """Everything at `now` (UTC)."""
    rows = session.execute(select(Roster.name, Roster.id, Roster.regions).order_by(Roster.id)).all()
    ids = {row.name: row.id for row in rows}
    ahead = look_ahead(session, now)
    found = [(ids[each.roster], each) for each in ahead.at(now) if each.roster in ids]
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
        _following(ahead, [each for _, each in found]),
        session.scalars(tickets).all(),
        _count(session, Ticket, is_open),
        session.scalars(calls).all(),
        _count(session, PhoneCall, goes_on),
        tuple(open_gaps(session, now)),
        tuple((row.id, tuple(row.regions)) for row in rows),
        _talks(session),
        [(session.get_one(Person, each.person_id).name, shown_fault(each)) for each in faults(session)],
        session.scalars(select(Trouble).where(Trouble.ended_at.is_(None)).order_by(Trouble.id)).all(),
    )


def fingerprint(session: Session) -> str:
    """Something else whenever calls, conversations, open tickets, rosters or troubles have changed: a cheap statement.

    What changes by the clock alone, or slowly, is not in it.
    """
    return str(session.scalar(_FINGERPRINT))


_FINGERPRINT: Final = text(f"""
SELECT md5(concat_ws('|',
  (SELECT value FROM setting WHERE name = '{ROSTERS_VERSION}'),
  (SELECT string_agg(concat_ws(',', id, state, step, waiting, ticket_id, person_id, customer_id), ';' ORDER BY id)
     FROM phone_call WHERE state <> 'ended'),
  (SELECT string_agg(concat_ws(',', stay.id, stay.joined_at, stay.left_at), ';' ORDER BY stay.id)
     FROM phone_call JOIN stay ON stay.call_id = phone_call.id WHERE phone_call.state <> 'ended'),
  (SELECT string_agg(concat_ws(',', id, state, priority, assignee_id, taken_at, due_at, waits_for), ';' ORDER BY id)
     FROM ticket WHERE state <> 'closed'),
  (SELECT string_agg(concat_ws(',', id, seen_at IS NULL), ';' ORDER BY id) FROM trouble WHERE ended_at IS NULL)))
""")  # noqa: S608 - a name of ours


def _following(ahead: LookingAhead, rosters: Sequence[RosterOnCall]) -> tuple[RosterOnCall, ...]:
    """Each roster at the next changes of its layers; of many, the first few."""
    asked = {(layer.until, roster.roster) for roster in rosters for layer in roster.layers if layer.until is not None}
    soonest = sorted(asked)[:_MOST_FOLLOWING]
    return tuple(each for until, name in soonest for each in ahead.at(until, name))


def _talks(session: Session) -> dict[int, tuple[str, ...]]:
    """Who is in a room with a technician: by the call's id, the technicians' names, one's own apart."""
    query = (
        select(Participant.room_id, Participant.call_id, Participant.role, Person.name)
        .join(PhoneCall, PhoneCall.id == Participant.call_id)
        .outerjoin(Person, Person.id == Participant.person_id)
        .where(PhoneCall.state != CallState.ENDED, Participant.joined_at.is_not(None), Participant.left_at.is_(None))
        .order_by(Participant.id)
    )
    there = session.execute(query).all()
    technicians = [(row.room_id, row.call_id, row.name) for row in there if row.role == ParticipantRole.TECHNICIAN]
    return {
        row.call_id: tuple(name for room, call, name in technicians if room == row.room_id and call != row.call_id)
        for row in there
    }


def _count(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

"""Tonight's state in words, for the home page of whoever has signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy.orm import Session

from oncall.models.calls import CallState, Direction, PhoneCall
from oncall.models.tickets import Ticket, TicketState
from oncall.planning.questions.surprises import region_zones
from oncall.rosters.errors import Gap
from oncall.rosters.on_call import LayerOnCall, RosterOnCall
from oncall.tickets.tonight import SHOWN_AT_MOST, Tonight, tonight
from schedules.rosters.roster import Why
from schedules.wall_clock import wall_time, written_time, written_wall
from web.console.tickets.words import minute

Words: TypeAlias = dict[str, Any]

_TAKEN: Final = {TicketState.OPEN: "Nobody has it yet", TicketState.TAKEN: "Taken in charge"}


def words(session: Session, now: datetime, zone: str, *, names_customers: bool) -> Words:
    """What the template shows, on the clock of `zone`; each roster on its own, gaps on their region's.

    `names_customers`: whether whoever looks may see who they are.
    """
    found = tonight(session, now)
    gaps, zones = _joined(found), region_zones(session)
    return {
        "now": written_time(now, zone),
        "rosters": [_roster(id_, each) for id_, each in found.rosters],
        "tickets": _cut([_ticket(each, now, zone, names_customers) for each in found.tickets], found.open_tickets),
        "calls": _cut([_call(each, now, zone, names_customers) for each in found.calls], found.calls_now),
        "gaps": _cut([_gap(each, found, zones) for each in gaps[:SHOWN_AT_MOST]], len(gaps)),
    }


def _cut(lines: list[Words], count: int) -> Words:
    return {"shown": lines, "count": count, "rest": count - len(lines)}


def _roster(id_: int, found: RosterOnCall) -> Words:
    layers = [_layer(each, found.time_zone) for each in found.layers]
    return {"id": id_, "name": found.roster, "fault": found.fault, "layers": layers}


def _layer(layer: LayerOnCall, zone: str) -> Words:
    names = ", ".join(person.name for person in layer.people)
    off = layer.why == Why.OFF_DUTY
    return {
        "name": layer.layer,
        "who": names or ("Off duty" if off else "Nobody"),
        "missing": not names and not off,
        "until": None if layer.until is None else written_wall(wall_time(layer.until, zone)),
        "reason": "" if layer.why == Why.ROTATION and not layer.absent else layer.reason,
    }


def _ticket(ticket: Ticket, now: datetime, zone: str, names_customers: bool) -> Words:
    who = f"{ticket.assignee.name} has it" if ticket.assignee else _TAKEN.get(ticket.state, ticket.state)
    late = ticket.taken_at is None and ticket.due_at is not None and ticket.due_at <= now
    due = ""
    if ticket.taken_at is None and ticket.due_at is not None:
        due = f"{'overdue since' if late else 'due by'} {minute(ticket.due_at, now, zone)}"
    return {
        "number": ticket.number,
        "priority": ticket.priority,
        "customer": ticket.customer.name if names_customers else "",
        "who": who,
        "opened": minute(ticket.opened_at, now, zone),
        "due": due,
        "late": late,
    }


def _call(call: PhoneCall, now: datetime, zone: str, names_customers: bool) -> Words:
    """Who is on the line, or is rung, since when and for which ticket."""
    customer = call.customer.name if call.customer and names_customers else "A customer" if call.customer else None
    if call.direction == Direction.IN:
        who = call.person.name if call.person else customer or "A caller"
        what = "waits for a technician" if call.waiting else "is on the line"
    else:
        who = call.person.name if call.person else customer or "Somebody"
        what = "is on the line" if call.state == CallState.ANSWERED else "is called"
    since = minute(call.answered_at or call.created_at, now, zone)
    return {"who": who, "what": what, "since": since, "ticket": call.ticket.number if call.ticket else None}


def _gap(gaps: list[Gap], found: Tonight, zones: Mapping[str, str]) -> Words:
    """Of regions whose gaps touch, told as one."""
    first, last = gaps[0], max(gaps, key=lambda each: each.span.end)
    start = wall_time(first.span.start, zones[first.region])
    regions = sorted({each.region for each in gaps})
    return {
        "regions": ", ".join(region.replace("_", " ") for region in regions),
        "start": written_time(first.span.start, zones[first.region]),
        "end": written_time(last.span.end, zones[last.region]),
        "roster": next((id_ for id_, served in found.serving if set(served) & set(regions)), None),
        "day": f"{start:%Y-%m-%d}",
    }


def _joined(found: Tonight) -> list[list[Gap]]:
    joined: list[list[Gap]] = []
    for gap in sorted(found.gaps, key=lambda each: each.span.start):
        if joined and gap.span.start <= max(each.span.end for each in joined[-1]):
            joined[-1].append(gap)
        else:
            joined.append([gap])
    return joined

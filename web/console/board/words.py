"""How things stand, in words for the board: calls, who is on call, tickets, gaps, and what is wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy.orm import Session

from oncall.models.calls import IN_ROOM, CallState, Direction, PhoneCall, Purpose
from oncall.models.operations.troubles import Trouble, TroubleKind
from oncall.models.tickets import Ticket, TicketState
from oncall.planning.questions.surprises import region_zones
from oncall.rosters.errors import Gap
from oncall.rosters.on_call import LayerOnCall, RosterOnCall
from oncall.tickets.actions.waiting import WAITS_WORDS
from oncall.tickets.tonight import SHOWN_AT_MOST, Tonight, tonight
from schedules.rosters.roster import Why
from schedules.wall_clock import wall_time, written_time, written_wall
from web.console.tickets.words import millis, minute

Words: TypeAlias = dict[str, Any]

_TAKEN: Final = {TicketState.OPEN: "Nobody has it yet", TicketState.TAKEN: "Taken in charge"}
# What a caller does, by the question that was asked last.
_STEPS: Final = {
    "greeting": "hears the greeting",
    "pin": "types the PIN",
    "office_first": "is connected to the office",
    "office_done": "was connected to the office",
    "level": "is asked who they are",
    "priority": "is asked how bad it is",
    "known": "is asked about the known problem",
    "message": "leaves a message",
    "described": "hears the ticket's number",
    "recording": "describes the problem",
    "callback": "types a number to be called back on",
    "hung_up_key": "is asked what comes next",
    "rejoining": "waits for their technician, who is called again",
    "next_key": "is asked what comes next",
}
_TROUBLES: Final = {
    TroubleKind.PAGES: "The next step of a page is overdue",
    TroubleKind.WORKERS: "No worker is running: nobody is rung",
    TroubleKind.ROSTERS: "A roster can't be worked out",
}


def words(session: Session, now: datetime, zone: str, *, names_customers: bool) -> Words:
    """What the templates show, on the clock of `zone`; each roster on its own, gaps on their region's.

    `names_customers`: whether whoever looks may see who they are.
    """
    found = tonight(session, now)
    gaps, zones = _joined(found), region_zones(session)
    calls = [_call(each, found, now, zone, names_customers) for each in found.calls]
    return {
        "rosters": [_roster(id_, each, found) for id_, each in found.rosters],
        "tickets": _cut([_ticket(each, now, zone, names_customers) for each in found.tickets], found.open_tickets),
        "calls": _cut(calls, found.calls_now),
        "gaps": _cut([_gap(each, found, zones) for each in gaps[:SHOWN_AT_MOST]], len(gaps)),
        "faults": [{"who": name, "words": fault} for name, fault in found.faults],
        "troubles": [_trouble(each, zone) for each in found.troubles],
    }


def _cut(lines: list[Words], count: int) -> Words:
    return {"shown": lines, "count": count, "rest": count - len(lines)}


def _roster(id_: int, found: RosterOnCall, night: Tonight) -> Words:
    layers = [_layer(each, found, night) for each in found.layers]
    return {"id": id_, "name": found.roster, "fault": found.fault, "layers": layers}


def _layer(layer: LayerOnCall, roster: RosterOnCall, night: Tonight) -> Words:
    names, off = _names(layer), layer.why == Why.OFF_DUTY
    return {
        "name": layer.layer,
        "who": names or ("Off duty" if off else "Nobody"),
        "missing": not names and not off,
        "until": None if layer.until is None else written_wall(wall_time(layer.until, roster.time_zone)),
        "reason": "" if layer.why == Why.ROTATION and not layer.absent else layer.reason,
        "next": _next(layer, roster, night),
    }


def _names(layer: LayerOnCall) -> str:
    return ", ".join(person.name for person in layer.people)


def _next(layer: LayerOnCall, roster: RosterOnCall, night: Tonight) -> str | None:
    """Who follows at the layer's next change; None where there is none soon."""
    later = (each for each in night.following if each.roster == roster.roster and each.at == layer.until)
    found = next((each for one in later for each in one.layers if each.layer == layer.layer), None)
    if found is None:
        return None
    return _names(found) or ("off duty" if found.why == Why.OFF_DUTY else "nobody")


def _ticket(ticket: Ticket, now: datetime, zone: str, names_customers: bool) -> Words:
    who = f"{ticket.assignee.name} has it" if ticket.assignee else _TAKEN.get(ticket.state, ticket.state)
    if ticket.waits_for is not None:
        who = f"{who}, waits for {WAITS_WORDS[ticket.waits_for]}"
    due = ticket.due_at if ticket.taken_at is None and ticket.waits_for is None else None
    late = due is not None and due <= now
    return {
        "number": ticket.number,
        "priority": ticket.priority,
        "customer": ticket.customer.name if names_customers else "",
        "who": who,
        "opened": minute(ticket.opened_at, now, zone),
        "due": f"{'overdue since' if late else 'due by'} {minute(due, now, zone)}" if due else "",
        "due_ms": millis(due) if due else None,
        "opened_ms": millis(ticket.opened_at),
        "late": late,
    }


def _call(call: PhoneCall, found: Tonight, now: datetime, zone: str, names_customers: bool) -> Words:
    """Who is on the line, or is rung, what they do, since when and for which ticket."""
    customer = call.customer.name if call.customer and names_customers else "A customer" if call.customer else None
    nobody = "A caller" if call.direction == Direction.IN else "Somebody"
    at = call.answered_at or call.created_at
    return {
        "who": call.person.name if call.person else customer or nobody,
        "what": _doing(call, found.talks.get(call.id)),
        "mood": _mood(call, found.talks.get(call.id)),
        "since": minute(at, now, zone),
        "since_ms": millis(at),
        "ticket": call.ticket.number if call.ticket else None,
    }


def _doing(call: PhoneCall, technicians: tuple[str, ...] | None) -> str:
    if technicians is not None and call.person is None:
        return f"talks with {' and '.join(technicians)}" if technicians else "waits in the conversation"
    if call.direction == Direction.IN:
        return "waits for a technician" if call.waiting else _incoming(call)
    if call.state != CallState.ANSWERED:
        return "is called" if call.state == CallState.RINGING else "is about to be called"
    return _answered(call)


def _incoming(call: PhoneCall) -> str:
    return "is in the technician menu" if call.person else _STEPS.get(call.step, "is on the line")


def _answered(call: PhoneCall) -> str:
    if call.step in IN_ROOM:
        return "talks with the customer"
    if call.purpose == Purpose.DRILL:
        return "hears a test call"
    return "listens to the page" if call.purpose == Purpose.PAGE else "is on the line"


def _mood(call: PhoneCall, technicians: tuple[str, ...] | None) -> str:
    """For the colour: somebody waits, two talk, or neither."""
    if technicians or call.step in IN_ROOM:
        return "talks"
    return "waits" if call.waiting else "rings" if call.direction == Direction.OUT else "asks"


def _trouble(trouble: Trouble, zone: str) -> Words:
    return {"words": _TROUBLES.get(trouble.kind, trouble.kind), "since": written_time(trouble.since, zone)}


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

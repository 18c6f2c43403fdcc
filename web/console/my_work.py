"""`/my-work`: a technician's night on the phone: what rings, what is in hand, shifts, who is on call with them.

Its buttons are forms of the ticket's own page, which answers them: they work with scripts off.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oncall.customers.call_back import ways_back
from oncall.models.access.roles import Role
from oncall.models.tickets import Ticket, TicketEvent
from oncall.rosters.ahead import LOOKED_AHEAD, Shift, shifts_ahead
from oncall.rosters.on_call import RosterOnCall, look_ahead
from oncall.sla.promises import spoken_remaining
from oncall.tickets.actions.waiting import WAITS_WORDS
from oncall.tickets.finding import Found, held_by, ringing
from web.console.tickets.words import minute
from web.platform.access import current_account, needs, runtime
from web.platform.viewer import on_both_clocks, viewer_zone

blueprint = Blueprint("my_work", __name__)

_SHIFTS: Final = 4
# Of a bad night no more than a thumb gets through; the list of tickets has them all.
_TICKETS: Final = 12


@blueprint.get("/my-work")
@needs(Role.TECHNICIAN)
def page() -> ResponseReturnValue:
    """A sentence instead, for an account that is tied to nobody who can be rung."""
    person_id, now = current_account().person_id, runtime().clock.now()
    if person_id is None:
        return render_template("my_work/nobody.html")
    with runtime().database.transaction() as session:
        zone = viewer_zone(session)
        calls, mine = ringing(session, person_id, now), held_by(session, person_id, now)
        ahead = shifts_ahead(session, person_id, now, now + LOOKED_AHEAD)
        duties = look_ahead(session, now).at(now)
        shown = _tickets(session, [*calls, *mine[:_TICKETS]], now, zone)
    rings = {each.number for each in calls}
    return render_template(
        "my_work/page.html",
        ringing=[shown[each.number] for each in calls],
        mine=[shown[each.number] for each in mine[:_TICKETS] if each.number not in rings],
        more=len(mine[_TICKETS:]),
        shifts=[_shift(each) for each in ahead.shifts[:_SHIFTS]],
        unknown=ahead.faults,
        duty=_duty(duties, person_id),
        hotline=runtime().settings.our_number,
    )


def _tickets(session: Session, found: Sequence[Found], now: datetime, zone: str) -> dict[int, dict[str, Any]]:
    """By number, in words. `seen`: the newest line of its timeline, so that a note knows what its writer knew."""
    numbers = {each.number for each in found}
    tickets = session.scalars(select(Ticket).where(Ticket.number.in_(numbers))).all()
    ways = ways_back(session, runtime().settings, tickets)
    newest = select(TicketEvent.ticket_id, func.max(TicketEvent.id)).group_by(TicketEvent.ticket_id)
    rows = session.execute(newest.where(TicketEvent.ticket_id.in_([each.id for each in tickets])))
    lines = {row[0]: row[1] for row in rows}
    ids = {each.number: each.id for each in tickets}
    return {
        each.number: {
            "number": each.number,
            "customer": each.customer,
            "priority": each.priority,
            "call": next(iter(ways[ids[each.number]].numbers), None),
            "seen": lines.get(ids[each.number], 0),
            "late": each.taken_at is None and each.missed,
            "words": _words(each, now, zone),
        }
        for each in found
    }


def _words(found: Found, now: datetime, zone: str) -> str:
    """How it stands, in a few words."""
    if found.waits_for is not None:
        return f"waits for {WAITS_WORDS[found.waits_for]}"
    if found.taken_at is not None:
        return f"taken {minute(found.taken_at, now, zone)}"
    if found.due_at is not None:
        return spoken_remaining(found.due_at, now)
    return f"opened {minute(found.opened_at, now, zone)}"


def _shift(shift: Shift) -> dict[str, Any]:
    """On the clock of whoever looks, or the roster's own."""
    start, end = (on_both_clocks(each, shift.time_zone) for each in (shift.span.start, shift.span.end))
    return {
        "when": f"until {end}" if shift.begun else f"{start} to {end}",
        "on_now": shift.begun,
        "about": f"{shift.roster}, {shift.layer}",
    }


def _duty(duties: Sequence[RosterOnCall], person_id: int) -> dict[str, Any]:
    """Whoever is on call in the rosters in which they are themselves; when they are in none, in all of them."""
    theirs = [each for each in duties if any(person.id == person_id for it in each.layers for person in it.people)]
    lines = [
        {"name": person.name, "phone": person.phone, "about": f"{each.roster}, {layer.layer}"}
        for each in theirs or duties
        for layer in each.layers
        for person in layer.people
        if person.id != person_id
    ]
    return {"with_me": bool(theirs), "lines": lines}

"""`/tickets`: what somebody looks for among all tickets, in pages, and as a table for spreadsheets."""

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.text.tables import as_csv, as_text
from oncall.models.access.roles import Role
from oncall.models.people import ACTIVE, Person
from oncall.models.tickets import Ticket, TicketChannel, TicketState
from oncall.sla.promises import Priority
from oncall.tickets.actions.waiting import WAITS_WORDS
from oncall.tickets.finding import Found, Order, Page, find_all, find_page, held_by, number_in
from schedules.wall_clock import to_local
from web.console.tickets.many import MANY
from web.console.tickets.query import WAITING, Asked, asked
from web.console.tickets.saving import refused_before, views_of_mine
from web.console.tickets.words import minute
from web.platform.access import current_account, needs, runtime
from web.platform.viewer import viewer_zone

blueprint = Blueprint("ticket_list", __name__)

_STATES: Final = {
    "unclosed": "Not closed",
    "open": "Nobody has it",
    "taken": "Taken in charge",
    WAITING: "Waiting",
    "closed": "Closed",
    "all": "All",
}
_USUAL: Final = "unclosed"
_ORDERS: Final = {
    Order.NEWEST: "Newest first",
    Order.DUE: "Promise that ends first",
    Order.PRIORITY: "Gravest first",
}
_PRIORITIES: Final = [("", "Any"), *((each.value, each.value) for each in Priority)]
_CHANNELS: Final = [("", "Any"), *((each.value, each.value.capitalize()) for each in TicketChannel)]
_HEAD: Final = (
    *("number", "customer", "priority", "state", "channel", "technician"),
    *("opened", "due", "taken", "closed", "promise_missed"),
)


@blueprint.get("/tickets")
@needs(Role.TECHNICIAN)
def index() -> ResponseReturnValue:
    """A number leads straight to its ticket. 422, with the filters as typed, where one can't be understood."""
    now = runtime().clock.now()
    with runtime().database.transaction() as session:
        zone = viewer_zone(session)
        found = asked(request.args, zone)
        number = number_in(found.typed.get("q", ""))
        if found.typed.keys() - {"state", "order"} == {"q"} and number is not None and _is_there(session, number):
            return redirect(url_for("tickets.ticket", number=number))
        page = Page() if found.wrong else find_page(session, found.wanted, now, found.after)
        mine = _mine(session, now) if found.is_first_view else []
        people = _people(session, found.wanted.person_id)
        views = views_of_mine(session, found)
    shown = render_template(
        "tickets/list.html",
        asked=found,
        mine=[_line(each, now, zone) for each in mine],
        tickets=[_line(each, now, zone) for each in page.tickets],
        amount=page.amount,
        next=_address(found, after=str(page.after)) if page.after else None,
        first=_address(found, after=None) if found.after else None,
        csv=None if found.wrong else _address(found, "ticket_list.table", after=None),
        states=[_state(found, value, words) for value, words in _STATES.items()],
        zone=zone,
        many=MANY,
        orders=_ORDERS,
        priorities=_PRIORITIES,
        channels=_CHANNELS,
        people=people,
        views=views,
        save_at=None if found.wrong or found.is_first_view else _address(found, "ticket_views.save", after=None),
        not_saved=refused_before(),
    )
    return shown, 422 if found.wrong else 200


@blueprint.get("/tickets.csv")
@needs(Role.TECHNICIAN)
def table() -> ResponseReturnValue:
    """All that the list shows, on all its pages; times on the clock of whoever looks, with their offset."""
    now = runtime().clock.now()
    with runtime().database.transaction() as session:
        zone = viewer_zone(session)
        found = asked(request.args, zone)
        if found.wrong:
            return redirect(_address(found), 303)
        rows = find_all(session, found.wanted, now)
    headers = {"Content-Disposition": 'attachment; filename="tickets.csv"'}
    return Response(as_csv(_HEAD, (_row(each, zone) for each in rows)), mimetype="text/csv", headers=headers)


def _is_there(session: Session, number: int) -> bool:
    return session.scalar(select(Ticket.id).where(Ticket.number == number)) is not None


def _people(session: Session, chosen: int | None) -> list[tuple[int | str, str]]:
    """Whom one can choose: anybody, or one of the active, or whoever is chosen already."""
    people = select(Person.id, Person.name).where(ACTIVE | (Person.id == chosen))
    rows = session.execute(people.order_by(Person.name))
    return [("", "Anybody"), *((id_, name) for id_, name in rows)]


def _mine(session: Session, now: datetime) -> list[Found]:
    person = current_account().person_id
    return [] if person is None else held_by(session, person, now)


def _address(found: Asked, endpoint: str = "ticket_list.index", **changed: str | None) -> str:
    kept: dict[str, Any] = {name: value for name, value in (found.typed | changed).items() if value is not None}
    return url_for(endpoint, **kept)


def _line(found: Found, now: datetime, zone: str) -> dict[str, Any]:
    waits = found.taken_at is None and found.state != TicketState.CLOSED
    return {
        "number": found.number,
        "customer": found.customer,
        "priority": found.priority,
        "state": "closed" if found.state == TicketState.CLOSED else "taken" if found.taken_at else "open",
        "who": _who(found),
        "opened": minute(found.opened_at, now, zone),
        "promise": _promise(found, now, zone, waits=waits),
        "late": found.missed,
    }


def _state(found: Asked, value: str, words: str) -> dict[str, Any]:
    """A link that shows the tickets of one state, with all other filters kept."""
    chosen = found.typed.get("state", _USUAL)
    address = _address(found, state=None if value == _USUAL else value, after=None)
    return {"words": words, "address": address, "chosen": chosen == value}


def _who(found: Found) -> str:
    if found.state == TicketState.CLOSED:
        return f"Closed, {found.holder} had it" if found.holder else "Closed"
    if found.waits_for is not None:
        had = f"{found.holder} has it, " if found.holder else ""
        return f"{had}waits for {WAITS_WORDS[found.waits_for]}"
    return f"{found.holder} has it" if found.holder else "Nobody has it yet"


def _promise(found: Found, now: datetime, zone: str, *, waits: bool) -> str:
    if found.due_at is None:
        return ""
    until = minute(found.due_at, now, zone)
    if waits and found.waits_for is not None:
        return "clock stands still"
    if waits:
        return f"overdue since {until}" if found.missed else f"due by {until}"
    return "promise missed" if found.missed else "promise kept"


def _row(found: Found, zone: str) -> list[str]:
    times = (found.opened_at, found.due_at, found.taken_at, found.closed_at)
    return [
        *(str(found.number), as_text(found.customer), found.priority, found.state, found.channel),
        as_text(found.holder or ""),
        *("" if at is None else to_local(at, zone).isoformat(timespec="seconds") for at in times),
        "yes" if found.missed else "no",
    ]

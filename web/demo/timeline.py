"""`/demo/timeline`: a ticket as it happens, beside the softphones or on a page of its own."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from oncall.models.customers import default_zone
from oncall.tickets import timeline
from oncall.tickets.views import TicketView
from schedules.wall_clock import to_local
from web.console.tickets.words import millis, minute, ticket_words
from web.platform.access import demo_only, runtime

blueprint = Blueprint("timeline", __name__, url_prefix="/demo")


@blueprint.get("/timeline")
@demo_only
def page() -> ResponseReturnValue:
    """The page; its script asks for the data every second."""
    return render_template("timeline.html")


@blueprint.get("/timeline.json")
@demo_only
def data() -> ResponseReturnValue:
    """The ticket `?ticket=N` (the newest without), the choice of tickets, and the callers turned away last."""
    now = runtime().clock.now()
    number = request.args.get("ticket", type=int)
    with runtime().database.transaction() as session:
        zone = default_zone(session, runtime().settings.default_region)
        view = timeline.read_ticket(session, number, now)
        tickets = timeline.latest_tickets(session)
        refusals = timeline.latest_refusals(session)
    shown = view.zone if view else zone
    answer = {
        **_clock(now, shown),
        "ticket": ticket_words(view) if view else None,
        "tickets": [vars(each) for each in tickets],
        "refusals": [
            {"id": each.id, "at": minute(each.at, now, zone), "words": each.words, "who": each.who}
            | {"latest": number is None and (view is None or each.at > _last_news(view))}
            for each in refusals
        ],
    }
    return answer, 200, {"Cache-Control": "no-store"}


def _clock(now: datetime, zone: str) -> dict[str, Any]:
    """Enough for the page to let the clock run on by itself between two answers."""
    local = to_local(now, zone)
    offset = local.utcoffset()
    return {"now": millis(now), "zone": zone, "offset": offset.total_seconds() if offset else 0}


def _last_news(view: TicketView) -> datetime:
    return view.lines[-1].at if view.lines else view.opened_at

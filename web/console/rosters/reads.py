"""What the roster pages ask for, as JSON. Times are wall-clock times of the roster's zone, to the minute."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.access.roles import Role
from oncall.models.customers import Customer, Region
from oncall.models.rosters import Roster
from oncall.paging.what_if import what_if_customer, what_if_region
from oncall.planning.editing import open_gaps
from oncall.planning.nightly_gaps import gaps_csv
from oncall.planning.views import figures
from oncall.sla.promises import Priority
from schedules.wall_clock import wall_time
from web.console.rosters import board_json
from web.console.rosters.answers import day_asked, days_asked, midnight, refusals_told, time_asked, zone_of
from web.console.rosters.bodies import BodyError
from web.console.rosters.targets import at_both, target
from web.platform.access import current_account, needs, runtime
from web.platform.compression import compressed

blueprint = Blueprint("roster_reads", __name__)

_MOST_FIGURE_DAYS: Final = 731


@at_both(blueprint, "GET", "board.json", Role.VIEWER)
@compressed
def board(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    """For `days` from the midnight of `from` on the roster's clock (today without); a draft beside the live roster."""
    days, now = days_asked(), runtime().clock.now()
    with target(roster_id, draft_id) as on:
        first = day_asked("from") or wall_time(now, on.zone).date()
        start, end = (midnight(day, on.zone) for day in (first, first + timedelta(days=days)))
        return on.board(start, end, now) | {"from": first.isoformat(), "days": days}


@at_both(blueprint, "GET", "layers.json", Role.VIEWER)
def layers(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    """Layers and rotations as they can be edited."""
    with target(roster_id, draft_id) as on:
        return {"layers": on.layers()}


@at_both(blueprint, "GET", "history.json", Role.VIEWER)
def history(roster_id: int, draft_id: int | None = None) -> ResponseReturnValue:
    """Changes, newest first."""
    with target(roster_id, draft_id) as on:
        return {"changes": on.history()}


@blueprint.get("/rosters/<id:roster_id>/what-if.json")
@needs(Role.VIEWER)
@refusals_told
def ask(roster_id: int) -> ResponseReturnValue:
    """What a caller would meet with `at` a time with a problem of a `priority` (P1 without).

    For a `customer` (id), which takes the role of a technician, as viewers don't see customers; else for a Platinum
    customer of a `region`.
    """
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        at = time_asked("at", zone) or runtime().clock.now()
        priority = _priority()
        customer = _customer(session)
        if customer is not None:
            return board_json.answer(what_if_customer(session, customer, at, priority), zone)
        return board_json.answer(what_if_region(session, _region(session, roster_id), at, priority), zone)


@blueprint.get("/rosters/customers.json")
@needs(Role.TECHNICIAN)
def customers() -> ResponseReturnValue:
    """Names of the customers who have, or had, a contract: whom one can ask about."""
    with runtime().database.transaction() as session:
        query = select(Customer.id, Customer.name).where(Customer.contracts.any()).order_by(Customer.name)
        return {"customers": [{"id": id_, "name": name} for id_, name in session.execute(query)]}


@blueprint.get("/rosters/<id:roster_id>/figures.<any(json, csv):form>")
@needs(Role.VIEWER)
@refusals_told
def on_call_hours(roster_id: int, form: str) -> ResponseReturnValue:
    """Hours on call per person `from` a day `to` another one (not included); this month without."""
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        first = day_asked("from") or wall_time(runtime().clock.now(), zone).date().replace(day=1)
        last = day_asked("to") or (first + timedelta(days=31)).replace(day=1)
        if not 0 < (last - first).days <= _MOST_FIGURE_DAYS:
            raise BodyError("to", "Choose an end after the beginning, within two years.")
        found = figures.figures(session, roster_id, midnight(first, zone), midnight(last, zone))
    if form == "json":
        return {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "people": [board_json.figures(one) for one in found],
        }
    name = f"on-call-hours-{first}-to-{last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(figures.as_csv(found), mimetype="text/csv", headers=headers)


@blueprint.get("/rosters/gaps.csv")
@needs(Role.VIEWER)
def gaps() -> ResponseReturnValue:
    """Hours of the next 30 days that must be covered and are not, of all rosters."""
    now = runtime().clock.now()
    with runtime().database.transaction() as session:
        table = gaps_csv(session, open_gaps(session, now))
    return Response(table, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="gaps.csv"'})


def _priority() -> Priority:
    given = request.args.get("priority") or Priority.P1.value
    try:
        return Priority(given)
    except ValueError:
        raise BodyError("priority", "This is no priority: write P1, P2, P3 or P4.") from None


def _customer(session: Session) -> Customer | None:
    given = request.args.get("customer")
    if not given:
        return None
    if not current_account().role.includes(Role.TECHNICIAN):
        abort(403, "Viewers don't see customers: ask for a region, or sign in as a technician or manager.")
    number = int(given) if given.isdecimal() and len(given) < 10 else 0
    found = session.get(Customer, number)
    if found is None or not found.contracts:
        raise BodyError("customer", "This customer is not there any more, or has no contract: choose another one.")
    return found


def _region(session: Session, roster_id: int) -> str:
    region = request.args.get("region") or next(iter(session.get_one(Roster, roster_id).regions), "")
    if not region.isprintable() or session.get(Region, region) is None:
        raise BodyError("region", f"There is no region “{region[:40]}”.")
    return region

"""`/on-call`: who is on call now and next, for everybody who has signed in; and one's own shifts ahead."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeAlias

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from oncall.models.access.roles import Role
from oncall.models.people import Person
from oncall.rosters.ahead import LOOKED_AHEAD, LayerAhead, RosterAhead, Shift, Stretch, rosters_ahead, shifts_ahead
from schedules.wall_clock import to_local, wall_time, written_day, written_time
from web.platform.access import current_account, needs, runtime
from web.platform.viewer import on_both_clocks, own_zone, viewer_zone

Words: TypeAlias = dict[str, Any]

blueprint = Blueprint("on_call", __name__)

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


@blueprint.get("/on-call")
@needs(Role.VIEWER)
def page() -> ResponseReturnValue:
    """Who holds each layer of each roster, until when, and who comes next. Viewers see names, but no numbers."""
    now = runtime().clock.now()
    role = current_account().role
    may_edit, numbers = role.includes(Role.MANAGER), role.includes(Role.TECHNICIAN)
    with runtime().database.transaction() as session:
        zone = viewer_zone(session)
        rosters = [roster_words(each, numbers=numbers) for each in rosters_ahead(session, now)]
    return render_template("on_call/page.html", now=written_time(now, zone), rosters=rosters, may_edit=may_edit)


@blueprint.get("/on-call/mine")
@needs(Role.VIEWER)
def mine() -> ResponseReturnValue:
    """The shifts of whoever has signed in, by week. An account that is tied to nobody is told so."""
    now, person_id = runtime().clock.now(), current_account().person_id
    if person_id is None:
        return render_template("on_call/mine.html", tied=False)
    with runtime().database.transaction() as session:
        found = shifts_ahead(session, person_id, now, now + LOOKED_AHEAD)
        shifts = [(_week(each), _shift(each)) for each in found.shifts]
    # A shift in another zone may lie in an earlier week of its own clock: weeks stay in order.
    weeks = groupby(sorted(shifts, key=lambda each: each[0]), key=lambda each: each[0])
    return render_template(
        "on_call/mine.html",
        tied=True,
        days=LOOKED_AHEAD.days,
        own_zone=own_zone(),
        weeks=[{"from": written_day(monday), "shifts": [shift for _, shift in each]} for monday, each in weeks],
        faults=found.faults,
    )


def roster_words(found: RosterAhead, *, numbers: bool) -> Words:
    """A roster for the templates. `numbers`: whether people's are shown."""
    layers = [_layer(each, found, numbers) for each in found.layers]
    return {"id": found.id, "name": found.name, "fault": found.fault, "layers": layers}


def _layer(layer: LayerAhead, roster: RosterAhead, numbers: bool) -> Words:
    now, then, zone = layer.now, layer.then, roster.time_zone
    return {
        "cover": _cover(layer, roster),
        "name": layer.layer,
        "now": _people(now, numbers),
        "off": now.off,
        "until": None if now.open_ended else on_both_clocks(now.end, zone),
        "reason": "" if now.off else now.reason,
        "then": None if then is None else {"people": _people(then, numbers), "from": on_both_clocks(then.start, zone)},
    }


def _cover(layer: LayerAhead, roster: RosterAhead) -> str:
    """Where the rest of the shift is covered by somebody else: the form on the roster's page, filled in."""
    now = layer.now
    times: Words = {} if now.open_ended else {"start": _asked(now.start, roster), "end": _asked(now.end, roster)}
    return url_for("rosters.page", roster_id=roster.id, cover=layer.layer, **times)


def _asked(at: datetime, roster: RosterAhead) -> str:
    return to_local(at, roster.time_zone).isoformat(timespec="minutes")


def _people(stretch: Stretch, numbers: bool) -> list[Words]:
    return [_person(each, numbers) for each in stretch.people]


def _person(person: Person, numbers: bool) -> Words:
    return {"name": person.name, "phone": person.phone if numbers else None}


def _shift(shift: Shift) -> Words:
    span, zone = shift.span, shift.time_zone
    return {
        "roster": shift.roster,
        "roster_id": shift.roster_id,
        "layer": shift.layer,
        "day": f"{wall_time(span.start, zone):%Y-%m-%d}",
        "begins": "now" if shift.begun else on_both_clocks(span.start, zone),
        "ends": None if span.open_ended else on_both_clocks(span.end, zone),
        "length": "" if shift.begun or span.open_ended else length(span.start, span.end),
        "beside": ", ".join(each.name for each in shift.beside),
        "reason": span.reason,
    }


def length(start: datetime, end: datetime) -> str:
    """How long, in hours and the minutes beyond them: "13 h", "12 h 30 min"."""
    hours, rest = divmod(end - start, _HOUR)
    minutes = rest // _MINUTE
    return " ".join(words for words in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if words)


def _week(shift: Shift) -> date:
    """The Monday of the week in which it begins, on the roster's clock."""
    day = wall_time(shift.span.start, shift.time_zone).date()
    return day - timedelta(days=day.weekday())

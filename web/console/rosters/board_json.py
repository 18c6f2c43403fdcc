"""Rosters as JSON for their pages: wall-clock times of the roster's zone, to the minute.

A time that comes twice in an autumn night has an offset when it is the second one; without, it is the first.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.years import FIRST_YEAR, LAST_YEAR
from oncall.models.planning.changes import RosterChange, RosterSwap
from oncall.models.planning.drafts import RosterDraftStep
from oncall.paging.what_if import WhatIf
from oncall.planning.plans.plan import PlannedLayer, stored_hours
from oncall.planning.swapping import told
from oncall.planning.undoing import Told
from oncall.planning.views.board import Board, LayerView, OverrideView
from oncall.planning.views.board_warnings import Warned
from oncall.planning.views.figures import PersonFigures
from oncall.rosters.errors import Gap
from schedules.clock_changes import ClockChange, clock_changes
from schedules.rosters.rotation import Count, Rotation
from schedules.staffed_hours import OFFICE_HOURS, Plan
from schedules.wall_clock import exact_wall_time, written_time

Json = dict[str, Any]


def board(found: Board, now: datetime) -> Json:
    """Everything that the page shows of a roster."""
    zone = found.zone
    return {
        "roster": {"id": found.roster_id, "name": found.name, "zone": zone, "regions": list(found.regions)},
        "night": _night(),
        "clock": [_clock_change(each) for each in clock_changes(zone, FIRST_YEAR, LAST_YEAR)],
        "now": exact_wall_time(now, zone),
        "people": [{"id": id_, "name": name, "left": id_ in found.left} for id_, name in found.people.items()],
        "fault": found.fault or None,
        "layers": [layer_shifts(layer, zone) for layer in found.layers],
        "required": [span(each.start, each.end, zone) for each in found.required],
        "gaps": [gap(each, zone) for each in found.gaps],
        "warnings": [warned(each, zone) for each in found.warnings],
        "time_off": [
            {"id": each.id, "person_id": each.person_id, "note": each.note, **span(each.start, each.end, zone)}
            for each in found.time_off
        ],
        "holidays": [{"date": day.isoformat(), "name": name} for day, name in found.holidays.items()],
        "last_change": None if found.last_change is None else change(found.last_change, zone),
    }


def _night() -> Json:
    """When the office is closed, on the wall clock: what a night on call is."""
    hours = OFFICE_HOURS[Plan.PLATINUM]
    return {"from": f"{hours.closes:%H:%M}", "to": f"{hours.opens:%H:%M}"}


def warned(one: Warned, zone: str) -> Json:
    """A warning in words, with its time where it has one."""
    when = {} if one.span is None else span(one.span.start, one.span.end, zone)
    return {"kind": one.kind, "words": one.words, "person_id": one.person_id, **when}


def gap(one: Gap, zone: str) -> Json:
    """A gap on the clock of the roster that is shown."""
    return {"region": one.region, **span(one.span.start, one.span.end, zone)}


def layer(planned: PlannedLayer, version: str) -> Json:
    """A layer as it can be edited and sent back, with the version that a change of it has to name."""
    return {
        "id": planned.id,
        "version": version,
        "name": planned.name,
        "hours": [stored_hours(each) for each in planned.hours],
        "rotations": [rotation(each) for each in planned.rotations],
    }


def rotation(each: Rotation) -> Json:
    """A rotation as it can be edited and sent back; `count` is there when it is not all days."""
    count = {} if each.count is Count.ALL else {"count": each.count.value}
    return {
        "start": _minute(each.start),
        "every": str(each.every),
        "until": None if each.until is None else _minute(each.until),
        "turns": [list(turn) for turn in each.turns],
        **count,
    }


def change(row: RosterChange | RosterDraftStep, zone: str) -> Json:
    """A line of the history."""
    return {
        "id": row.id,
        "at": written_time(row.at, zone),
        "by": row.made_by,
        "words": row.words,
        "undone": row.undone,
    }


def told_change(one: Told, zone: str) -> Json:
    """A line of the history with both sides of it. `after_it`: what has to be undone first, in words."""
    other = one.touched_by
    more = {"before": list(one.sides.before), "after": list(one.sides.after), "undoable": one.undoable}
    return change(one.change, zone) | more | {"after_it": None if other is None else other.words}


def swap(session: Session, row: RosterSwap, me: int | None) -> Json:
    """A swap; `mine`: I am the one who is asked."""
    return {
        "id": row.id,
        "state": row.state,
        "asker_id": row.asker_id,
        "other_id": row.other_id,
        "words": told(session, row),
        "mine": row.other_id == me,
    }


def answer(found: WhatIf, zone: str) -> Json:
    """What a caller would meet with: who would be rung, in order, with the seconds after the call."""
    refused, office = found.refused, found.office
    return {
        "at": exact_wall_time(found.at, zone),
        "written": written_time(found.at, zone),
        "customer": found.customer,
        "region": found.region,
        "priority": found.priority.value,
        "hours": "staffed" if found.staffed else "after hours",
        "refused": None if refused is None else {"reason": refused.reason, "words": refused.words},
        "office": None if office is None else {"number": office.number, "seconds": office.seconds},
        "message": found.message,
        "words": _answer_words(found),
        "steps": [
            {"seconds": ring.seconds, "person": ring.person, "source": ring.source, "together": ring.together}
            for ring in found.rings
        ],
    }


def _answer_words(found: WhatIf) -> str:
    """In a sentence or two, which end where the list of people begins."""
    if found.refused is not None:
        return f"{found.customer or 'The caller'} would be turned away, and nobody rung. {found.refused.words}."
    if found.office is not None:
        words = f"Staffed hours: first the office, for {found.office.seconds} seconds; if nobody answers there"
    else:
        words = "Staffed hours, but no office to ring is known" if found.staffed else "After hours"
    if found.message:
        left = "the caller can leave a message, which becomes a P3 ticket for the next working day"
        return f"{words}, nobody is rung for {found.priority.value}: {left}."
    return f"{words}, the people on call:"


def figures(one: PersonFigures) -> Json:
    """Somebody's hours on call."""
    split = one.shares
    lengths = {each.name: getattr(split, each.name) for each in fields(split)}
    lengths |= {"total": split.total, "balance": one.balance}
    return {"name": one.name} | {name: round(length / timedelta(hours=1), 2) for name, length in lengths.items()}


def gaps_in_utc(gaps: Sequence[Gap]) -> list[Json]:
    """Gaps of a refused change, which may be of several clocks."""
    return [
        {"region": gap.region, "start": gap.span.start.isoformat(), "end": gap.span.end.isoformat()} for gap in gaps
    ]


def layer_shifts(view: LayerView, zone: str) -> Json:
    """A layer as the board shows it."""
    shifts = [
        {
            **span(shift.start, shift.end, zone),
            "people": list(shift.people),
            "absent": list(shift.absent),
            "why": shift.why,
            "reason": shift.reason,
            "override_id": shift.override_id,
            "swap_id": shift.swap_id,
            "kind": shift.kind,
            "note": shift.note,
            "override": _override(shift.override, zone),
        }
        for shift in view.shifts
    ]
    return {"id": view.id, "name": view.name, "shifts": shifts}


def _override(view: OverrideView | None, zone: str) -> Json | None:
    if view is None:
        return None
    return {**span(view.start, view.end, zone), "person_id": view.person_id, "version": view.version}


def span(start: datetime, end: datetime, zone: str) -> Json:
    """From when to when, on the zone's clock."""
    return {"start": exact_wall_time(start, zone), "end": exact_wall_time(end, zone)}


def _clock_change(each: ClockChange) -> Json:
    """`at` in minutes since 1970, UTC; `offset` in minutes ahead of UTC from then on."""
    return {"at": int(each.at.timestamp()) // 60, "offset": each.offset // timedelta(minutes=1), "name": each.name}


def _minute(local: datetime) -> str:
    return f"{local:%Y-%m-%dT%H:%M}"

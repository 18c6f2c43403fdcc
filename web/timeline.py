"""`/demo/timeline`: a ticket as it happens, beside the softphones or on a page of its own."""

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from oncall import pretend, timeline
from oncall.interventions import duration
from oncall.sla import Priority
from schedules.wall_clock import to_local, wall_time
from web.access import demo_only, runtime

blueprint = Blueprint("timeline", __name__, url_prefix="/demo")

# What the page shows of a call to somebody who has neither accepted nor declined yet.
_TRYING: Final = {"ringing": "ringing…", "answered": "listening, no key yet"}
_OUTCOMES: Final = {
    "accepted": "accepted",
    "passed": "passed it on",
    "no key": "pressed no key",
    "no answer": "no answer",
    "busy": "busy",
    "failed": "can't be reached",
    "cut off": "no longer needed",
}
_CAUSES: Final = {
    "hotline": "Who takes it?",
    "called again": "The customer called again",
    "line dropped": "The technician's line dropped",
    "promise": "Accepted, but nothing was done",
    "colleague": "A colleague is asked for help",
    "handover": "Handed over",
    "not joined": "Accepted, but not joined with the caller",
}


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
        zone = pretend.default_zone(session, runtime().settings.default_region)
        view = timeline.read_ticket(session, number, now)
        tickets = timeline.latest_tickets(session)
        refusals = timeline.latest_refusals(session)
    shown = view.zone if view else zone
    answer = {
        **_clock(now, shown),
        "ticket": _ticket(view, now) if view else None,
        "tickets": [vars(each) for each in tickets],
        "refusals": [
            {"id": each.id, "at": _minute(each.at, now, zone), "words": each.words, "who": each.who}
            | {"latest": number is None and (view is None or each.at > _last_news(view))}
            for each in refusals
        ],
    }
    return answer, 200, {"Cache-Control": "no-store"}


def _clock(now: datetime, zone: str) -> dict[str, Any]:
    """Enough for the page to let the clock run on by itself between two answers."""
    local = to_local(now, zone)
    offset = local.utcoffset()
    return {"now": _millis(now), "zone": zone, "offset": offset.total_seconds() if offset else 0}


def _ticket(view: timeline.TicketView, now: datetime) -> dict[str, Any]:
    priority = Priority(view.priority)
    return {
        "number": view.number,
        "customer": view.customer,
        "priority": view.priority,
        "meaning": priority.label,
        "state": view.state,
        "holder": view.holder,
        "waits": view.caller_waits,
        "talks": any(work.ended_at is None for work in view.work),
        "response": _response(view),
        "page": _page(view.page) if view.page else None,
        "lines": [
            {"id": line.id, "day": _day(line.at, view.zone), "at": _second(line.at, view.zone)}
            | {"kind": line.kind, "words": line.words}
            for line in view.lines
        ],
        "work": [_work(work, view.zone) for work in view.work],
        "recordings": [_recording(each, view.zone) for each in view.recordings],
    }


def _response(view: timeline.TicketView) -> dict[str, Any]:
    """The promise to take the ticket in charge: running, kept, missed, or none."""
    if view.taken_at is not None:
        took = f"Taken in charge after {duration((view.taken_at - view.opened_at).total_seconds())}"
        kept = view.due_at is None or view.taken_at <= view.due_at
        return {"state": "kept" if kept else "missed", "words": took}
    if view.due_at is None or view.state == "closed":
        return {"state": "none", "words": "Best effort" if view.due_at is None else "Closed before it was taken"}
    return {
        "state": "running",
        "words": f"to take charge, until {_second(view.due_at, view.zone)[:5]}",
        "opened": _millis(view.opened_at),
        "due": _millis(view.due_at),
    }


def _page(page: timeline.PageView) -> dict[str, Any]:
    return {
        "state": page.state,
        "title": _CAUSES.get(page.cause, page.cause.capitalize()),
        "round": page.round,
        "words": _page_words(page),
        "attempts": [
            {
                "id": each.id,
                "person_id": each.person_id,
                "person": each.person,
                "rank": each.rank,
                "open": each.outcome is None,
                "outcome": each.outcome,
                "words": _attempt_words(each),
            }
            for each in page.attempts
        ],
    }


def _page_words(page: timeline.PageView) -> str:
    """What the gateway is doing for this ticket at this moment."""
    if page.state == "stopped":
        return "No longer needed." if page.cause == "colleague" else "Stopped by a manager."
    if page.accepted_at is not None:
        took = duration((page.accepted_at - page.opened_at).total_seconds())
        return f"{page.accepted_by} accepted by {page.accepted_via} after {took}."
    trying = [each for each in page.attempts if each.outcome is None]
    match trying:
        case []:
            return "Nobody has accepted yet; the next call follows."
        case [one]:
            return f"Calling {one.person.split()[0]}, {one.rank}…"
        case _:
            return f"Calling {', '.join(each.person.split()[0] for each in trying)} together…"


def _attempt_words(attempt: timeline.AttemptView) -> str:
    if attempt.outcome is not None:
        return _OUTCOMES.get(attempt.outcome, attempt.outcome)
    return _TRYING.get(attempt.call_state or "", "calling…")


def _work(work: timeline.WorkView, zone: str) -> dict[str, Any]:
    return {
        "id": work.id,
        "person": work.person,
        "kind": work.kind,
        "channel": work.channel,
        "start": _second(work.started_at, zone),
        "end": _second(work.ended_at, zone) if work.ended_at else None,
        "started": _millis(work.started_at),
        "length": duration(work.length.total_seconds()),
        "note": work.note,
    }


def _recording(recording: timeline.RecordingView, zone: str) -> dict[str, Any]:
    return {
        "id": recording.id,
        "kind": "Description by the caller" if recording.kind == "description" else "Spoken note",
        "at": _second(recording.at, zone),
        "length": "being recorded" if recording.seconds is None else duration(recording.seconds),
        "person": recording.person,
    }


def _last_news(view: timeline.TicketView) -> datetime:
    return view.lines[-1].at if view.lines else view.opened_at


def _millis(at: datetime) -> int:
    """Milliseconds since 1970, as browsers count."""
    return int(at.timestamp() * 1000)


def _second(at: datetime, zone: str) -> str:
    return f"{wall_time(at, zone):%H:%M:%S}"


def _minute(at: datetime, now: datetime, zone: str) -> str:
    local = wall_time(at, zone)
    return f"{local:%H:%M}" if local.date() == wall_time(now, zone).date() else f"{local:%a %H:%M}"


def _day(at: datetime, zone: str) -> str:
    local = wall_time(at, zone)
    return f"{local:%A} {local.day} {local:%B}"

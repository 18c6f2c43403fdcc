"""A ticket put into words, for the page that shows it: the demo's timeline and the ticket's own."""

from datetime import datetime
from typing import Any, Final

from oncall.models.calls import CallState
from oncall.models.pages import AttemptOutcome, PageCause, PageState, Via
from oncall.models.tickets import EventKind, TicketState
from oncall.models.work.recordings import RecordingKind
from oncall.sla.promises import Priority
from oncall.tickets.actions.waiting import WAITS_WORDS
from oncall.tickets.interventions import duration
from oncall.tickets.views import AttemptView, PageView, RecordingView, TicketView, WorkView
from schedules.wall_clock import wall_time, written_day, written_wall

# What the page shows of a call to somebody who has neither accepted nor declined yet.
_TRYING: Final[dict[str, str]] = {CallState.RINGING: "ringing…", CallState.ANSWERED: "listening, no key yet"}
_OUTCOMES: Final[dict[str, str]] = {
    AttemptOutcome.ACCEPTED: "accepted",
    AttemptOutcome.PASSED: "passed it on",
    AttemptOutcome.NO_KEY: "pressed no key",
    AttemptOutcome.WRONG_KEYS: "pressed only wrong keys",
    AttemptOutcome.NO_ANSWER: "no answer",
    AttemptOutcome.BUSY: "busy",
    AttemptOutcome.FAILED: "can't be reached",
    AttemptOutcome.CUT_OFF: "no longer needed",
}
_CAUSES: Final[dict[str, str]] = {
    PageCause.HOTLINE: "Who takes it?",
    PageCause.CALLED_AGAIN: "The customer called again",
    PageCause.LINE_DROPPED: "The technician's line dropped",
    PageCause.PROMISE: "Accepted, but nothing was done",
    PageCause.COLLEAGUE: "A colleague is asked for help",
    PageCause.HANDOVER: "Handed over",
    PageCause.NOT_JOINED: "Accepted, but not joined with the caller",
    PageCause.HUNG_UP: "The technician's line ended while a colleague was called",
    PageCause.ASKED_ON: "The caller asks for the next person",
    PageCause.CALL_BACK: "Asked to be called back, but nothing was done",
    PageCause.BY_HAND: "Asked for on the ticket's page",
}
# The ways in which a page is accepted.
HOW: Final[dict[str, str]] = {
    Via.PHONE: "on the phone",
    Via.TEXT: "by text",
    Via.MENU: "in the technician menu",
    Via.WEB: "on the web page",
    Via.CLOSING: "by closing the ticket",
}
# How a line is marked; what is not here gets a dot, and the plain colour.
_ICONS: Final = {
    EventKind.OPENED: "ticket",
    EventKind.PAGE: "bell",
    EventKind.ATTEMPT: "ringing",
    EventKind.ACCEPTED: "check",
    EventKind.PASSED: "forward",
    EventKind.NO_KEY: "missed",
    EventKind.WRONG_KEYS: "missed",
    EventKind.NO_ANSWER: "missed",
    EventKind.BUSY: "missed",
    EventKind.FAILED: "missed",
    EventKind.JOINED: "people",
    EventKind.LEFT: "down",
    EventKind.INTERVENTION: "wrench",
    EventKind.TEXT: "text",
    EventKind.MAIL: "mail",
    EventKind.NOTICE: "mail",
    EventKind.RECORDING: "mic",
    EventKind.TRANSCRIPT: "mic",
    EventKind.CALLER: "caller",
    EventKind.NOTE: "pencil",
    EventKind.CLOSED: "lock",
    EventKind.WARNING: "warning",
    EventKind.DROPPED: "dropped",
    EventKind.TAKEN: "check",
    EventKind.HANDED_OVER: "forward",
    EventKind.RESUMED: "check",
    EventKind.PRIORITY: "warning",
    EventKind.LINKED: "ticket",
    EventKind.REOPENED: "ticket",
    EventKind.CORRECTED: "pencil",
}
_RECORDED: Final = {
    RecordingKind.DESCRIPTION: "Description by the caller",
    RecordingKind.MESSAGE: "Message of the caller",
    RecordingKind.NOTE: "Spoken note",
}
_TONES: Final = {
    **dict.fromkeys((EventKind.OPENED, EventKind.PAGE, EventKind.ATTEMPT), "moon"),
    **dict.fromkeys(
        (
            EventKind.ACCEPTED,
            EventKind.TAKEN,
            EventKind.JOINED,
            EventKind.INTERVENTION,
            EventKind.CLOSED,
            EventKind.NOTE,
        ),
        "good",
    ),
    **dict.fromkeys((EventKind.WARNING, EventKind.DROPPED, EventKind.FAILED), "bad"),
}


def ticket_words(view: TicketView) -> dict[str, Any]:
    """All that a page shows of a ticket but its clocks, ready for JSON."""
    priority = Priority(view.priority)
    return {
        "number": view.number,
        "zone": view.zone,
        "customer": view.customer,
        "priority": view.priority,
        "meaning": priority.label,
        "state": view.state,
        "holder": view.holder,
        "waits_for": WAITS_WORDS[view.waits_for] if view.waits_for else None,
        "links": [{"number": link.number, "words": link.words} for link in view.links],
        "waits": view.caller_waits,
        "talks": any(work.ended_at is None for work in view.work),
        "response": _response(view),
        "page": _page(view.page) if view.page else None,
        "lines": [
            {"id": line.id, "day": day(line.at, view.zone), "at": second(line.at, view.zone)}
            | {"kind": line.kind, "words": line.words}
            | {"icon": _ICONS.get(line.kind, "dot"), "tone": _TONES.get(line.kind, "plain")}
            for line in view.lines
        ],
        "work": [_work(work, view.zone) for work in view.work],
        "recordings": [_recording(each, view.zone) for each in view.recordings],
    }


def cause_words(cause: str) -> str:
    """Why somebody is looked for."""
    return _CAUSES.get(cause, cause.capitalize())


def _response(view: TicketView) -> dict[str, Any]:
    """The promise to take the ticket in charge: running, kept, missed, or none."""
    if view.taken_at is not None:
        took = f"Taken in charge after {duration((view.taken_at - view.opened_at).total_seconds())}"
        kept = view.due_at is None or view.taken_at <= view.due_at
        return {"state": "kept" if kept else "missed", "words": took}
    if view.due_at is None or view.state == TicketState.CLOSED:
        return {"state": "none", "words": "Best effort" if view.due_at is None else "Closed before it was taken"}
    return {
        "state": "running",
        "words": f"to take charge, until {second(view.due_at, view.zone)[:5]}",
        "opened": millis(view.opened_at),
        "due": millis(view.due_at),
    }


def _page(page: PageView) -> dict[str, Any]:
    return {
        "state": page.state,
        "title": cause_words(page.cause),
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


def _page_words(page: PageView) -> str:
    """What the gateway is doing for this ticket at this moment."""
    if page.state == PageState.STOPPED:
        return (
            "No longer needed." if page.cause in {PageCause.COLLEAGUE, PageCause.HUNG_UP} else "Stopped by a manager."
        )
    if page.accepted_at is not None:
        took = duration((page.accepted_at - page.opened_at).total_seconds())
        how = HOW.get(page.accepted_via or "", page.accepted_via or "")
        return f"{page.accepted_by} accepted {how} after {took}."
    trying = [each for each in page.attempts if each.outcome is None]
    match trying:
        case []:
            return "Nobody has accepted yet; the next call follows."
        case [one]:
            return f"Calling {one.person.split()[0]}, {one.rank}…"
        case _:
            return f"Calling {', '.join(each.person.split()[0] for each in trying)} together…"


def _attempt_words(attempt: AttemptView) -> str:
    if attempt.outcome is not None:
        return _OUTCOMES.get(attempt.outcome, attempt.outcome)
    return _TRYING.get(attempt.call_state or "", "calling…")


def _work(work: WorkView, zone: str) -> dict[str, Any]:
    return {
        "id": work.id,
        "person": work.person,
        "kind": work.kind,
        "channel": work.channel,
        "start": second(work.started_at, zone),
        "end": second(work.ended_at, zone) if work.ended_at else None,
        "started": millis(work.started_at),
        "length": duration(work.length.total_seconds()),
        "note": work.note,
    }


def _recording(recording: RecordingView, zone: str) -> dict[str, Any]:
    return {
        "id": recording.id,
        "kind": _RECORDED.get(recording.kind, "Recording"),
        "at": second(recording.at, zone),
        "length": "being recorded" if recording.seconds is None else duration(recording.seconds),
        "person": recording.person,
        "here": recording.here,
        "fault": recording.fault,
        "transcript": recording.transcript,
    }


def millis(at: datetime) -> int:
    """Milliseconds since 1970, as browsers count."""
    return int(at.timestamp() * 1000)


def second(at: datetime, zone: str) -> str:
    """On the region's clock, such as "02:59:13"."""
    return f"{wall_time(at, zone):%H:%M:%S}"


def minute(at: datetime, now: datetime, zone: str) -> str:
    """Such as "02:59", on another day than `now` "Mon 15 Jun 2026, 09:00"."""
    local = wall_time(at, zone)
    return f"{local:%H:%M}" if local.date() == wall_time(now, zone).date() else written_wall(local)


def minute_of(at: datetime, zone: str) -> str:
    """As a field for a day and a time has it, such as "2026-06-14T02:59"."""
    return f"{wall_time(at, zone):%Y-%m-%dT%H:%M}"


def day(at: datetime, zone: str) -> str:
    """Such as "Sun 14 Jun 2026"."""
    return written_day(wall_time(at, zone))

"""Drills in words: the test text, what is told to those in charge, and how results stand on the page."""

from datetime import datetime
from typing import Final

from oncall.delivery.contact_faults import OF_ACCOUNT
from oncall.models.contacts.faults import Fault, FaultKind
from oncall.models.drills import Drill, DrillCallResult, DrillTextResult
from schedules.wall_clock import spoken_when

_CALLS: Final = {
    DrillCallResult.NO_KEY: "it was answered, but nobody pressed 1, as when a voicemail answers",
    DrillCallResult.NO_ANSWER: "nobody answered",
    DrillCallResult.BUSY: "the line was busy, or the call was declined",
    DrillCallResult.FAILED: "the phone can't be reached",
}
_PANEL_CALLS: Final = {
    DrillCallResult.CONFIRMED: "confirmed by key 1",
    DrillCallResult.NOT_NEEDED: "not needed, as the roster has changed",
    DrillCallResult.NOT_RUNG: "not made in time, most likely because of a page or another call",
    DrillCallResult.NO_KEY: "answered, but nobody pressed 1",
    DrillCallResult.NO_ANSWER: "no answer",
    DrillCallResult.BUSY: "busy, or declined",
    DrillCallResult.FAILED: "the phone can't be reached",
}
# In place of "no key", where other keys than the right one were pressed.
_WRONG_KEYS: Final = "it was answered, but only other keys than 1 were pressed"
_PANEL_WRONG_KEYS: Final = "answered, but only other keys than 1 were pressed"


def test_text(drill: Drill, now: datetime) -> str:
    """The test text; it must fit into one segment for usual names."""
    shift = "" if drill.shift_at is None else f" You come on call {_when(drill, now)}."
    return f"Nightline test, no customer is waiting.{shift} Your phone rings too: press 1 there. Reply OK {drill.code}."


def call_failed(drill: Drill, now: datetime) -> str:
    """For those in charge: who, which shift, what failed, what to do."""
    if drill.call_result == DrillCallResult.NOT_RUNG:
        what = "could not be made in time, most likely because of a page or another call"
    else:
        tries = ", twice" if drill.tries == 2 else ""
        error = f" ({drill.call_error})" if drill.call_result == DrillCallResult.FAILED and drill.call_error else ""
        only_others = drill.wrong_keys and drill.call_result == DrillCallResult.NO_KEY
        came = _WRONG_KEYS if only_others else _CALLS[drill.call_result or DrillCallResult.FAILED]
        what = f"failed: {came}{error}{tries}"
    return f"Nightline: {_subject(drill, now, f'the test call {what}')}. {_remedy(drill, drill.call_fault)}"


def text_failed(drill: Drill, now: datetime, hotline: str) -> str:
    """The same for the text."""
    stopped = drill.text_fault is not None and drill.text_fault.kind is FaultKind.PERSON
    remedy = f"Text START from it to {hotline} to get texts again." if stopped else _remedy(drill, drill.text_fault)
    return f"Nightline: {_subject(drill, now, f'the test text failed: {text_reason(drill)}')}. {remedy}"


def text_reason(drill: Drill) -> str:
    """Why the text did not arrive, with the network's own code."""
    fault = drill.text_fault
    return fault.shown if fault is not None and fault.code else f"the network says “{drill.text_error or 'failed'}”"


def call_words(drill: Drill) -> str:
    """How the call stands, for the page."""
    if drill.call_result is None:
        if drill.call_id is not None:
            return "under way"
        return f"{_panel(drill, drill.last_result)}, one more try" if drill.last_result else "to be made when free"
    words = _panel(drill, drill.call_result)
    return f"{words}, twice" if drill.call_result in _CALLS and drill.tries == 2 else words


def _panel(drill: Drill, result: DrillCallResult) -> str:
    return _PANEL_WRONG_KEYS if drill.wrong_keys and result == DrillCallResult.NO_KEY else _PANEL_CALLS[result]


def text_words(drill: Drill) -> str:
    """How the text stands, for the page."""
    match drill.text_result:
        case DrillTextResult.FAILED:
            return f"failed: {text_reason(drill)}"
        case DrillTextResult.ANSWERED:
            return "answered OK"
        case DrillTextResult.DELIVERED:
            return "delivered"
        case _:
            return "not sent" if drill.text_id is None else "sent, no report so far"


def _subject(drill: Drill, now: datetime, what: str) -> str:
    if drill.shift_at is None:
        return f"{drill.person.name}: {what}"
    comes = "comes" if drill.shift_at > now else "came"
    return f"{drill.person.name} {comes} on call {_when(drill, now)}, and {what}"


def _remedy(drill: Drill, fault: Fault | None) -> str:
    cover = "." if drill.shift_at is None else ", or let somebody else cover."
    first = f"{OF_ACCOUNT} " if fault is not None and fault.kind is FaultKind.ACCOUNT else ""
    return f"{first}Call {drill.person.phone}{cover}"


def _when(drill: Drill, now: datetime) -> str:
    at = drill.shift_at or now
    return f"{spoken_when(at, now, drill.roster.time_zone)} ({drill.roster.name}, {drill.layer})"

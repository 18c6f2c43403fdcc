"""Something failed: say so humanly, and go on as well as can be.

A caller with a ticket goes on waiting and is sure to be fetched; everybody else is asked the last question again. When
not even the database is at hand, the same request is made again after a pause.
"""

from datetime import timedelta
from typing import Final

from flask import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from ivr.prompts import faults
from ivr.twilio.addresses import step_url, voice_url
from ivr.twilio.twiml import empty, goodbye, spoken
from oncall.calls import goodbye as call_goodbye
from oncall.calls.call_end import end_call
from oncall.calls.participants import room_with
from oncall.delivery.telephony import FINAL
from oncall.models import jobs
from oncall.models.calls import CallState, Direction, PhoneCall, Purpose, lock_call
from oncall.models.conferences import ParticipantRole
from oncall.models.pages import PageCause, PageState, page_of
from oncall.models.tickets import Ticket, TicketState
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work

logger = log.get_logger(__name__)

# After so many errors in a call without a ticket it ends with an apology; with a ticket it never gives up.
MOST_ERRORS: Final = 3
# Requests repeated while the database is away, each after some ten seconds: a minute, and ten for those who wait.
MOST_REPEATS: Final = 6
MOST_REPEATS_WAITING: Final = 60
PAUSE_SECONDS: Final = 4
# Steps that only callers with a ticket come to.
_WAITING: Final = {"described", "wait", "callback", "room", "dropped", "missed", "handed"} | call_goodbye.STEPS
# What a repeated request takes along. Keys are not: the question is asked again, and a PIN has no place in an address.
_KEPT: Final = ("RecordingSid", "RecordingUrl", "RecordingDuration", "DialCallStatus", "DialBridged")
# A technician in a room is brought the caller again after this time, seconds.
_FETCH_AGAIN: Final = 5


def apologise(runtime: Runtime, call_id: int, step: str, request: Request) -> str:
    """The document that answers a request whose step failed."""
    try:
        now = runtime.clock.now()
        with runtime.database.transaction() as session:
            call = lock_call(session, call_id)
            if call is None or request.form.get("CallSid") not in {None, call.sid}:
                return str(goodbye(faults.SORRY_GOODBYE))
            return _mend(Work(session, runtime, now), call, step, request)
    except Exception:
        logger.exception("apology without a database", call=call_id, step=step)
        if _repeats(request) >= (MOST_REPEATS_WAITING if step in _WAITING else MOST_REPEATS):
            return str(goodbye(faults.SORRY_GOODBYE))
        return _repeat(runtime, call_id, step, request, PAUSE_SECONDS)


def apologise_at_greeting(runtime: Runtime, request: Request) -> str:
    """The document for a caller whose greeting failed: it is asked for again."""
    if _repeats(request) >= MOST_REPEATS:
        return str(goodbye(faults.SORRY_GOODBYE))
    return _later(voice_url(runtime.settings, again=_repeats(request) + 1), PAUSE_SECONDS)


def _mend(work: Work, call: PhoneCall, step: str, request: Request) -> str:
    """With the database at hand: what this call goes on with."""
    if request.form.get("CallStatus") in FINAL:
        end_call(work.session, call, request.form["CallStatus"], work.now)
        return str(empty())
    if _waits_for_somebody(work.session, call, step):
        _see_that_somebody_comes(work, call)
        return _back_to_waiting(work.runtime, call)
    call.memo.errors = call.memo.errors + 1
    if call.memo.errors > MOST_ERRORS:
        return str(goodbye(faults.SORRY_GOODBYE))
    return _repeat(work.runtime, call.id, step, request, 0)


def _waits_for_somebody(session: Session, call: PhoneCall, step: str) -> bool:
    if call.ticket_id is None or call.purpose != Purpose.HOTLINE or call.person_id is not None or step == "finished":
        return False
    if call.memo.left_by is not None and call.memo.errors < MOST_ERRORS:
        return False  # nobody is woken after a conversation: the question is asked once more
    return session.get_one(Ticket, call.ticket_id).state != TicketState.CLOSED


def _see_that_somebody_comes(work: Work, call: PhoneCall) -> None:
    """The page may be over already, and its technician in the room that this caller did not get into."""
    try:
        with work.session.begin_nested():
            page = page_of(work.session, call.ticket_id or 0)
            if page is not None and page.state == PageState.PAGING:
                return
            room_id = room_with(work.session, call.ticket_id or 0, ParticipantRole.TECHNICIAN)
            if room_id is not None:
                due = work.now + timedelta(seconds=_FETCH_AGAIN)
                jobs.bring_callers.wake_at(work.session, work.runtime.clock, due, room_id=room_id)
            elif not _technician_on_the_phone(work.session, call.ticket_id or 0):
                ticket = work.session.get_one(Ticket, call.ticket_id)
                open_page(work, ticket, PageCause.FAULT, first=ticket.assignee_id)
    except Exception:
        logger.exception("nobody could be called for a waiting caller", call=call.id)


def _technician_on_the_phone(session: Session, ticket_id: int) -> bool:
    query = select(PhoneCall.id).where(
        PhoneCall.ticket_id == ticket_id,
        PhoneCall.direction == Direction.OUT,
        PhoneCall.purpose.in_([Purpose.PAGE, Purpose.CONNECT]),
        PhoneCall.state != CallState.ENDED,
    )
    return session.scalar(query.limit(1)) is not None


def _back_to_waiting(runtime: Runtime, call: PhoneCall) -> str:
    """The ticket exists and its page goes on without us: the caller waits for the technician."""
    call.waiting = call.live
    call.memo.left_by = None
    call.step = "wait"
    response = spoken(faults.SORRY_WITH_TICKET)
    response.redirect(step_url(runtime.settings, call.id, "wait", call.turn, silent=1), method="POST")
    return str(response)


def _repeat(runtime: Runtime, call_id: int, step: str, request: Request, pause: int) -> str:
    """Make the request again. Whoever was asked for keys is asked anew."""
    more: dict[str, str | int] = {"again": _repeats(request) + 1}
    more |= kept(request)
    asked = "Digits" in request.form or "silent" in request.args or "ask" in request.args
    if asked and "RecordingSid" not in more:
        more["ask"] = 1
    turn = request.args.get("turn", type=int, default=-1)
    return _later(step_url(runtime.settings, call_id, step, turn, **more), pause)


def kept(request: Request) -> dict[str, str]:
    """What an answer brought besides keys, whether it comes now or with a repeated request."""
    return {name: request.values[name] for name in _KEPT if name in request.values}


def _later(url: str, pause: int) -> str:
    response = spoken(faults.SORRY_AGAIN)
    if pause:
        response.pause(length=pause)
    response.redirect(url, method="POST")
    return str(response)


def _repeats(request: Request) -> int:
    return request.args.get("again", type=int, default=0)

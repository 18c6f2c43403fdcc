"""Looking at a drill: what came of its call and its text, what follows, and whom to tell.

Calls and texts only report their own fate and wake this look, which takes the drill's lock and sees what there is. So
reports may come late, twice, out of order or never.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from oncall.accounts.in_charge import in_charge
from oncall.drills import words
from oncall.drills.calling import is_busy, ring, send_text
from oncall.drills.due import shift_of
from oncall.models import jobs, messages
from oncall.models.calls import CallResult, PhoneCall
from oncall.models.drills import ANSWERED_WITHIN, Drill, DrillCallResult, DrillTextResult, lock_drill
from oncall.models.messages import Channel, Message, MessageState
from oncall.models.pages import Attempt, AttemptOutcome
from oncall.models.people import Person
from oncall.planning.handoff_words import send
from oncall.planning.handoffs import AROUND, people_in_charge
from oncall.rosters.reading import read_rosters
from oncall.runtime import Work

TRIES: Final = 2
TRY_AGAIN_AFTER: Final = timedelta(minutes=10)
_MOMENT: Final = timedelta(seconds=1)
# No two machines' clocks differ so much.
_AHEAD: Final = timedelta(minutes=5)
_RESULTS: Final[dict[str, DrillCallResult]] = {
    CallResult.COMPLETED: DrillCallResult.NO_KEY,
    CallResult.BUSY: DrillCallResult.BUSY,
    CallResult.FAILED: DrillCallResult.FAILED,
}


def check_drill(work: Work, drill_id: int) -> None:
    """Bring a drill up to date and take its next step. A look too many changes nothing."""
    drill = lock_drill(work.session, drill_id)
    if drill is None:
        return
    before = drill.call_result, drill.text_result
    _settle_text(work.session, drill)
    if drill.call_result is None:
        _settle_call(work, drill)
    if drill.call_result is None and drill.call_id is None:
        if drill.begun_at > work.now + _AHEAD:
            work.session.delete(drill)  # a pretended time was set back: this one is still to come
            return
        _go_on(work, drill)
    work.session.flush()
    _tell(work, drill, before)


def text_changed(session: Session, message: Message) -> None:
    """The fate of a text has become known; if it is a drill's, that one is looked at."""
    _look_at(session, Drill.text_id == message.id)


def call_changed(session: Session, call: PhoneCall) -> None:
    """A test call is over, or was confirmed in it: its drill is looked at."""
    _look_at(session, Drill.call_id == call.id)


def _look_at(session: Session, which: ColumnElement[bool]) -> None:
    drill_id = session.scalar(select(Drill.id).where(which))
    if drill_id is not None:
        jobs.check_drill.wake(session, drill_id=drill_id)


def drills_with(session: Session, person: Person, code: str | None, now: datetime) -> Sequence[Drill]:
    """Drills of the person whose text asks for OK and this code, newest first, locked. None: of earlier releases."""
    query = select(Drill).where(
        Drill.person_id == person.id,
        Drill.text_id.is_not(None),
        Drill.begun_at > now - ANSWERED_WITHIN,
        Drill.code.is_not_distinct_from(code),
    )
    newest = query.order_by(Drill.id.desc()).limit(1).with_for_update(of=Drill, key_share=True)
    return session.scalars(newest.execution_options(populate_existing=True)).all()


def answer_text(session: Session, person: Person, code: str | None, now: datetime) -> Drill | None:
    """The person has said OK: the drill whose text this answers, or None. What the network has refused stays failed."""
    drill = next(iter(drills_with(session, person, code, now)), None)
    if drill is not None and drill.text_result != DrillTextResult.FAILED:
        drill.text_result = DrillTextResult.ANSWERED
    return drill


def _settle_text(session: Session, drill: Drill) -> None:
    text = session.get(Message, drill.text_id, populate_existing=True) if drill.text_id is not None else None
    if text is None or drill.text_result is not None:
        return
    if text.state == MessageState.DELIVERED:
        drill.text_result = DrillTextResult.DELIVERED
    elif text.state in {MessageState.UNDELIVERED, MessageState.FAILED}:
        drill.text_result, drill.text_error, drill.text_fault = DrillTextResult.FAILED, text.error, text.fault


def _settle_call(work: Work, drill: Drill) -> None:
    call = work.session.get(PhoneCall, drill.call_id, populate_existing=True) if drill.call_id is not None else None
    if call is None:
        return
    if call.memo.heard:
        _decide(drill, DrillCallResult.CONFIRMED, work.now)
    elif not call.live:
        drill.call_id, drill.try_at = None, work.now + TRY_AGAIN_AFTER
        if not _given_to_page(work.session, call):
            drill.tries += 1
            drill.last_result = _RESULTS.get(call.result or "") or (
                DrillCallResult.NO_KEY if call.answered_at else DrillCallResult.NO_ANSWER
            )
            drill.call_error, drill.call_fault = call.error, call.fault
            drill.wrong_keys = drill.last_result == DrillCallResult.NO_KEY and call.memo.only_other_keys
        if drill.tries >= TRIES or drill.try_at >= drill.until_at:
            _decide(drill, drill.last_result or DrillCallResult.NOT_RUNG, work.now)
        else:
            jobs.check_drill.wake_at(work.session, work.runtime.clock, drill.try_at, drill_id=drill.id)


def _given_to_page(session: Session, call: PhoneCall) -> bool:
    """Whether a page took the call and ended it before the person could be expected to pick up, or to press a key."""
    outcomes = set(session.scalars(select(Attempt.outcome).where(Attempt.call_id == call.id)))
    if call.answered_at is None:
        return call.result == CallResult.CANCELED and bool(outcomes) and AttemptOutcome.NO_ANSWER not in outcomes
    return call.has_told and not outcomes & {
        AttemptOutcome.NO_KEY,
        AttemptOutcome.WRONG_KEYS,
    }


def _go_on(work: Work, drill: Drill) -> None:
    """Ring and text when it is time and the person is free; give up when the shift begins."""
    if work.now >= drill.until_at:
        _decide(drill, drill.last_result or DrillCallResult.NOT_RUNG, work.now)
    elif work.now >= drill.try_at - _MOMENT:
        if not _still_wanted(work.session, drill, work.now):
            _decide(drill, DrillCallResult.NOT_NEEDED, work.now)
        elif (
            not is_busy(work.session, drill.person, work.now)
            and ring(work.session, drill, work.now)
            and drill.text_id is None
        ):
            send_text(work.session, drill, work.now, work.runtime.settings.code_length)


def _still_wanted(session: Session, drill: Drill, now: datetime) -> bool:
    """A manager's test is, whatever the roster says, but for somebody who has left."""
    return not drill.person.retired and (drill.day is None or _still_comes(session, drill, now))


def _still_comes(session: Session, drill: Drill, now: datetime) -> bool:
    """Whether the roster still has the person come on call then."""
    if drill.shift_at is None:
        return True
    read = read_rosters(session, now - AROUND, drill.shift_at + AROUND, name=drill.roster.name)
    if read.bad:
        return True  # nothing says otherwise
    [roster] = read.rosters
    shift = shift_of(roster, drill.person_id, now, drill.shift_at)
    return shift is not None and shift.at == drill.shift_at


def _decide(drill: Drill, result: DrillCallResult, now: datetime) -> None:
    drill.call_result, drill.ended_at = result, now


def _tell(work: Work, drill: Drill, before: tuple[str | None, str | None]) -> None:
    """Tell those in charge what has failed since the look before."""
    call, text = before
    if drill.call_result != call and drill.call_result not in {
        None,
        DrillCallResult.CONFIRMED,
        DrillCallResult.NOT_NEEDED,
    }:
        _tell_chiefs(work.session, drill, "call", words.call_failed(drill, work.now), work.now)
    if drill.text_result != text and drill.text_result == DrillTextResult.FAILED:
        hotline = work.runtime.settings.our_number
        _tell_chiefs(work.session, drill, "text", words.text_failed(drill, work.now, hotline), work.now)


def _tell_chiefs(session: Session, drill: Drill, what: str, told: str, now: datetime) -> None:
    """By text and mail to team leaders and support managers, by mail to managers who have an account alone."""
    key = f"drill:{drill.id}:{what}"
    reached = set()
    for chief in people_in_charge(session, drill.person):
        send(session, chief, f"{key}:{chief.id}", told, now)
        reached.add((chief.email or "").lower())
    for address in in_charge(session):
        if address not in reached:
            subject = told.rstrip(".")
            messages.post(
                session,
                now,
                key=f"{key}:{address}",
                channel=Channel.MAIL,
                recipient=address,
                subject=subject,
                body=f"{told}\n",
            )

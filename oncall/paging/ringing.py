"""Trying one person: a call and a text at once, and what ends the attempt."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.jobs import Urgency
from oncall import wording
from oncall.delivery.contact_faults import expects_trouble
from oncall.models import jobs, messages
from oncall.models.calls import IN_ROOM, CallState, Direction, PhoneCall, Purpose, call_person, caller_is_waiting
from oncall.models.messages import Channel
from oncall.models.pages import Attempt, AttemptOutcome, Page
from oncall.models.people import Person
from oncall.models.ranks import rank_of
from oncall.models.tickets import EventKind, Ticket, record_event
from oncall.models.work.recordings import Recording, RecordingKind
from oncall.paging import bundling
from oncall.paging.keys import pressed_to_hear
from oncall.runtime import Work

LOOK_AGAIN = timedelta(seconds=1)
# Pages told in one call from which on it is the sweep that finds those the call has not seen.
MANY = 5
# A ticket that is younger has no words yet: ringing the first person must not wait for asking.
_WRITTEN_AFTER = timedelta(seconds=15)
# Our longest last words take less.
FAREWELL = timedelta(seconds=10)
# Steps of a technician's call while it is in a room, or at the keys beside it for a moment.
# The same, when they are asked what to do next after a conversation, or are just being led to that question.
ASKED_NEXT = ("alone", "unanswered", "alone_key", "registered")


def try_person(work: Work, page: Page, person_id: int, round_: int, sources: dict[int, str]) -> bool:
    """Ring and text a person for this page. False when they can't be rung: they are in a conversation."""
    person = work.session.get_one(Person, person_id)
    waits = caller_is_waiting(work.session, page.ticket_id)
    call_id = _ring(work, page, person, waits)
    rank = rank_of(page.ticket.priority)
    attempt = Attempt(
        page_id=page.id, person_id=person.id, round=round_, call_id=call_id, started_at=work.now, rank=rank
    )
    attempt.person, attempt.page = person, page
    work.session.add(attempt)
    work.session.flush()
    _text(work, page, person, round_, waits)
    if work.now - page.ticket.opened_at > _WRITTEN_AFTER:
        _text_description(work, page, person)
    source = sources.get(person.id)
    words = f"Calling and texting {person.name}" + (f" ({source})." if source else ".")
    record_event(
        work.session,
        page.ticket_id,
        work.now,
        EventKind.ATTEMPT,
        words,
        key=f"attempt:{attempt.id}",
        person_id=person.id,
    )
    if call_id is None:
        end_attempt(work.session, attempt, AttemptOutcome.BUSY, work.now)
    if expects_trouble(work.session, person):
        jobs.seek_elsewhere.wake(work.session, attempt_id=attempt.id)
    return call_id is not None


def _ring(work: Work, page: Page, person: Person, waits: bool) -> int | None:
    """A new call to the person, or the one that rings them already; None while they talk with a customer.

    `waits`: the page's caller is on the line, and must not wait behind other pages' calls.
    """
    fresh = (PhoneCall.state == CallState.QUEUED) & PhoneCall.not_before.is_(None)
    query = select(PhoneCall.id, PhoneCall.direction, PhoneCall.purpose, PhoneCall.step, fresh.label("fresh")).where(
        PhoneCall.person_id == person.id, PhoneCall.state != CallState.ENDED
    )
    while True:
        live = work.session.execute(query).all()
        if any(call.step in IN_ROOM for call in live):
            return None
        ours = next((call for call in live if call.direction == Direction.OUT), None)
        if ours is not None:
            break
        call_id = call_person(
            work.session, person, Purpose.PAGE, work.now, page.ticket_id, rank_of(page.ticket.priority)
        )  # None: another page has begun to ring them this moment
        if call_id is not None:
            jobs.place_call.with_urgency(Urgency.FIRST if waits else Urgency.URGENT).wake(work.session, call_id=call_id)
            return call_id
    if ours.step == "goodbye":  # they hear it to its end; should that not be reported, they must be free all the same
        jobs.cut_off.wake_at(work.session, work.runtime.clock, work.now + FAREWELL, call_id=ours.id, late=True)
    elif ours.purpose not in {Purpose.PAGE, Purpose.DRILL} and ours.step not in ASKED_NEXT:
        return None
    if waits and ours.fresh:  # put down for another page, and maybe far behind in a storm
        jobs.place_call.with_urgency(Urgency.FIRST).wake(work.session, call_id=ours.id)
    if ours.purpose == Purpose.DRILL:
        take_over(work.session, ours.id)
    elif ours.step in ASKED_NEXT:  # asked what to do next after a conversation: this is more urgent
        jobs.move_call.wake(work.session, call_id=ours.id, step="taken")
    if not _tells_many(work.session, ours.id):
        # It may end, or become a conversation, just now without having seen this page: look again soon.
        urgency = Urgency.FIRST if waits else Urgency.NORMAL
        jobs.advance_page.with_urgency(urgency).wake_at(
            work.session, work.runtime.clock, work.now + LOOK_AGAIN, page_id=page.id
        )
    return int(ours.id)


def _tells_many(session: Session, call_id: int) -> bool:
    """Whether a storm of pages is told in a call: looking again at each would take longer than the sweep's look."""
    told = select(Attempt.id).where(Attempt.call_id == call_id, Attempt.outcome.is_(None))
    return session.scalar(told.offset(MANY).limit(1)) is not None


def take_over(session: Session, call_id: int) -> None:
    """A test call that is under way gives way to a page, which is told to whoever listens to it, or picks it up.

    One that the network has not taken yet is asked for at once, as if it were the page's own.
    """
    jobs.place_call.wake(session, call_id=call_id)
    jobs.move_call.wake(session, call_id=call_id, step="taken")


def ring_again(work: Work, attempt: Attempt) -> bool:
    """The test call in which this page was to be told is over, and it was not: a call of the page's own.

    False when the person can't be rung: they are in a conversation.
    """
    waits = caller_is_waiting(work.session, attempt.page.ticket_id)
    call_id = _ring(work, attempt.page, attempt.person, waits)
    if call_id is None:
        return False
    attempt.call = work.session.get_one(PhoneCall, call_id)
    work.session.flush()
    return True


def _text(work: Work, page: Page, person: Person, round_: int, waits: bool) -> None:
    held = bundling.held(work, person.id)
    message_id = messages.post(
        work.session,
        work.now,
        key=f"page:{page.id}:{round_}:{person.id}",
        channel=Channel.TEXT,
        recipient=person.phone,
        body=bundling.page_words(work, page, person.id, waits),
        person_id=person.id,
        ticket_id=page.ticket_id,
        rank=rank_of(page.ticket.priority),
        page_id=page.id,
        not_before=held.until if held is not None else None,
        urgency=Urgency.FIRST if waits else None,
    )
    if message_id is not None and held is not None and not held.led:
        due = held.until + work.runtime.clock.shift()
        jobs.send_message.with_urgency(Urgency.SOON).wake_at(
            work.session, work.runtime.clock, due, message_id=message_id
        )


def _text_description(work: Work, page: Page, person: Person) -> None:
    """What the caller has said, for who is called after it was written down."""
    query = select(Recording.id, Recording.transcript).where(
        Recording.ticket_id == page.ticket_id,
        Recording.kind == RecordingKind.DESCRIPTION,
        Recording.transcript.is_not(None),
    )
    for recording_id, words in work.session.execute(query):
        text_words(work, page.ticket, person, recording_id, words or "")


def text_words(work: Work, ticket: Ticket, person: Person, recording_id: int, words: str) -> None:
    """Text what was said in a recording, once to a person."""
    messages.post(
        work.session,
        work.now,
        key=f"transcript:{recording_id}:{person.id}",
        channel=Channel.TEXT,
        recipient=person.phone,
        body=wording.transcript_text(ticket, words),
        person_id=person.id,
        ticket_id=ticket.id,
        rank=rank_of(ticket.priority),
    )


_WORDS = {
    AttemptOutcome.PASSED: "{name} passed it on.",
    AttemptOutcome.NO_KEY: "{name}'s phone was answered, but nobody pressed a key.",
    AttemptOutcome.WRONG_KEYS: "{name}'s phone was answered, but only keys without a meaning were pressed.",
    AttemptOutcome.NO_ANSWER: "No answer from {name}.",
    AttemptOutcome.BUSY: "{name}'s line is busy, or the call was declined.",
    AttemptOutcome.FAILED: "{name}'s phone can't be reached.",
}
# In place of "no key".
_UNDECIDED = "{name} heard it, but pressed neither 1 to accept nor 2 to pass it on."


def end_attempt(session: Session, attempt: Attempt, outcome: AttemptOutcome, now: datetime) -> None:
    """Close an attempt, say so on the ticket, and cut its call off unless the call is still about another page."""
    attempt.outcome, attempt.ended_at = outcome, now
    session.flush()
    if outcome in _WORDS:
        listened = outcome == AttemptOutcome.NO_KEY and pressed_to_hear(attempt.call, attempt.id)
        words = (_UNDECIDED if listened else _WORDS[outcome]).format(name=attempt.person.name)
        key = f"attempt:{attempt.id}:{outcome}"
        ticket_id = attempt.page.ticket_id
        record_event(
            session, ticket_id, now, EventKind(outcome.replace(" ", "_")), words, key=key, person_id=attempt.person_id
        )
    if attempt.call_id is not None and outcome in {
        AttemptOutcome.NO_ANSWER,
        AttemptOutcome.CUT_OFF,
        AttemptOutcome.WRONG_KEYS,
    }:
        others = select(func.count()).where(Attempt.call_id == attempt.call_id, Attempt.outcome.is_(None))
        if not session.scalar(others):
            jobs.cut_off.wake(session, call_id=attempt.call_id)
    if outcome == AttemptOutcome.NO_ANSWER and attempt.call is not None and attempt.call.sid is None:  # it never rang
        jobs.seek_elsewhere.wake(session, attempt_id=attempt.id)

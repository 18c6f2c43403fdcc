"""What jobs do once a technician has hung up: a ring in vain, a caller who is gone, a call back that is owed."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall import wording
from oncall.calls.conference import prepare_move
from oncall.calls.goodbye import callers_left, coming, holder_of, ringing, technician_of, tell_in_vain
from oncall.calls.redirect import carry_out
from oncall.customers.call_back import way_back
from oncall.delivery.sender import Sender
from oncall.models import jobs, messages
from oncall.models.calls import PhoneCall, caller_is_waiting, lock_call
from oncall.models.conferences import Participant
from oncall.models.messages import Channel
from oncall.models.pages import PageCause
from oncall.models.people import Person
from oncall.models.ranks import rank_of
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.paging.acknowledge import stop_page
from oncall.paging.engine import open_page
from oncall.runtime import Work, in_transaction
from oncall.tickets.interventions import has_work

# Where callers stand who were joined again, or are just being: nobody was called in vain, and nothing is owed.
_SERVED = frozenset({"left", "room", "handed", "finished"})


@jobs.check_rejoined.runner
def check_rejoined(sender: Sender, *, call_id: int) -> None:
    moves = []
    with sender.runtime.work() as work:
        call = work.session.get(PhoneCall, call_id)
        if call is None or call.ticket_id is None:
            return
        if call.memo.rejoins and not _has_joined(work.session, call_id):
            tell_in_vain(work.session, call, work.now)
        if coming(work.session, call.ticket_id, work.now) is not None:
            return
        for caller_id in sorted(work.session.scalars(callers_left(work.session, call.ticket_id))):
            caller = lock_call(work.session, caller_id)
            waits = caller is not None and caller.waiting and caller.step == "rejoining"
            move = prepare_move(work, caller, "unreached") if caller and waits else None
            if move is not None:
                moves.append(move)
    for move in moves:
        carry_out(sender, move)


def _has_joined(session: Session, call_id: int) -> bool:
    return session.scalar(select(Participant.id).where(Participant.call_id == call_id).limit(1)) is not None


@jobs.conclude_goodbye.runner
@in_transaction
def conclude_goodbye(work: Work, *, call_id: int) -> None:
    """It may be done again, by a second report or after a worker's death: messages and lines have keys."""
    call = lock_call(work.session, call_id)
    if call is None or call.ticket_id is None or call.memo.left_by is None or call.waiting:
        return
    if call.step in _SERVED:  # the caller hung up first
        _call_nobody(work.session, call.ticket_id, work.now)
        return
    ticket, person = work.session.get_one(Ticket, call.ticket_id), technician_of(work.session, call)
    way = way_back(work.session, work.runtime.settings, ticket)
    if call.memo.wants_call:
        _promise_call(work, call, ticket, person)
    elif call.memo.silent:
        words = wording.silent_goodbye_text(ticket, way, wrong_keys=call.memo.only_wrong_keys)
        _text(work.session, ticket, person, words, f"call:{call.id}:silent", work.now)
    elif call.memo.rung:
        words = wording.gave_up_text(ticket, way)
        told = f"The caller hung up, after {person.name} was called again in vain."
        record_event(work.session, ticket.id, work.now, EventKind.CALLER, told, key=f"call:{call.id}:gave_up")
        _text(work.session, ticket, person, words, f"call:{call.id}:gave_up", work.now)
    _call_nobody(work.session, ticket.id, work.now)


def _promise_call(work: Work, call: PhoneCall, ticket: Ticket, person: Person) -> None:
    """Who has the ticket is told, and held to it as to an acceptance. When they have left, somebody is paged."""
    holder = holder_of(work.session, call)
    if holder is None:
        told = f"{person.name} has left: somebody is paged to call the caller back."
        if record_event(
            work.session, ticket.id, work.now, EventKind.WARNING, told, key=f"call:{call.id}:nobody_to_call"
        ):
            open_page(work, ticket, PageCause.CALL_BACK)
        return
    words = wording.call_back_text(ticket, way_back(work.session, work.runtime.settings, ticket))
    if _text(work.session, ticket, holder, words, f"call:{call.id}:call_back", work.now):
        due = work.now + timedelta(seconds=paging_times(work.session).promise)
        since = (call.ended_at or work.now).isoformat()
        jobs.check_call_back.wake_at(work.session, work.runtime.clock, due, call_id=call.id, since=since)


def _text(session: Session, ticket: Ticket, person: Person, words: str, key: str, now: datetime) -> bool:
    """False when it was put down before, or the person has left."""
    if person.retired:
        return False
    found = messages.post(
        session,
        now,
        key=key,
        channel=Channel.TEXT,
        recipient=person.phone,
        body=words,
        person_id=person.id,
        ticket_id=ticket.id,
        rank=rank_of(ticket.priority),
    )
    if found is None:
        return False
    record_event(
        session,
        ticket.id,
        now,
        EventKind.TEXT,
        f"{person.name} is told by text.",
        key=f"{key}:told",
        person_id=person.id,
    )
    return True


def _call_nobody(session: Session, ticket_id: int, now: datetime) -> None:
    """With the last of the callers gone, neither the technician nor a colleague is rung for them any more.

    Another caller may wait for the same people though nobody has left them.
    """
    if caller_is_waiting(session, ticket_id):
        return
    stop_page(session, ticket_id, PageCause.HUNG_UP, "The conversation is over: nobody is needed any more.", now)
    found = ringing(session, ticket_id, now)
    if found is not None:
        jobs.cut_off.wake(session, call_id=found.id)
        jobs.move_call.wake(session, call_id=found.id, step="alone")


@jobs.check_call_back.runner
@in_transaction
def check_call_back(work: Work, *, call_id: int, since: str) -> None:
    call = work.session.get(PhoneCall, call_id)
    if call is None or call.ticket_id is None:
        return
    ticket = work.session.get_one(Ticket, call.ticket_id)
    if ticket.state == TicketState.CLOSED or has_work(work.session, ticket.id, datetime.fromisoformat(since)):
        return
    words = "Asked to be called back, but no intervention or note since: paging again."
    record_event(work.session, ticket.id, work.now, EventKind.WARNING, words, key=f"call:{call.id}:not_called_back")
    open_page(work, ticket, PageCause.CALL_BACK, first=ticket.assignee_id or call.memo.left_by)

"""Conversations without the database: who pressed the key, and whether the two were really joined."""

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall import wording
from oncall.models import messages
from oncall.models.call_memo import Away, AwayState
from oncall.models.calls import PhoneCall
from oncall.models.messages import Channel
from oncall.models.pages import AttemptOutcome, PageState, Via, page_of
from oncall.models.people import Person
from oncall.models.tickets import (
    EventKind,
    Intervention,
    InterventionChannel,
    InterventionKind,
    Ticket,
    TicketState,
    record_event,
    take_back,
    tell_now,
)
from oncall.outage.journal import Entry
from oncall.outage.settling import settle_later
from oncall.paging.acknowledge import accept
from oncall.runtime import Runtime, Work
from oncall.tickets.intake import takes_texts
from oncall.tickets.interventions import tell_end

_UNREACHED: Final = (EventKind.FAILED, "{name}'s phone can't be reached.")
# What is told of somebody who did not come. An outcome that only another version knows is told as unreached.
_TOLD: Final = {
    AttemptOutcome.BUSY: (EventKind.BUSY, "{name}'s line is busy, or the call was declined."),
    AttemptOutcome.NO_ANSWER: (EventKind.NO_ANSWER, "No answer from {name}."),
    AttemptOutcome.FAILED: _UNREACHED,
    AttemptOutcome.NO_KEY: (EventKind.NO_KEY, "{name}'s phone was answered, but nobody pressed the key."),
}


def begun(session: Session, runtime: Runtime, call: PhoneCall, ticket: Ticket, person: Person, entry: Entry) -> None:
    """A person pressed the key: the ticket is theirs, an open page is accepted, so nobody else is rung."""
    if _told_backwards(session, call, person, entry):
        return
    page = page_of(session, ticket.id)
    if page is not None and page.state == PageState.PAGING:
        accept(Work(session, runtime, max(entry.at, page.opened_at)), page.id, person, Via.PHONE)
    else:
        _take(session, ticket, person, entry)
    key = f"away:{entry.key}"
    row = insert(Intervention).values(
        key=key,
        ticket_id=ticket.id,
        person_id=person.id,
        kind=InterventionKind.CALL,
        channel=InterventionChannel.PHONE,
        note="",
        started_at=entry.at,
    )
    session.execute(row.on_conflict_do_nothing())
    words = f"{person.name} and the caller are talking."
    record_event(session, ticket.id, entry.at, EventKind.JOINED, words, key=f"{key}:begun", person_id=person.id)
    call.waiting = False
    call.result = "joined with a technician"
    call.memo.away = Away(AwayState.TALKING, entry.at, work=key, person=person.id)
    if not call.live:  # should nothing tell of its end
        settle_later(session, runtime, call)


def _told_backwards(session: Session, call: PhoneCall, person: Person, entry: Entry) -> bool:
    """Whether the end of this very conversation was told before its beginning, as by two machines."""
    talk = call.memo.away
    if talk is None or talk.state != AwayState.TALKED or talk.person != person.id or talk.at < entry.at:
        return False
    work = session.scalars(select(Intervention).where(Intervention.key == talk.work)).one_or_none()
    if work is not None and work.ended_at is not None:
        work.started_at = min(work.started_at, entry.at)
        words = f"{person.name} and the caller are talking."
        tell_now(
            session,
            work.ticket_id,
            work.started_at,
            EventKind.JOINED,
            words,
            key=f"{work.key}:begun",
            person_id=person.id,
        )
        tell_end(session, work.ticket_id, person, work.key, work.started_at, work.ended_at)
    return True


def _take(session: Session, ticket: Ticket, person: Person, entry: Entry) -> None:
    ticket.assignee_id = person.id
    if ticket.state == TicketState.OPEN:
        ticket.state = TicketState.TAKEN
    ticket.taken_at = ticket.taken_at or entry.at
    words = f"{person.name} accepted on the phone."
    record_event(
        session, ticket.id, entry.at, EventKind.ACCEPTED, words, key=f"away:{entry.key}:accepted", person_id=person.id
    )


def ended(session: Session, runtime: Runtime, call: PhoneCall, ticket: Ticket, person: Person, entry: Entry) -> None:
    """A person is not rung any more. Only a bridge proves that they talked."""
    outcome = entry.more.get("outcome", AttemptOutcome.FAILED)
    kind, words = _TOLD.get(outcome, _UNREACHED)
    talk = call.memo.away if _is_open_talk(call.memo.away, person) else None
    if outcome == "talked":
        _close_work(session, runtime, call, ticket, person, entry, talk.work if talk is not None else None)
        return
    if talk is not None:
        session.execute(delete(Intervention).where(Intervention.key == talk.work))
        take_back(session, ticket.id, f"{talk.work}:ended")
        words = "{name} pressed the key, but the caller was gone: call back."
    words = words.format(name=person.name)
    record_event(session, ticket.id, entry.at, kind, words, key=f"away:{entry.key}", person_id=person.id)
    if entry.more.get("again"):  # they had talked before, and nobody is paged for a conversation that took place
        call.memo.away = Away(AwayState.TALKED, entry.at, person=person.id)
        return
    call.memo.away = Away(AwayState.ALONE if talk is not None else AwayState.RINGING, entry.at)
    settle_later(session, runtime, call)


def _is_open_talk(talk: Away | None, person: Person) -> bool:
    """Whether this person pressed the key, and no fact has told of an end: one that was guessed at is set right."""
    if talk is None or talk.person != person.id:
        return False
    return talk.state == AwayState.TALKING or (talk.state == AwayState.TALKED and talk.guessed)


def _close_work(
    session: Session,
    runtime: Runtime,
    call: PhoneCall,
    ticket: Ticket,
    person: Person,
    entry: Entry,
    key: str | None,
) -> None:
    if key is None:  # the key's own fact was lost, as with a disk that was full
        begun(session, runtime, call, ticket, person, entry)
        key = f"away:{entry.key}"
    work = session.scalars(select(Intervention).where(Intervention.key == key)).one_or_none()
    if work is not None:
        work.ended_at = max(entry.at, work.started_at)
        tell_end(session, ticket.id, person, key, work.started_at, work.ended_at)
    call.memo.away = Away(AwayState.TALKED, entry.at, work=key, person=person.id)
    call.memo.rung = False
    _thank(Work(session, runtime, entry.at), call, ticket, person)


def _thank(work: Work, call: PhoneCall, ticket: Ticket, person: Person) -> None:
    """The text after a conversation, as `follow_up_text` writes it: once a ticket, technician and number."""
    if call.number is None or not takes_texts(work.session, call.number):
        return
    messages.post(
        work.session,
        work.now,
        key=f"after:{ticket.id}:{person.id}:{call.number}",
        channel=Channel.TEXT,
        recipient=call.number,
        body=wording.afterwards_text(ticket, person, work.runtime.settings.company_name),
        ticket_id=ticket.id,
    )

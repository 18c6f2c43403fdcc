"""Conversations without the database: who pressed the key, and whether the two were really joined."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall import messages, wording
from oncall.away.journal import Entry
from oncall.away.settling import ALONE, AWAY, RINGING, TALKED, TALKING, mark, settle_later
from oncall.calls import PhoneCall
from oncall.goodbyes import RUNG
from oncall.hotline import page_of, takes_texts
from oncall.interventions import tell_end
from oncall.paging.accept import accept
from oncall.people import Person
from oncall.runtime import Runtime, Work
from oncall.tickets import Intervention, Ticket, take_back, tell, tell_now

_OUTCOMES = {
    "busy": "{name}'s line is busy, or the call was declined.",
    "no answer": "No answer from {name}.",
    "failed": "{name}'s phone can't be reached.",
    "no key": "{name}'s phone was answered, but nobody pressed the key.",
}


def begun(session: Session, runtime: Runtime, call: PhoneCall, ticket: Ticket, person: Person, entry: Entry) -> None:
    """A person pressed the key: the ticket is theirs, an open page is accepted, so nobody else is rung."""
    if _told_backwards(session, call, person, entry):
        return
    page = page_of(session, ticket.id)
    if page is not None and page.state == "paging":
        accept(Work(session, runtime, max(entry.at, page.opened_at)), page.id, person, "phone")
    else:
        _take(session, ticket, person, entry)
    key = f"away:{entry.key}"
    row = insert(Intervention).values(
        key=key, ticket_id=ticket.id, person_id=person.id, kind="call", channel="phone", note="", started_at=entry.at
    )
    session.execute(row.on_conflict_do_nothing())
    words = f"{person.name} and the caller are talking."
    tell(session, ticket.id, entry.at, "joined", words, key=f"{key}:begun", person_id=person.id)
    call.waiting = False
    call.result = "joined with a technician"
    mark(call, TALKING, entry.at, work=key, person=person.id)
    if not call.live:  # should nothing tell of its end
        settle_later(session, runtime, call)


def _told_backwards(session: Session, call: PhoneCall, person: Person, entry: Entry) -> bool:
    """Whether the end of this very conversation was told before its beginning, as by two machines."""
    talk = call.memo.get(AWAY, {})
    mine = talk.get("state") == TALKED and talk.get("person") == person.id
    if not mine or datetime.fromisoformat(talk["at"]) < entry.at:
        return False
    work = session.scalars(select(Intervention).where(Intervention.key == talk.get("work"))).one_or_none()
    if work is not None and work.ended_at is not None:
        work.started_at = min(work.started_at, entry.at)
        words = f"{person.name} and the caller are talking."
        tell_now(
            session, work.ticket_id, work.started_at, "joined", words, key=f"{work.key}:begun", person_id=person.id
        )
        tell_end(session, work.ticket_id, person, work.key, work.started_at, work.ended_at)
    return True


def _take(session: Session, ticket: Ticket, person: Person, entry: Entry) -> None:
    ticket.assignee_id = person.id
    if ticket.state == "open":
        ticket.state = "taken"
    ticket.taken_at = ticket.taken_at or entry.at
    words = f"{person.name} accepted on the phone."
    tell(session, ticket.id, entry.at, "accepted", words, key=f"away:{entry.key}:accepted", person_id=person.id)


def ended(session: Session, runtime: Runtime, call: PhoneCall, ticket: Ticket, person: Person, entry: Entry) -> None:
    """A person is not rung any more. Only a bridge proves that they talked."""
    outcome = entry.more.get("outcome", "failed")
    talk = call.memo.get(AWAY, {})
    # An end that was only guessed at, as its own fact was late, is set right.
    open_yet = talk.get("state") == TALKING or (talk.get("state") == TALKED and talk.get("guessed", False))
    pressed = open_yet and talk.get("person") == person.id
    if outcome == "talked":
        _close_work(session, runtime, call, ticket, person, entry, talk.get("work") if pressed else None)
        return
    if pressed:
        session.execute(delete(Intervention).where(Intervention.key == talk["work"]))
        take_back(session, ticket.id, f"{talk['work']}:ended")
        words = f"{person.name} pressed the key, but the caller was gone: call back."
    else:
        words = _OUTCOMES.get(outcome, _OUTCOMES["failed"]).format(name=person.name)
    kind = outcome.replace(" ", "_")
    tell(session, ticket.id, entry.at, kind, words, key=f"away:{entry.key}", person_id=person.id)
    if entry.more.get("again"):  # they had talked before, and nobody is paged for a conversation that took place
        mark(call, TALKED, entry.at, person=person.id)
        return
    mark(call, ALONE if pressed else RINGING, entry.at)
    settle_later(session, runtime, call)


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
    mark(call, TALKED, entry.at, work=key, person=person.id)
    call.memo.pop(RUNG, None)
    _thank(Work(session, runtime, entry.at), call, ticket, person)


def _thank(work: Work, call: PhoneCall, ticket: Ticket, person: Person) -> None:
    """The text after a conversation, as `oncall.afterwards` writes it: once a ticket, technician and number."""
    if call.number is None or not takes_texts(work.session, call.number):
        return
    messages.post(
        work.session,
        work.now,
        key=f"after:{ticket.id}:{person.id}:{call.number}",
        channel="text",
        recipient=call.number,
        body=wording.afterwards_text(ticket, person, work.runtime.settings.company_name),
        ticket_id=ticket.id,
    )

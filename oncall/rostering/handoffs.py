"""Handoffs: who comes on call and who goes off hears of it beforehand, and silence is told to those in charge.

A worker looks every minute. What was told is remembered by layer, instant and person, so nobody hears of the same
handoff twice, and somebody whose shift is covered after all hears that too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from oncall import messages, wording
from oncall.people import Person, Role
from oncall.roster_reading import load_rosters
from oncall.rostering.models import HandoffNotice
from oncall.rosters import Roster as RosterRow
from oncall.runtime import Runtime
from oncall.setting import paging_times
from oncall.tickets import Ticket
from schedules.roster import PersonId, Roster, duty_spans

# Who held a layer last is looked for this far back: a layer that is on duty at weekends only changes hands then.
_BEHIND: Final = timedelta(days=8)
_MOMENT: Final = timedelta(microseconds=1)
# However late the notice, the person has this long to answer, but not longer than to the handoff itself.
_TIME_TO_ANSWER: Final = timedelta(minutes=15)
_LATE_OK: Final = timedelta(hours=12)
_TICKETS_TOLD: Final = 5
_LOCK: Final = 7_215_005


@dataclass(frozen=True)
class Handoff:
    """At the instant (UTC) some come on call in a layer and some go off; who stays is in neither."""

    layer: str
    at: datetime
    on: tuple[PersonId, ...]
    off: tuple[PersonId, ...]


def handoffs(roster: Roster, start: datetime, end: datetime) -> Iterator[Handoff]:
    """Changes of people after `start` up to `end` (UTC). Pure.

    A layer that pauses (by its hours, say) and goes on with the same people has not changed hands.
    """
    for layer in roster.layers:
        last: tuple[PersonId, ...] = ()
        for span in duty_spans(roster, layer.name, start - _BEHIND, end + _MOMENT):
            if not span.people:
                continue
            if start < span.start <= end and set(span.people) != set(last):
                on = tuple(person for person in span.people if person not in last)
                off = tuple(person for person in last if person not in span.people)
                yield Handoff(layer.name, span.start, on, off)
            last = span.people


def watch_handoffs(session: Session, runtime: Runtime, now: datetime) -> None:
    """Tell everybody about the handoffs of the next hour (a setting), once, and those in charge about silence."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return  # another worker is at it
    lead = timedelta(seconds=paging_times(session).handoff_notice)
    ids = dict(session.execute(select(RosterRow.name, RosterRow.id)).all())
    people = {person.id: person for person in session.scalars(select(Person))}
    expected: set[tuple[int, str, datetime, int, bool]] = set()
    for roster in load_rosters(session, now - _BEHIND, now + lead + _MOMENT):
        for handoff in handoffs(roster, now, now + lead):
            for comes, group in ((True, handoff.on), (False, handoff.off)):
                for person_id in group:
                    expected.add((ids[roster.name], handoff.layer, handoff.at, int(person_id), comes))
                    _tell(session, runtime, roster, handoff, ids[roster.name], people[int(person_id)], comes, now)
    _correct(session, runtime, expected, now)
    _tell_silence(session, lead, now)


def confirm(session: Session, person: Person, now: datetime) -> HandoffNotice | None:
    """The person has said OK: the notice that this was about, or None. A second OK changes nothing."""
    query = select(HandoffNotice).where(
        HandoffNotice.person_id == person.id, HandoffNotice.comes, HandoffNotice.at > now - _LATE_OK
    )
    found = session.scalars(query.order_by(HandoffNotice.at.desc())).all()
    for notice in found:
        notice.confirmed_at = notice.confirmed_at or now
    return found[-1] if found else None


def _tell(
    session: Session,
    runtime: Runtime,
    roster: Roster,
    handoff: Handoff,
    roster_id: int,
    person: Person,
    comes: bool,
    now: datetime,
) -> None:
    row = insert(HandoffNotice).values(
        roster_id=roster_id, layer=handoff.layer, at=handoff.at, person_id=person.id, comes=comes, told_at=now
    )
    notice_id = session.scalar(row.on_conflict_do_nothing().returning(HandoffNotice.id))
    if notice_id is None:
        return
    words = wording.handoff_text(roster.name, handoff.layer, handoff.at, roster.time_zone, comes, now)
    _send(session, person, f"handoff:{notice_id}", f"{words} {_open_tickets(session)}", comes, now)


def _correct(
    session: Session, runtime: Runtime, expected: set[tuple[int, str, datetime, int, bool]], now: datetime
) -> None:
    """Who was told of a handoff that is not to come after all hears so."""
    for notice in session.scalars(select(HandoffNotice).where(HandoffNotice.at > now)):
        key = (notice.roster_id, notice.layer, notice.at, notice.person_id, notice.comes)
        if key not in expected:
            roster = notice.roster
            words = wording.handoff_off_text(roster.name, notice.layer, notice.at, roster.time_zone, notice.comes, now)
            _send(session, notice.person, f"handoff:{notice.id}:not", words, False, now)
            session.delete(notice)


def _tell_silence(session: Session, lead: timedelta, now: datetime) -> None:
    query = select(HandoffNotice).where(
        HandoffNotice.comes,
        HandoffNotice.confirmed_at.is_(None),
        HandoffNotice.silence_told_at.is_(None),
        HandoffNotice.at > now - lead,
    )
    for notice in session.scalars(query.with_for_update(of=HandoffNotice)):
        if now < max(notice.at - lead / 2, min(notice.told_at + _TIME_TO_ANSWER, notice.at)):
            continue
        notice.silence_told_at = now
        person, roster = notice.person, notice.roster
        words = wording.handoff_silence_text(person, roster.name, notice.layer, notice.at, roster.time_zone, now)
        for chief in _in_charge(session, person):
            _send(session, chief, f"handoff:{notice.id}:silence:{chief.id}", words, False, now)


def _in_charge(session: Session, but: Person) -> Sequence[Person]:
    roles = (Role.TEAM_LEADER, Role.SUPPORT_MANAGER)
    return session.scalars(select(Person).where(Person.role.in_(roles), Person.id != but.id).order_by(Person.id)).all()


def _send(session: Session, person: Person, key: str, words: str, asks: bool, now: datetime) -> None:
    text = f"{words} Reply OK." if asks else words
    messages.post(
        session, now, key=key, channel="text", recipient=person.phone, body=wording.gsm(text), person_id=person.id
    )
    if person.email:
        body = f"{words}\n" + ("\nPlease reply OK to the text on your phone.\n" if asks else "")
        messages.post(
            session,
            now,
            key=f"{key}:mail",
            channel="mail",
            recipient=person.email,
            subject=words.partition(".")[0],
            body=body,
            person_id=person.id,
        )


def _open_tickets(session: Session) -> str:
    found = session.scalars(select(Ticket).where(Ticket.state != "closed").order_by(Ticket.number)).all()
    if not found:
        return "No open ticket."
    told = [f"{ticket.number} {ticket.priority} {ticket.customer.name}" for ticket in found[:_TICKETS_TOLD]]
    more = f" and {len(found) - _TICKETS_TOLD} more" if len(found) > _TICKETS_TOLD else ""
    return f"Open tickets: {', '.join(told)}{more}."

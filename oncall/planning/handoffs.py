"""Handoffs: who comes on call and who goes off hears of it beforehand, and silence is told to those in charge.

A worker looks every minute. What was told is remembered by layer, instant and person, so nobody hears of the same
handoff twice, and somebody whose shift is covered after all hears that too. A change that puts somebody on call at once
(a cover from now on, a swap that is cancelled) is seen by comparing with who was on call at the look before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.locks import Lock
from oncall import wording
from oncall.delivery.text_codes import random_code
from oncall.models.people import ACTIVE, Person, Role, is_active
from oncall.models.planning.changes import HandoffNotice
from oncall.models.rosters import Roster as RosterRow
from oncall.models.rosters import RosterLayer
from oncall.models.stored_settings import paging_times, read, write
from oncall.planning.handoff_words import send
from oncall.rosters.bad_rosters import BadRoster, answered
from oncall.rosters.reading import load_rosters
from schedules.rosters.roster import PersonId, Roster, duty_spans, who_at

# Who held a layer last, or holds it next, is looked for this far: one that is on duty at weekends only pauses for days.
AROUND: Final = timedelta(days=8)
_MOMENT: Final = timedelta(microseconds=1)
# However late the notice, the person has this long to answer, but not longer than to the handoff itself.
_TIME_TO_ANSWER: Final = timedelta(minutes=15)
# Digits behind an OK, unless the settings say otherwise.
CODE_LENGTH: Final = 6
_LATE_OK: Final = timedelta(hours=12)
_SEEN: Final = "on_call_seen"

# Layer's id, instant, person's id, whether they come.
_Key: TypeAlias = tuple[int | None, datetime, int, bool]


@dataclass(frozen=True)
class Handoff:
    """At the instant (UTC) some come on call in a layer and some go off; who stays is in neither."""

    layer: str
    at: datetime
    on: tuple[PersonId, ...]
    off: tuple[PersonId, ...]


@dataclass(frozen=True)
class _Place:
    """A layer as notices name it."""

    roster_id: int
    roster: str
    layer_id: int
    layer: str
    zone: str


def handoffs(roster: Roster, start: datetime, end: datetime) -> Iterator[Handoff]:
    """Changes of people after `start` up to `end` (UTC). Pure.

    A layer that pauses (by its hours, say) and goes on with the same people has not changed hands; if others go on, the
    first ones went off when it paused.
    """
    for layer in roster.layers:
        last: tuple[PersonId, ...] = ()
        left = start
        for span in duty_spans(roster, layer.name, start - AROUND, end + AROUND):
            if not span.people:
                continue
            on = tuple(person for person in span.people if person not in last)
            off = tuple(person for person in last if person not in span.people)
            changes = [(span.start, on, off)] if left == span.start else [(left, (), off), (span.start, on, ())]
            for at, coming, going in changes:
                if (coming or going) and start < at <= end:
                    yield Handoff(layer.name, at, coming, going)
            last, left = span.people, span.end


def watch_handoffs(session: Session, now: datetime, code_length: int = CODE_LENGTH) -> None:
    """Tell everybody about the handoffs of the next hour (a setting), once, and those in charge about silence."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(Lock.HANDOFF_NOTICES))):
        return  # another worker is at it
    lead = timedelta(seconds=paging_times(session).handoff_notice)
    places = _places(session)
    rosters = load_rosters(session, now - AROUND, now + lead + AROUND)
    expected: set[_Key] = set()
    known: list[Roster] = []
    for roster in rosters:
        found = answered(roster, lambda each: (list(handoffs(each, now, now + lead)), who_at(each, now)))
        if isinstance(found, BadRoster):
            continue
        known.append(roster)
        for handoff in found[0]:
            place = places[roster.name, handoff.layer]
            for comes, group in ((True, handoff.on), (False, handoff.off)):
                for person in group:
                    expected.add((place.layer_id, handoff.at, int(person), comes))
                    _tell(session, place, handoff.at, int(person), comes, now, code_length)
    # Of a roster that can't be worked out nothing is known: what was told stands.
    unknown = {place.layer_id for place in places.values()} - {
        places[roster.name, layer.name].layer_id for roster in known for layer in roster.layers
    }
    _correct(session, expected, unknown, now, now + lead)
    _tell_sudden(session, known, places, unknown, now, lead, code_length)
    _tell_silence(session, lead, now)


def notices_with(session: Session, person: Person, code: str | None, now: datetime) -> Sequence[HandoffNotice]:
    """Notices that the person may confirm by OK and this code, locked, first handoff first.

    None: those of earlier releases, which have no code.
    """
    query = select(HandoffNotice).where(
        HandoffNotice.person_id == person.id,
        HandoffNotice.comes,
        HandoffNotice.at > now - _LATE_OK,
        HandoffNotice.code.is_not_distinct_from(code),
    )
    return session.scalars(query.order_by(HandoffNotice.at).with_for_update(of=HandoffNotice)).all()


def confirm(session: Session, person: Person, code: str | None, now: datetime) -> HandoffNotice | None:
    """The person has said OK: the notice that this was about, or None. A second OK changes nothing."""
    found = notices_with(session, person, code, now)
    waiting = [notice for notice in found if notice.confirmed_at is None]
    ahead = [notice for notice in found if notice.at > now]
    for notice in waiting:
        notice.confirmed_at = now
    return next(iter([*waiting, *ahead, *reversed(found)]), None)


def _places(session: Session) -> dict[tuple[str, str], _Place]:
    rows = session.execute(
        select(RosterRow.id, RosterRow.name, RosterLayer.id, RosterLayer.name, RosterRow.time_zone).join(
            RosterLayer, RosterLayer.roster_id == RosterRow.id
        )
    )
    return {(place.roster, place.layer): place for place in (_Place(*row) for row in rows)}


def _tell(
    session: Session, place: _Place, at: datetime, person_id: int, comes: bool, now: datetime, code_length: int
) -> None:
    if not is_active(session, person_id):
        return  # who has left goes off without a word
    code = _code_for(session, person_id, now, code_length) if comes else None
    row = insert(HandoffNotice).values(
        roster_id=place.roster_id,
        layer_id=place.layer_id,
        layer=place.layer,
        at=at,
        person_id=person_id,
        comes=comes,
        code=code,
        told_at=now,
    )
    notice_id = session.scalar(row.on_conflict_do_nothing().returning(HandoffNotice.id))
    if notice_id is not None:
        words = wording.handoff_text(place.roster, place.layer, at, place.zone, comes, now)
        send(session, session.get_one(Person, person_id), f"handoff:{notice_id}", words, now, code=code, tickets=True)


def _code_for(session: Session, person_id: int, now: datetime, length: int) -> str:
    """One OK confirms all that a person has been asked and not yet answered."""
    query = select(HandoffNotice.code).where(
        HandoffNotice.person_id == person_id,
        HandoffNotice.comes,
        HandoffNotice.confirmed_at.is_(None),
        HandoffNotice.at > now,
        HandoffNotice.code.is_not(None),
    )
    return session.scalar(query.order_by(HandoffNotice.id.desc()).limit(1)) or random_code(length)


def _correct(session: Session, expected: set[_Key], unknown: set[int], now: datetime, end: datetime) -> None:
    """Who was told of a handoff that is not to come after all hears so."""
    for notice in session.scalars(select(HandoffNotice).where(HandoffNotice.at > now, HandoffNotice.at <= end)):
        if notice.layer_id in unknown:
            continue
        if (notice.layer_id, notice.at, notice.person_id, notice.comes) not in expected:
            roster = notice.roster
            words = wording.handoff_off_text(roster.name, notice.layer, notice.at, roster.time_zone, notice.comes, now)
            if not notice.person.retired:
                send(session, notice.person, f"handoff:{notice.id}:not", words, now)
            session.delete(notice)


def _tell_sudden(
    session: Session,
    rosters: Sequence[Roster],
    places: dict[tuple[str, str], _Place],
    unknown: set[int],
    now: datetime,
    lead: timedelta,
    code_length: int,
) -> None:
    """Who is on call, or no longer, since the look before and has had no notice of it."""
    before: dict[str, list[int]] = read(session, _SEEN) or {}
    present = {key: held for key, held in before.items() if int(key) in unknown}
    for roster in rosters:
        for duty in who_at(roster, now):
            place = places[roster.name, duty.layer]
            key = str(place.layer_id)
            held = before.get(key)
            present[key] = [int(person) for person in duty.people] or held or []
            for person in set(present[key]) ^ set(present[key] if held is None else held):
                comes = person in present[key]
                if not _was_told(session, place, person, comes, now, lead):
                    _tell(session, place, now, person, comes, now, code_length)
    if present != before:
        write(session, _SEEN, present)


def _was_told(session: Session, place: _Place, person: int, comes: bool, now: datetime, lead: timedelta) -> bool:
    query = select(HandoffNotice.id).where(
        HandoffNotice.layer_id == place.layer_id,
        HandoffNotice.person_id == person,
        HandoffNotice.comes.is_(comes),
        HandoffNotice.at <= now,
        HandoffNotice.at > now - lead - AROUND,
        HandoffNotice.told_at > now - lead - AROUND,
    )
    newest_other = select(func.max(HandoffNotice.at)).where(
        HandoffNotice.layer_id == place.layer_id,
        HandoffNotice.person_id == person,
        HandoffNotice.comes.is_(not comes),
        HandoffNotice.at <= now,
    )
    other = session.scalar(newest_other)
    if other is not None:
        query = query.where(HandoffNotice.at > other)
    return session.scalar(query.limit(1)) is not None


def _tell_silence(session: Session, lead: timedelta, now: datetime) -> None:
    query = select(HandoffNotice).where(
        HandoffNotice.comes,
        HandoffNotice.confirmed_at.is_(None),
        HandoffNotice.silence_told_at.is_(None),
        HandoffNotice.at > now - lead,
    )
    for notice in session.scalars(query.with_for_update(of=HandoffNotice)):
        if notice.person.retired:
            continue
        at_once = notice.told_at >= notice.at
        patience = notice.told_at + _TIME_TO_ANSWER
        if now < max(notice.at - lead / 2, patience if at_once else min(patience, notice.at)):
            continue
        notice.silence_told_at = now
        person, roster = notice.person, notice.roster
        words = wording.handoff_silence_text(person, roster.name, notice.layer, notice.at, roster.time_zone, now)
        for chief in people_in_charge(session, person):
            send(session, chief, f"handoff:{notice.id}:silence:{chief.id}", words, now)


def people_in_charge(session: Session, but: Person) -> Sequence[Person]:
    """Team leaders and support managers, but for whom it is about."""
    roles = (Role.TEAM_LEADER, Role.SUPPORT_MANAGER)
    query = select(Person).where(Person.role.in_(roles), Person.id != but.id, ACTIVE)
    return session.scalars(query.order_by(Person.id)).all()

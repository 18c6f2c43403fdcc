"""A call's notes: typed, stored as before, and tolerant of other versions."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.db import Database
from oncall.models.call_memo import Arranged, Away, AwayState, CallMemo, Moved
from oncall.models.calls import NOTED_TWICE, PhoneCall, lock_call, memo_has, memo_value
from oncall.sla.promises import Priority
from tests.web.night import a_night

AT = datetime.fromisoformat("2026-06-14T02:00:00+00:00")
# What the version before stores, and what is read of it.
STORED = {
    "left_by": 7,
    "rung": True,
    "priority": "P2",
    "offered": ["+390"],
    "items": [3, 4],
    "readings": {"5": 2},
    "moved": {"turn": 3, "at": 12.5},
    "arranged": {"room": 2, "at": AT.isoformat()},
    "away": {"state": "talked", "at": AT.isoformat(), "work": "away:1", "person": 7, "guessed": True},
    "ticket": 9,
}


def test_what_the_version_before_has_stored_is_read_and_stored_again() -> None:
    memo = CallMemo.read(STORED)
    assert (memo.left_by, memo.rung, memo.priority) == (7, True, Priority.P2)
    assert (memo.offered, memo.items, memo.readings) == (("+390",), (3, 4), {"5": 2})
    assert (memo.moved, memo.arranged) == (Moved(3, 12.5), Arranged(2, AT))
    assert memo.away == Away(AwayState.TALKED, AT, "away:1", 7, guessed=True)
    assert memo.stored() == STORED


def test_what_is_as_usual_is_not_stored() -> None:
    assert CallMemo(silences=0, rung=False, rejoin_readings=1, readings={}).stored() == {}
    assert CallMemo(rings_from=0, offered=()).stored() == {"rings_from": 0, "offered": []}


UNREADABLE = [
    {"arranged": 5},
    {"arranged": {"room": 1}},
    {"away": {"state": "flying", "at": AT.isoformat()}},
    {"priority": "P9"},
    {"offered": "+390"},
    {"items": {"first": 3}},
]


@pytest.mark.parametrize("stored", UNREADABLE)
def test_what_can_not_be_read_counts_as_not_noted_and_is_kept(stored: dict[str, object]) -> None:
    """Until its field is set, also to what it counts as."""
    memo, [name] = CallMemo.read(stored), stored
    assert getattr(memo, name) == getattr(CallMemo(), name)
    memo.rung = True
    assert memo.stored() == {**stored, "rung": True}
    setattr(memo, name, getattr(CallMemo(), name))
    assert memo.stored() == {"rung": True}


@pytest.mark.parametrize("field", ["offered", "items", "registered", "away", "priority"])
def test_nothing_is_no_note(field: str) -> None:
    assert CallMemo.read({field: None}) == CallMemo()


def test_what_a_later_version_says_more_inside_a_field_is_kept() -> None:
    stored = {"moved": {"turn": 3, "at": 12.5, "why": "silence"}}
    memo = CallMemo.read(stored)
    assert memo.moved == Moved(3, 12.5)
    memo.rung = True
    assert memo.stored() == {**stored, "rung": True}
    memo.moved = Moved(4, 13.5)
    assert memo.stored() == {"moved": {"turn": 4, "at": 13.5}, "rung": True}


def test_notes_of_a_later_version_are_kept() -> None:
    memo = CallMemo.read({"mood": "calm", "rung": True})
    memo.rung = False
    assert memo.stored() == {"mood": "calm"}


def test_there_is_no_field_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="no field left_bi"):
        memo_has("left_bi")


@pytest.fixture
def call_id(database: Database, now: datetime) -> int:
    with database.transaction() as session:
        a_night(session, now)
        return session.scalars(select(PhoneCall.id).order_by(PhoneCall.id)).first() or 0


def locked(session: Session, call_id: int) -> PhoneCall:
    found = lock_call(session, call_id)
    assert found is not None
    return found


def test_a_change_is_written_and_found_by_queries(database: Database, call_id: int) -> None:
    with database.transaction() as session:
        call = locked(session, call_id)
        call.memo.left_by, call.memo.joins = 7, 3
        assert session.is_modified(call)
    with database.transaction() as session:
        assert session.scalars(select(PhoneCall.id).where(memo_has("left_by"))).all() == [call_id]
        assert session.scalars(select(PhoneCall.id).where(memo_value("joins").as_integer() == 3)).all() == [call_id]
        call = locked(session, call_id)
        call.memo.left_by = 7
        assert not session.is_modified(call), "the same again is no change"
        call.memo.left_by = None
    with database.transaction() as session:
        assert session.scalars(select(PhoneCall.id).where(memo_has("left_by"))).all() == []


def test_clearing_what_could_not_be_read_is_written(database: Database, call_id: int) -> None:
    with database.transaction() as session:
        flying = text("""UPDATE phone_call SET memo = '{"away": {"state": "flying"}}' WHERE id = :id""")
        session.execute(flying, {"id": call_id})
    with database.transaction() as session:
        call = locked(session, call_id)
        call.memo.rung = True
    with database.transaction() as session:
        assert session.scalars(select(PhoneCall.id).where(memo_has("away"), memo_has("rung"))).all() == [call_id]
        call = locked(session, call_id)
        call.memo.away = None
    with database.transaction() as session:
        assert session.scalars(select(PhoneCall.id).where(memo_has("away"))).all() == []


def test_columns_are_noted_for_processes_of_the_version_before(database: Database, call_id: int) -> None:
    with database.transaction() as session:
        call = locked(session, call_id)
        ticket_id = session.scalar(text("SELECT min(id) FROM ticket"))
        call.about_ticket_id, call.technician_call_id = ticket_id, call.id
        assert call.has_told
    with database.transaction() as session:
        stored = session.scalar(text("SELECT memo FROM phone_call WHERE id = :id"), {"id": call_id})
        assert (stored["ticket"], stored["technician_call"]) == (ticket_id, call_id)


def test_what_a_process_of_the_version_before_has_noted_is_taken_over(database: Database, call_id: int) -> None:
    """But not what is gone: such an id can't be a column's."""
    noted = text("UPDATE phone_call SET memo = CAST(:memo AS jsonb) WHERE id = :id")
    with database.transaction() as session:
        first, last = session.execute(text("SELECT min(id), max(id) FROM ticket")).one()
        locked(session, call_id).about_ticket_id = first
    with database.transaction() as session:
        session.execute(noted, {"id": call_id, "memo": f'{{"ticket": {last}, "known": 9999}}'})
        call = locked(session, call_id)
        assert (call.about_ticket_id, call.known_ticket_id) == (last, None)
        assert call.memo.known is None
    with database.transaction() as session:
        assert locked(session, call_id).about_ticket_id == last
    assert set(NOTED_TWICE.values()) <= set(CallMemo.__dataclass_fields__)

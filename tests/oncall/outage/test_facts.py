"""What facts become where the world has gone on meanwhile."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from psycopg.errors import LockNotAvailable, ReadOnlySqlTransaction, UniqueViolation
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import InternalError as SqlInternalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from ivr.offline.replaying import replay
from oncall.models.call_memo import AwayState
from oncall.models.calls import CallState, PhoneCall
from oncall.models.customers import Contract
from oncall.models.messages import Message
from oncall.models.pages import Page
from oncall.models.people import Person
from oncall.models.refusals import Refusal
from oncall.models.tickets import EventKind, Intervention, Ticket, TicketEvent
from oncall.outage.journal import Entry, Journal
from oncall.outage.replay import bring_in
from oncall.outage.settling import settle
from oncall.paging.acknowledge import stop_page
from oncall.runtime import Runtime, Work
from oncall.sla.promises import Priority
from oncall.tickets.intake import open_ticket, want_call_back
from tests.calls.people import ACME, DIRECTORY
from tests.loading import load_directory

SID = "CA" + "1" * 32


class World:
    """A database with the directory, and a journal that is brought into it."""

    def __init__(self, database: Database, now: datetime, folder: Path) -> None:
        settings = Settings(var_dir=folder, pin_key="a key for tests of facts")
        self.now, self.database = now, database
        self.runtime = Runtime(settings, database, ShiftedClock.starting_at(now))
        self.journal = Journal(settings)
        with database.transaction() as session:
            load_directory(session, DIRECTORY, now, settings.pin_secret)
            self.contract = session.scalars(select(Contract.id).order_by(Contract.id).limit(1)).one()
            self.ada = session.scalars(select(Person.id).where(Person.name == "Ada Rossi")).one()

    def happens(self, kind: str, second: int, **more: object) -> None:
        known = {"caller": ACME, "contract": self.contract} | more
        self.journal.write(Entry(f"{SID}:{second}:{kind}", self.now + timedelta(seconds=second), kind, SID, known))

    def bring_in(self) -> int:
        return bring_in(self.runtime, self.journal, lambda *_: None)

    def count(self, model: type) -> int:
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def world(database: Database, now: datetime, tmp_path: Path) -> World:
    return World(database, now, tmp_path)


def ordinary_call(world: World) -> int:
    """A call that has opened its ticket, whose answer was lost as the database went."""
    with world.database.transaction() as session:
        customer = session.get_one(Contract, world.contract).customer_id
        call = PhoneCall(
            sid=SID, direction="in", purpose="hotline", number=ACME, customer_id=customer, contract_id=world.contract,
            state="answered", step="priority", turn=3, created_at=world.now,
        )  # fmt: skip
        session.add(call)
        session.flush()
        open_ticket(Work(session, world.runtime, world.now), call, Priority.P1)
        return call.id


def test_a_ticket_whose_answer_was_lost_is_not_opened_again(world: World) -> None:
    row = ordinary_call(world)
    world.happens("offline", 1, row=row)
    world.happens("reported", 1, row=row, priority="P1")
    world.happens("ringing", 2, row=row, person=world.ada)
    world.happens("accepted", 20, row=row, person=world.ada)
    world.happens("dialed", 90, row=row, person=world.ada, outcome="talked")
    world.happens("over", 91, row=row, status="completed")
    assert world.bring_in() == 6
    assert (world.count(Ticket), world.count(Page), world.count(Intervention)) == (1, 1, 1)
    with world.database.transaction() as session:
        page = session.scalars(select(Page)).one()
        work = session.scalars(select(Intervention)).one()
        assert (page.state, page.accepted_by_id) == ("accepted", world.ada)
        assert work.ended_at == work.started_at + timedelta(seconds=70)


def test_a_second_problem_of_the_call_is_a_second_ticket(world: World) -> None:
    row = ordinary_call(world)
    world.happens("reported", 300, row=row, priority="P1")
    world.bring_in()
    assert world.count(Ticket) == 2


def test_a_contract_that_is_gone_leaves_the_caller_to_people(world: World) -> None:
    with world.database.transaction() as session:
        session.delete(session.get_one(Contract, world.contract))
    world.happens("came", 0)
    world.happens("reported", 5, priority="P1")
    world.happens("over", 60, status="completed")
    assert world.bring_in() == 3
    assert world.count(Ticket) == 0
    with world.database.transaction() as session:
        bodies = set(session.scalars(select(Message.body).where(Message.channel == "text")))
    assert len(bodies) == 1
    assert ACME in bodies.pop()


def test_a_person_who_is_gone_costs_nothing_else(world: World) -> None:
    world.happens("reported", 5, priority="P2")
    world.happens("ringing", 6, person=999_999)
    world.happens("dialed", 40, person=999_999, outcome="no answer")
    world.happens("nobody", 41)
    world.happens("recording", 80, sid="RE1", url="https://api.example.org/RE1", seconds=9)
    world.bring_in()
    assert (world.count(Ticket), world.count(Page)) == (1, 1)
    assert world.journal.is_empty()


def test_a_key_that_was_pressed_after_the_caller_had_gone(world: World) -> None:
    """No intervention, and the technician is rung again with the page."""
    world.happens("reported", 5, priority="P1")
    world.happens("ringing", 5, person=world.ada)
    world.happens("accepted", 20, person=world.ada)
    world.happens("dialed", 21, person=world.ada, outcome="no answer")
    world.happens("over", 21, status="completed")
    world.bring_in()
    assert world.count(Intervention) == 0
    with world.database.transaction() as session:
        call = session.scalars(select(PhoneCall)).one()
        assert call.memo.away is not None
        assert call.memo.away.state == AwayState.ALONE


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [("busy", EventKind.BUSY), ("no key", EventKind.NO_KEY), ("out of coins", EventKind.FAILED)],
)
def test_whoever_does_not_come_is_told_of(world: World, outcome: str, kind: EventKind) -> None:
    """The last word is another version's."""
    world.happens("reported", 5, priority="P1")
    world.happens("dialed", 21, person=world.ada, outcome=outcome)
    world.bring_in()
    with world.database.transaction() as session:
        told = select(TicketEvent.kind).where(TicketEvent.person_id == world.ada)
        assert session.scalars(told).all() == [kind]


def test_a_reason_that_only_another_version_knows_is_kept(world: World) -> None:
    world.happens("refused", 5, reason="full_moon")
    world.bring_in()
    assert world.journal.is_empty()
    with world.database.transaction() as session:
        assert session.scalars(select(Refusal.reason)).all() == ["full_moon"]


def test_what_makes_no_sense_is_kept_for_a_person(world: World) -> None:
    world.happens("reported", 5, priority="P1")
    world.happens("flew away", 6)
    world.happens("reported", 7, priority="P9")
    world.happens("over", 60, status="completed")
    assert world.bring_in() == 2
    assert world.count(Ticket) == 1
    assert world.journal.is_empty()
    assert len(list(world.journal.folder.glob("unreadable-*"))) == 1


def test_a_page_that_was_stopped_is_not_begun_again(world: World) -> None:
    """The look that follows a call without the database may come long after a manager has decided."""
    world.happens("reported", 1, priority="P1")
    world.happens("ringing", 2, person=world.ada)
    world.happens("over", 30, status="completed")
    world.bring_in()
    with world.database.transaction() as session:
        call = session.scalars(select(PhoneCall).where(PhoneCall.sid == SID)).one()
        later = world.now + timedelta(minutes=5)
        settle(Work(session, world.runtime, later), call)
        page = session.scalars(select(Page)).one()
        stop_page(session, page.ticket_id, page.cause, "A manager has decided.", later)
        settle(Work(session, world.runtime, later + timedelta(minutes=5)), call)
    assert world.count(Page) == 1


def work_of(world: World) -> list[tuple[float, float | None]]:
    """Begin and end of interventions, in seconds of the night."""
    with world.database.transaction() as session:
        rows = list(session.scalars(select(Intervention)))
    seconds = [
        [None if at is None else (at - world.now).total_seconds() for at in (r.started_at, r.ended_at)] for r in rows
    ]
    return [(begin or 0.0, end) for begin, end in seconds]


def look_again(world: World, second: int) -> None:
    with world.database.transaction() as session:
        call = session.scalars(select(PhoneCall).where(PhoneCall.sid == SID)).one()
        settle(Work(session, world.runtime, world.now + timedelta(seconds=second)), call)


def test_a_conversation_whose_end_is_told_by_nothing_ends_with_the_call(world: World) -> None:
    world.happens("reported", 1, priority="P1")
    world.happens("ringing", 2, person=world.ada)
    world.happens("accepted", 20, person=world.ada)
    world.happens("over", 91, status="completed")
    world.bring_in()
    look_again(world, 92)
    assert work_of(world) == [(20, None)], "its fact may come in this moment"
    look_again(world, 95)
    assert work_of(world) == [(20, 91)]
    assert world.count(Page) == 0


@pytest.mark.parametrize(("outcome", "expected"), [("talked", [(20, 90)]), ("no answer", [])])
def test_an_end_that_was_guessed_at_is_set_right(
    world: World, outcome: str, expected: list[tuple[float, float]]
) -> None:
    world.happens("reported", 1, priority="P1")
    world.happens("accepted", 20, person=world.ada)
    world.happens("over", 91, status="completed")
    world.bring_in()
    look_again(world, 92)
    look_again(world, 95)
    world.happens("dialed", 90, person=world.ada, outcome=outcome)
    world.bring_in()
    assert work_of(world) == expected
    look_again(world, 200)
    assert world.count(Page) == (0 if expected else 1)
    with world.database.transaction() as session:
        told = list(session.scalars(select(TicketEvent.words).where(TicketEvent.words.contains("ended after"))))
    assert told == (["Intervention of Ada Rossi by phone ended after 1 min 10 s."] if expected else [])


def test_an_end_that_is_told_before_its_beginning(world: World) -> None:
    """Two machines bring their journals in: one conversation, from the key to the end."""
    world.happens("reported", 1, priority="P1")
    world.happens("dialed", 90, person=world.ada, outcome="talked")
    world.happens("over", 91, status="completed")
    world.bring_in()
    world.happens("accepted", 20, person=world.ada)
    world.bring_in()
    assert work_of(world) == [(20, 90)]


def test_a_try_after_a_conversation_leaves_it_alone(world: World) -> None:
    """One that was really told of, whatever is told of the next ring."""
    world.happens("reported", 1, priority="P1")
    world.happens("accepted", 20, person=world.ada)
    world.happens("dialed", 90, person=world.ada, outcome="talked")
    world.happens("dialed", 140, person=world.ada, outcome="no answer")
    world.happens("over", 150, status="completed")
    world.bring_in()
    assert work_of(world) == [(20, 90)]


def test_a_conversation_that_is_told_of_after_the_call_ends_too(world: World) -> None:
    """Another machine has noted the call's end; what is known of the key comes later, and nothing of its end."""
    world.happens("reported", 1, priority="P1")
    world.happens("over", 91, status="completed")
    world.bring_in()
    world.happens("accepted", 20, person=world.ada)
    world.bring_in()
    with world.database.transaction() as session:
        due = select(func.count()).select_from(text("procrastinate_jobs"))
        assert session.scalar(due.where(text("task_name = 'settle_away' AND scheduled_at IS NOT NULL"))) == 2
    look_again(world, 95)
    look_again(world, 99)
    assert work_of(world) == [(20, 91)]


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, UniqueViolation("a row that was made this moment")),
        PoolTimeoutError("all connections are in use"),
        OperationalError("INSERT", {}, LockNotAvailable("somebody holds it")),
        SqlInternalError("INSERT", {}, ReadOnlySqlTransaction("a standby")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_that_passes_loses_no_fact(world: World, error: Exception) -> None:
    """A report that can't be noted in this moment is noted in another."""
    faults = [error]
    noted: list[str] = []

    def note(_runtime: Runtime, endpoint: str, *_: object) -> None:
        if faults:
            raise faults.pop()
        noted.append(endpoint)

    more = {"endpoint": "room_events", "args": {}, "form": {}}
    world.journal.write(Entry("a report", world.now, "report", SID, more))
    with suppress(SQLAlchemyError):
        bring_in(world.runtime, world.journal, note)
    bring_in(world.runtime, world.journal, note)
    assert noted == ["room_events"]
    assert world.journal.is_empty()
    assert not list(world.journal.folder.glob("unreadable-*"))


def test_a_number_that_was_wrong_is_forgotten(world: World) -> None:
    """It was agreed upon with the database, and taken back without it."""
    row = ordinary_call(world)
    with world.database.transaction() as session:
        want_call_back(session, session.get_one(PhoneCall, row), "+390212345699", world.now)
    world.happens("number_wrong", 5, row=row)
    assert world.bring_in() == 1
    with world.database.transaction() as session:
        assert session.scalars(select(Ticket)).one().callback_number is None
        assert not session.get_one(PhoneCall, row).memo.wants_call


@pytest.mark.parametrize(
    ("wrong_keys", "words"), [(True, "Only keys that are not in use"), (None, "No key was pressed")]
)
def test_what_was_pressed_on_an_open_line(world: World, wrong_keys: bool | None, words: str) -> None:
    row = ordinary_call(world)
    world.happens("silent", 5, row=row, person=world.ada, **({"wrong_keys": True} if wrong_keys else {}))
    assert world.bring_in() == 1
    with world.database.transaction() as session:
        lines = session.scalars(select(TicketEvent.words)).all()
        assert (session.get_one(PhoneCall, row).memo.only_wrong_keys) is bool(wrong_keys)
    assert any(line.startswith(words) for line in lines)


@pytest.mark.parametrize("error", [OverflowError("date"), RuntimeError("a fault"), KeyError("x"), RecursionError()])
def test_a_report_that_can_not_be_noted_stops_no_other(world: World, error: Exception) -> None:
    """It is logged, its batch put aside for a person, and what follows is brought in."""
    noted: list[int] = []

    def replay(runtime: object, endpoint: str, args: Mapping[str, int], *_: object) -> None:
        if args["call_id"] == 2:
            raise error
        noted.append(args["call_id"])

    for number in (1, 2, 3):
        more = {"endpoint": "outgoing_status", "args": {"call_id": number}, "form": {}}
        world.journal.write(Entry(f"report:{number}", world.now, "report", SID, more))
    assert bring_in(world.runtime, world.journal, replay) == 2
    assert noted == [1, 3]
    assert world.journal.is_empty()
    assert len(list(world.journal.folder.glob("unreadable-*"))) == 1


def test_a_report_that_meets_a_busy_database_is_noted_later(world: World) -> None:
    tried: list[int] = []

    def replay(*_: object) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise OperationalError("", {}, LockNotAvailable())

    more = {"endpoint": "outgoing_status", "args": {"call_id": 1}, "form": {}}
    world.journal.write(Entry("report:1", world.now, "report", SID, more))
    with pytest.raises(OperationalError):
        bring_in(world.runtime, world.journal, replay)
    assert bring_in(world.runtime, world.journal, replay) == 1
    assert world.journal.is_empty()


@pytest.mark.parametrize("year", [9999, 1900, 2100])
def test_a_kept_report_with_a_stamp_of_other_times_is_noted(world: World, year: int) -> None:
    with world.database.transaction() as session:
        call = PhoneCall(sid=SID, direction="out", purpose="hotline", number=ACME, created_at=world.now)
        call.state, call.step = CallState.RINGING, CallState.ANSWERED
        session.add(call)
        session.flush()
        call_id = call.id
    form = {"CallSid": SID, "CallStatus": "completed", "Timestamp": f"Fri, 31 Dec {year} 23:59:59 -0500"}
    more = {"endpoint": "outgoing_status", "args": {"call_id": call_id}, "form": form}
    world.journal.write(Entry("report:1", world.now, "report", SID, more))
    assert bring_in(world.runtime, world.journal, replay) == 1
    with world.database.transaction() as session:
        call = session.get_one(PhoneCall, call_id)
        assert (call.state, call.ended_at) == ("ended", world.now)

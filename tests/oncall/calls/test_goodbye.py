"""The technician's line has ended: what counts as a conversation, who is asked, who is rung how often, who is told."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.clock import ShiftedClock
from core.db import Database
from core.settings import Settings
from oncall.calls.call_end import end_call
from oncall.calls.conference import Move, callers_to_bring, send_to_room, settle_room
from oncall.calls.goodbye import Talked, arrange, judge, last_ring, may_ring, note_goodbye, ring, ringing
from oncall.calls.goodbye_jobs import check_call_back, check_rejoined, conclude_goodbye
from oncall.calls.participants import room_for, stay_joined, stay_left
from oncall.calls.placing import still_wanted
from oncall.delivery.mail import build_mailer
from oncall.delivery.sender import Sender
from oncall.directory import DirectoryError, parse
from oncall.models.calls import PhoneCall, memo_has
from oncall.models.conferences import Conference, Participant, ParticipantRole
from oncall.models.customers import Contract, Customer, Region
from oncall.models.messages import Message
from oncall.models.pages import Page, PageCause, PageState, Via
from oncall.models.people import Person
from oncall.models.stored_settings import PAGING, paging_times, write
from oncall.models.tickets import InterventionChannel, Ticket, TicketEvent
from oncall.paging.acknowledge import accepted_with_caller
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work
from oncall.sla.paging_times import PagingTimes
from oncall.tickets.notes import write_note
from tests.woken import enqueued

GRACE = timedelta(seconds=4)
SECOND = timedelta(seconds=1)


# --- what counts as a conversation (pure) ---


def stay(
    role: str, call_id: int, sent: float, joined: float | None, left: float | None, start: datetime
) -> Participant:
    """A stay, in seconds from `start`."""
    times = [None if value is None else start + timedelta(seconds=value) for value in (sent, joined, left)]
    found = Participant(role=role, call_id=call_id, person_id=1 if role == "technician" else None)
    found.sent_at, found.joined_at, found.left_at = times  # type: ignore[assignment]
    return found


@pytest.mark.parametrize(
    ("technician", "caller", "at", "expected", "seconds"),
    [
        ((0, 1, 61), (2, 3, None), 61, Talked.YES, 58),
        ((0, 1, 2), (1, 3, None), 9, Talked.NO, 0),  # gone before the caller came
        ((0, 1, 2), (1, None, None), 3, Talked.UNKNOWN, 0),  # the report of the caller may still come
        ((0, 1, 2), (1, None, None), 6, Talked.NO, 0),  # reports do come, and this one did not
        ((0, None, 30), (1, None, None), 31, Talked.UNKNOWN, 0),
        ((0, None, 30), (1, None, None), 34, Talked.YES, 29),  # nothing is reported at all: by the documents
        ((0, None, 30), (31, None, None), 40, Talked.NO, 0),
        ((0, None, 30), (1, 2, None), 30, Talked.YES, 28),  # the technician's arrival was lost
        ((0, 1, 30), (1, 2, 10), 30, Talked.YES, 8),
    ],
)
def test_what_counts_as_a_conversation(
    now: datetime,
    technician: tuple[float, float | None, float],
    caller: tuple[float, float | None, float | None],
    at: float,
    expected: Talked,
    seconds: float,
) -> None:
    technicians, callers = [stay("technician", 1, *technician, now)], [stay("caller", 2, *caller, now)]
    found, length = judge(technicians, callers, now + timedelta(seconds=at), GRACE)
    assert (found, length.total_seconds()) == (expected, seconds)


def test_two_technicians_one_after_the_other_are_one_conversation(now: datetime) -> None:
    technicians = [stay("technician", 1, 0, 1, 40, now), stay("technician", 3, 20, 21, 90, now)]
    found, length = judge(technicians, [stay("caller", 2, 1, 2, None, now)], now + 90 * SECOND, GRACE)
    assert (found, length.total_seconds()) == (Talked.YES, 88)


# --- rows ---


@pytest.fixture
def runtime(database: Database, now: datetime) -> Runtime:
    return Runtime(Settings(), database, ShiftedClock.starting_at(now))


@pytest.fixture
def ticket(session: Session, now: datetime) -> Ticket:
    return a_ticket(session, now)


def a_ticket(session: Session, now: datetime) -> Ticket:
    customer = Customer(name="Acme")
    session.add_all([Region(name="europe", time_zone="Europe/Rome"), customer])
    session.flush()
    terms = {"plan": "platinum", "start_date": now.date(), "end_date": now.date(), "paid": True}
    contract = Contract(customer_id=customer.id, region_name="europe", **terms)
    session.add(contract)
    session.flush()
    about = {"customer_id": customer.id, "contract_id": contract.id, "caller_number": "+390212345678"}
    found = Ticket(origin="test", priority="P1", channel="hotline", opened_at=now, **about)
    session.add(found)
    session.flush()
    return found


def a_technician(session: Session, name: str = "Ada Rossi", number: int = 1) -> Person:
    person = Person(name=name, phone=f"+39347000000{number}", role="technician")
    session.add(person)
    session.flush()
    return person


def a_call(session: Session, ticket: Ticket, now: datetime, person: Person | None = None, **values: str) -> PhoneCall:
    fields = {"purpose": "hotline" if person is None else "page", "step": "left"} | values
    call = PhoneCall(
        sid=f"CA{session.query(PhoneCall).count()}",
        direction="in" if person is None and fields["purpose"] == "hotline" else "out",
        number="+390212345678" if person is None else person.phone,
        ticket_id=ticket.id,
        person_id=None if person is None else person.id,
        state="answered",
        turn=3,
        created_at=now,
        answered_at=now,
        **fields,
    )
    session.add(call)
    session.flush()
    return call


def in_room(session: Session, call: PhoneCall, room: Conference, now: datetime) -> Participant:
    found = send_to_room(
        session, call, room, ParticipantRole.CALLER if call.person_id is None else ParticipantRole.TECHNICIAN, now
    )
    stay_joined(session, found, now)
    return found


def over(session: Session, call: PhoneCall, at: datetime) -> None:
    end_call(session, call, "completed", at)
    session.flush()


def steps(moves: list[Move]) -> dict[int, str]:
    return {move.call_id: move.step for move in moves}


def test_all_callers_are_asked_at_once_and_no_page_is_opened(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada = a_technician(session)
    room = room_for(session, ticket.id, now)
    technician, first, second = a_call(session, ticket, now, ada), a_call(session, ticket, now), None
    in_room(session, technician, room, now)
    in_room(session, first, room, now)
    second = a_call(session, ticket, now)
    in_room(session, second, room, now)
    over(session, technician, now + 30 * SECOND)
    moves = settle_room(Work(session, runtime, now + 30 * SECOND), room.id)
    assert steps(moves) == {first.id: "hung_up", second.id: "hung_up"}
    assert first.waiting
    assert second.waiting
    assert session.query(Page).count() == 0
    # reports that come twice, or late, change nothing
    stay_left(session, session.query(Participant).order_by(Participant.id).all()[0], now + 29 * SECOND)
    assert settle_room(Work(session, runtime, now + 31 * SECOND), room.id) == []
    # one ring for both of them, however many ask for it
    ring(session, first, now)
    ring(session, second, now)
    assert session.query(PhoneCall).filter(memo_has("rejoins")).count() == 1


def test_one_of_two_technicians_leaves(session: Session, runtime: Runtime, ticket: Ticket, now: datetime) -> None:
    """Nothing happens; when the second one leaves too, it is them who are rung."""
    ada, bruno = a_technician(session), a_technician(session, "Bruno Verdi", 2)
    room = room_for(session, ticket.id, now)
    calls = [a_call(session, ticket, now, person) for person in (ada, bruno, None)]
    for call in calls:
        in_room(session, call, room, now)
    over(session, calls[0], now + 10 * SECOND)
    assert settle_room(Work(session, runtime, now + 10 * SECOND), room.id) == []
    over(session, calls[1], now + 20 * SECOND)
    assert steps(settle_room(Work(session, runtime, now + 20 * SECOND), room.id)) == {calls[2].id: "hung_up"}
    assert calls[2].memo.left_by == bruno.id


@pytest.mark.parametrize("how", ["at the keys", "handed over"])
def test_a_technician_who_arranges_something_has_not_hung_up(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime, how: str
) -> None:
    """Star leads to the keys; who has handed over or ended the conversation may hang up before the job is done."""
    room = room_for(session, ticket.id, now)
    technician, caller = a_call(session, ticket, now, a_technician(session)), a_call(session, ticket, now)
    there = in_room(session, technician, room, now)
    in_room(session, caller, room, now)
    stay_left(session, there, now + 10 * SECOND)
    if how == "at the keys":
        technician.step = "aside"
    else:
        arrange(technician, room.id, now + 11 * SECOND)
        over(session, technician, now + 11 * SECOND)
    assert settle_room(Work(session, runtime, now + 12 * SECOND), room.id) == []


def test_without_a_conversation_the_page_goes_on_with_the_next(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada = a_technician(session)
    room = room_for(session, ticket.id, now)
    technician, caller = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    in_room(session, technician, room, now)
    over(session, technician, now + 2 * SECOND)
    in_room(session, caller, room, now + 3 * SECOND)
    assert steps(settle_room(Work(session, runtime, now + 3 * SECOND), room.id)) == {caller.id: "dropped"}
    [page] = session.query(Page)
    assert (page.cause, page.first_person_id, page.after_person_id) == ("not joined", None, ada.id)


def test_who_hangs_up_before_coming_back_was_rung_in_vain(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """They pressed 1 and were gone before the caller was there: no page for a caller who has talked."""
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada, step="rejoining")
    room = room_for(session, ticket.id, now)
    technician = a_call(session, ticket, now, ada)
    in_room(session, technician, room, now)
    over(session, technician, now)
    assert callers_to_bring(Work(session, runtime, now), room.id) == []
    assert session.query(Page).count() == 0
    in_room(session, caller, room, now + SECOND)
    assert steps(settle_room(Work(session, runtime, now + SECOND), room.id)) == {caller.id: "unreached"}
    assert session.query(Page).count() == 0


def test_a_search_for_a_colleague_becomes_one_for_whoever_takes_over(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    ada = a_technician(session)
    room = room_for(session, ticket.id, now)
    technician, caller = a_call(session, ticket, now, ada), a_call(session, ticket, now)
    in_room(session, technician, room, now)
    in_room(session, caller, room, now)
    page = open_page(Work(session, runtime, now), ticket, PageCause.COLLEAGUE)
    over(session, technician, now + 5 * SECOND)
    settle_room(Work(session, runtime, now + 5 * SECOND), room.id)
    assert (page.cause, page.state) == (PageCause.HUNG_UP, "paging")


# --- rings ---


def left(session: Session, call: PhoneCall, person: Person, step: str = "hung_up_key", seconds: float = 5) -> None:
    """A technician has left this caller after so many seconds of conversation."""
    note_goodbye(session, call, person.id, timedelta(seconds=seconds))
    call.step = step
    session.flush()


def test_two_rings_in_a_call_answered_or_not(session: Session, ticket: Ticket, now: datetime) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada)
    for result in ("no-answer", "completed"):
        assert may_ring(session, caller)
        ring(session, caller, now)
        rung = ringing(session, ticket.id, now)
        assert rung is not None
        assert (rung.person_id, rung.state) == (ada.id, "queued")
        end_call(session, rung, result, now)
        left(session, caller, ada)  # they talked again, for less than a minute
    assert not may_ring(session, caller)
    left(session, caller, ada, seconds=60)
    assert not may_ring(session, caller), "not more than a minute"
    left(session, caller, ada, seconds=61)
    assert may_ring(session, caller)


@pytest.mark.parametrize("busy", ["rung for another page", "talking with another caller"])
def test_a_busy_technician_counts_as_rung(session: Session, ticket: Ticket, now: datetime, busy: str) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada)
    a_call(session, ticket, now, ada, step="choose" if busy.startswith("rung") else "left")
    ring(session, caller, now)
    found = last_ring(session, ticket.id)
    assert found is not None
    assert (found.state, found.result) == ("ended", "busy")
    assert ringing(session, ticket.id, now) is None
    ring(session, caller, now)
    assert not may_ring(session, caller)


def test_a_ring_whose_end_was_lost_does_not_hold_the_caller(session: Session, ticket: Ticket, now: datetime) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada)
    rung = a_call(session, ticket, now, ada, purpose="connect", step="rejoin_key")
    rung.memo.rejoins = True
    session.flush()
    assert ringing(session, ticket.id, now + 99 * SECOND) is not None
    assert ringing(session, ticket.id, now + 100 * SECOND) is None


def test_the_ring_is_wanted_while_a_caller_is_there(session: Session, ticket: Ticket, now: datetime) -> None:
    ada, caller = a_technician(session), a_call(session, ticket, now)
    left(session, caller, ada)
    ring(session, caller, now)
    rung = ringing(session, ticket.id, now)
    assert rung is not None
    assert still_wanted(session, rung)
    over(session, caller, now)
    assert not still_wanted(session, rung)


def test_an_acceptance_is_not_left_open_by_who_has_talked(
    session: Session, runtime: Runtime, ticket: Ticket, now: datetime
) -> None:
    """The end of the technician's call must not open a page for a caller who is asked what comes next."""
    ada, caller = a_technician(session), a_call(session, ticket, now)
    page = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
    page.state, page.accepted_at, page.accepted_by_id, page.accepted_via = PageState.ACCEPTED, now, ada.id, Via.PHONE
    caller.waiting = True
    session.flush()
    assert [one.id for one in accepted_with_caller(session, ada.id)] == [page.id]
    left(session, caller, ada)
    assert accepted_with_caller(session, ada.id) == []


# --- what jobs do ---


class Quiet:
    """A network that takes every request."""

    def __init__(self) -> None:
        self.moved: list[tuple[int, str]] = []

    def move_call(self, sid: str, call_id: int, step: str, turn: int) -> None:
        self.moved.append((call_id, step))


@pytest.fixture
def network() -> Quiet:
    return Quiet()


@pytest.fixture
def desk(runtime: Runtime, network: Quiet, tmp_path: Path) -> Sender:
    return Sender(runtime, network, build_mailer(Settings(var_dir=tmp_path)))  # type: ignore[arg-type]


def night(database: Database, now: datetime, step: str, **memo: bool) -> tuple[int, int]:
    """A caller whom Ada has left, and Ada's call that was to bring her back and is over: their ids."""
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada, caller = a_technician(session), a_call(session, ticket, now)
        ticket.assignee_id = ada.id
        left(session, caller, ada, step=step)
        for name, value in memo.items():
            setattr(caller.memo, name, value)
        ring(session, caller, now)
        rung = ringing(session, ticket.id, now)
        assert rung is not None
        end_call(session, rung, "no-answer", now)
        return caller.id, rung.id


def texts(database: Database) -> list[str]:
    with database.transaction() as session:
        return [message.body for message in session.query(Message).order_by(Message.id)]


@pytest.mark.parametrize(("step", "moved"), [("rejoining", True), ("hung_up_key", False), ("next_key", False)])
def test_a_ring_in_vain_leads_callers_on_who_wait_for_it(
    database: Database, desk: Sender, network: Quiet, now: datetime, step: str, moved: bool
) -> None:
    caller, rung = night(database, now, step)
    check_rejoined(desk, call_id=rung)
    check_rejoined(desk, call_id=rung)
    assert network.moved == ([(caller, "unreached")] if moved else [])
    with database.transaction() as session:
        assert session.query(TicketEvent).filter(TicketEvent.words == "No answer from Ada Rossi.").count() == 1


@pytest.mark.parametrize(
    ("memo", "words"),
    [
        ({}, None),
        ({"rung": True}, "we rang you again. The caller has hung up now"),
        ({"rung": True, "silent": True}, "no key was pressed, so the call was ended"),
        ({"rung": True, "wants_call": True}, "the caller asks you to call back +390212345678"),
    ],
    ids=["done", "gave up", "silent", "call back"],
)
def test_the_technician_is_told_once(
    database: Database, desk: Sender, now: datetime, memo: dict[str, bool], words: str | None
) -> None:
    caller, _ = night(database, now, "next_key", **memo)
    conclude_goodbye(desk, call_id=caller)
    assert texts(database) == [], "the caller is still there"
    with database.transaction() as session:
        over(session, session.get_one(PhoneCall, caller), now)
    for _ in range(2):
        conclude_goodbye(desk, call_id=caller)
    assert len(texts(database)) == (words is not None)
    assert words is None or words in texts(database)[0]


def test_a_caller_who_was_joined_again_and_hangs_up_first_is_no_news(
    database: Database, desk: Sender, now: datetime
) -> None:
    caller, _ = night(database, now, "left", rung=True)
    with database.transaction() as session:
        over(session, session.get_one(PhoneCall, caller), now)
    conclude_goodbye(desk, call_id=caller)
    assert texts(database) == []


@pytest.mark.parametrize("called", [False, True])
def test_a_call_back_that_nobody_makes_is_paged(database: Database, desk: Sender, now: datetime, called: bool) -> None:
    caller, _ = night(database, now, "callback", wants_call=True)
    with database.transaction() as session:
        call = session.get_one(PhoneCall, caller)
        over(session, call, now)
    conclude_goodbye(desk, call_id=caller)
    with database.transaction() as session:
        if called:
            ada = session.query(Person).one()
            write_note(
                session,
                session.query(Ticket).one().id,
                ada,
                InterventionChannel.PHONE,
                "called",
                "note",
                now + 60 * SECOND,
            )
    check_call_back(desk, call_id=caller, since=now.isoformat())
    with database.transaction() as session:
        pages = [(page.cause, page.first_person_id) for page in session.query(Page)]
    assert pages == ([] if called else [("call back", 1)])


def test_with_the_last_caller_gone_nobody_is_called(database: Database, desk: Sender, now: datetime) -> None:
    """Neither the technician nor the colleague who was to help."""
    with database.transaction() as session:
        ticket = a_ticket(session, now)
        ada, caller = a_technician(session), a_call(session, ticket, now)
        left(session, caller, ada, step="rejoining")
        open_page(Work(session, desk.runtime, now), ticket, PageCause.HUNG_UP)
        ring(session, caller, now)
        over(session, caller, now)
        caller_id = caller.id
        assert enqueued(session).count("conclude_goodbye") == 1
    conclude_goodbye(desk, call_id=caller_id)
    with database.transaction() as session:
        assert [page.state for page in session.query(Page)] == ["stopped"]


# --- settings ---


def test_the_times_stand_in_the_directory_file_and_in_the_readme() -> None:
    directory = parse(
        "paging: {goodbye_pause: 12, goodbye_rings: 1, goodbye_talk: 90, goodbye_silence: 30, drop_grace: 4}"
    )
    assert directory.paging["goodbye_pause"] == 12
    with pytest.raises(DirectoryError, match="goodbye_rings must be a whole number from 1"):
        parse("paging: {goodbye_rings: 0}")
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `(goodbye_\w+|drop_grace)` \|.*\| (\d+) \|$", text, re.MULTILINE))
    assert stated == {name: str(getattr(PagingTimes(), name)) for name in stated}
    assert len(stated) == 5


def test_what_only_a_later_version_knows_is_left_out(session: Session) -> None:
    """Two versions work side by side during a deploy."""
    write(session, PAGING, {"no_answer": 30, "of_tomorrow": 5})
    session.info.pop(PAGING, None)
    assert paging_times(session).no_answer == 30

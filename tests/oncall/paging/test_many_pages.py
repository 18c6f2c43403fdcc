"""Many pages at once: one text, one call, all accepted with one key; and the time to answer when calls are queued."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from core.clock import real_now
from core.db import Database
from core.settings import Settings
from core.text.letters import gsm, segments
from oncall import wording
from oncall.delivery import text_codes
from oncall.delivery.mail import FolderMailer
from oncall.delivery.sender import Sender
from oncall.models.calls import CallState, PhoneCall
from oncall.models.messages import Message, MessageState
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState
from oncall.models.people import Person
from oncall.paging import engine
from oncall.paging.bundling import GATHER, GATHER_IN_STORM
from oncall.paging.call_queue import AT_ONCE, accept_all, accept_rest, count_told, told_first
from oncall.paging.ringing import MANY
from oncall.runtime import Runtime, Work
from tests.calls.switchboard import StandingClock
from tests.oncall.delivery.night_queue import fill, page, person, tickets, waits
from worker import pacer
from worker.sending import MESSAGES, MessageOrder
from worker.tasks import sweep

MINUTE = timedelta(minutes=1)


class Night:
    """A clock that stands still at night, and who is on call."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.clock = StandingClock(now, now - real_now())
        settings = Settings(calls_per_second=1, texts_per_second=10)
        self.runtime = Runtime(settings, database, self.clock)
        # Nothing is sent here: rows are only claimed.
        self.desk = Sender(self.runtime, None, FolderMailer(settings.var_dir, "a@example.org"))  # type: ignore[arg-type]

    @property
    def now(self) -> datetime:
        return self.clock.instant

    def page(self, session: Session, priority: str = "P1") -> Page:
        return page(session, self.runtime, self.now, priority)

    def claim(self, session: Session, message: Message) -> MessageOrder:
        order = MESSAGES.claim(Work(session, self.runtime, self.now), self.desk, message)
        assert order is not None
        session.flush()
        return order


@pytest.fixture
def night(database: Database, now: datetime) -> Night:
    with database.transaction() as session:
        fill(session, now)
    return Night(database, now)


@pytest.fixture
def session(night: Night) -> Iterator[Session]:
    with night.database.transaction() as session:
        yield session
        session.rollback()


def texts(session: Session) -> list[Message]:
    found = select(Message).where(Message.page_id.is_not(None)).order_by(Message.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def test_what_is_queued_for_one_person_goes_out_as_one_text(night: Night, session: Session) -> None:
    pages = [night.page(session, priority) for priority in ("P2", "P1", "P1", "P2")]
    waits(session, pages[2].ticket, night.now)
    pages[1].state = PageState.STOPPED
    session.flush()
    first, *others = texts(session)
    order = night.claim(session, first)
    acks = re.findall(r"(P\d) (\d+) Acme( ON THE LINE)?: ACK (\d+)\.", order.body)
    assert order.body.startswith("3 pages. P1 ")
    assert [(priority, int(number), code) for priority, number, _, code in acks] == [
        (each.ticket.priority, each.ticket.number, each.code) for each in (pages[2], pages[0], pages[3])
    ]
    assert [bool(there) for _, _, there, _ in acks] == [True, False, False]
    assert [(each.state, each.carrier_id) for each in texts(session)[1:]] == [("merged", first.id)] * len(others)


def test_the_first_text_leaves_at_once_and_the_next_ones_together(night: Night, session: Session) -> None:
    night.page(session)
    [first] = texts(session)
    assert first.not_before is None
    assert night.claim(session, first).body.startswith("P1 ticket ")
    night.clock.instant += timedelta(seconds=1)
    second = night.page(session)
    night.clock.instant += timedelta(seconds=1)
    third = night.page(session)
    held = [each.not_before for each in texts(session)[1:]]
    assert held == [first.created_at - night.clock.shift() + GATHER] * 2
    body = night.claim(session, texts(session)[1]).body
    assert body.startswith("2 pages. ")
    assert {second.code, third.code} <= set(re.findall(r"ACK (\d+)", body))
    night.clock.instant += GATHER
    night.page(session)
    assert texts(session)[-1].not_before == (held[0] or real_now()) + GATHER_IN_STORM
    night.claim(session, texts(session)[-1])
    night.clock.instant += 2 * GATHER_IN_STORM
    night.page(session)
    assert texts(session)[-1].not_before is None


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.FAILED, MessageState.SENT])
def test_no_text_waits_for_the_back_off_of_another(night: Night, session: Session, state: MessageState) -> None:
    """The network gave no answer for one, which is looked up in minutes: the next page is told now."""
    night.page(session)
    [first] = texts(session)
    night.claim(session, first)
    first.state, first.tries, first.error = state, 8, "no answer from Twilio"
    first.not_before = night.now - night.clock.shift() + 2 * MINUTE
    session.flush()
    night.clock.instant += GATHER
    night.page(session)
    assert texts(session)[-1].not_before is None


def test_no_text_waits_for_a_pretended_time_that_was_set_back(night: Night, session: Session) -> None:
    night.page(session)
    [first] = texts(session)
    night.claim(session, first)
    first.created_at += timedelta(days=1)
    session.flush()
    night.page(session)
    assert texts(session)[-1].not_before == night.now - night.clock.shift() + GATHER


def test_what_is_left_of_several_pages_is_told_in_full(night: Night, session: Session) -> None:
    gone, left = night.page(session), night.page(session)
    gone.state = PageState.STOPPED
    session.flush()
    body = night.claim(session, texts(session)[0]).body
    assert body.startswith(f"P1 ticket {left.ticket.number} Acme: ")
    assert f"DONE {left.code} what you did" in body


def test_a_colleague_in_a_conversation_is_helped_by_phone_alone(night: Night, session: Session) -> None:
    """A text brings nobody into a conversation, so none is asked for; also among several pages."""
    helped, other = night.page(session), night.page(session)
    helped.cause = PageCause.COLLEAGUE
    session.flush()
    body = night.claim(session, texts(session)[0]).body
    assert f"{helped.ticket.number} Acme: help a colleague, answer your phone. PASS {helped.code}." in body
    assert re.findall(r"ACK (\d+)", body) == [other.code]


def test_a_text_that_was_tried_before_keeps_its_words(night: Night, session: Session) -> None:
    """The provider may have it: it is looked up by them."""
    night.page(session)
    night.page(session)
    first, second = texts(session)
    first.tries = 1
    session.flush()
    assert night.claim(session, first).body.startswith("P1 ticket ")
    assert [each.state for each in texts(session)] == ["sending", "queued"]
    assert night.claim(session, second).body.startswith("P1 ticket ")


class Network:
    """Takes texts, and keeps them."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_text(self, to: str, body: str, message_id: int) -> str:
        self.bodies.append(body)
        return f"SM{message_id}"


def _send(desk: Sender, message_id: int) -> None:
    pacer.send_message(desk, message_id=message_id)


def test_texts_that_are_sent_in_the_same_moment_are_one(night: Night) -> None:
    """Without a rate each has a job of its own, and the jobs run beside each other."""
    night.runtime.settings.texts_per_second = 0
    for _ in range(10):
        network = Network()
        desk = replace(night.desk, telephony=network)  # type: ignore[arg-type]  # it is asked for texts alone
        with night.database.transaction() as session:
            for _ in range(3):
                night.page(session)
        with night.database.transaction() as session:
            mine = list(session.scalars(select(Message.id).where(Message.state == "queued")))
        assert len(mine) == 3
        with ThreadPoolExecutor(3) as workers:
            list(workers.map(partial(_send, desk), mine))
        assert len(network.bodies) == 1
        assert network.bodies[0].startswith("3 pages. ")
        night.clock.instant += 2 * GATHER_IN_STORM


@pytest.mark.parametrize("total", [2, 7, 40, 9999])
def test_more_pages_fit_into_two_segments(total: int) -> None:
    lines = [
        wording.PageLine("P1", 1042 + place, "Königliche Porzellan-Manufaktur “Łódź”", f"{1000 + place}", place == 0)
        for place in range(min(total, 12))
    ]
    body = wording.pages_text(lines, total, "+390584943299")
    told = body.count("ACK")
    assert segments(body) <= 2
    assert gsm(body) == body
    assert told == total or f" And {total - told} more. " in body
    assert told >= min(total, 3)


@pytest.mark.parametrize("length", [6, 7, 8])
def test_codes_have_the_digits_that_are_set(night: Night, session: Session, length: int) -> None:
    found = {text_codes.new_code(session, length, night.now) for _ in range(50)}
    assert {len(code) for code in found} == {length}
    assert all(code[0] != "0" for code in found), "people leave out the first zeros"
    assert len(found) > 45


@pytest.mark.parametrize(
    ("state", "days", "free"),
    [
        ("paging", 0, False),
        ("paging", 400, False),
        ("stopped", 0, False),
        ("stopped", 89, False),
        ("stopped", 91, True),
    ],
)
def test_a_code_is_not_given_again_for_a_while(
    night: Night, session: Session, monkeypatch: pytest.MonkeyPatch, state: str, days: int, free: bool
) -> None:
    """So what is old is known to be old, and nobody acts on another page by it."""
    [ticket] = tickets(session, night.now, "P1", 1)
    at = night.now - timedelta(days=days)
    session.add(Page(ticket_id=ticket.id, cause="test", code="100011", state=state, opened_at=at, due_at=at))
    session.flush()
    chosen = iter([11, 12])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(chosen))
    assert text_codes.new_code(session, 6, night.now) == ("100011" if free else "100012")


def test_two_pages_of_the_same_moment_have_different_codes(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = iter([11, 11, 12])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(chosen))
    with night.database.transaction() as one, night.database.transaction() as other:
        assert [text_codes.new_code(each, 6, night.now) for each in (one, other)] == ["100011", "100012"]


def call_of(session: Session) -> PhoneCall:
    return session.scalars(select(PhoneCall).where(PhoneCall.direction == "out")).one()


def test_pages_of_a_call_most_urgent_first(night: Night, session: Session) -> None:
    pages = [night.page(session, priority) for priority in ("P2", "P1", "P1", "P2")]
    waits(session, pages[2].ticket, night.now)
    call = call_of(session)
    told = []
    while (attempt := told_first(session, call)) is not None:
        told.append(attempt.page_id)
        attempt.outcome, attempt.ended_at = AttemptOutcome.PASSED, night.now
        session.flush()
    assert told == [pages[place].id for place in (2, 1, 0, 3)]


def test_all_are_accepted_at_once_but_for_a_second_caller(night: Night, session: Session) -> None:
    pages = [night.page(session, priority) for priority in ("P2", "P1", "P1", "P1", "P1")]
    for place in (0, 2):
        waits(session, pages[place].ticket, night.now)
    call, ada = call_of(session), person(session, "Ada")
    pages[4].state, pages[4].accepted_at, pages[4].accepted_by_id = PageState.ACCEPTED, night.now, ada.id
    session.flush()
    first = accept_all(Work(session, night.runtime, night.now), call, ada)
    assert first is pages[2]
    assert [each.state for each in pages] == ["paging", "accepted", "accepted", "accepted", "accepted"]
    assert {each.accepted_by_id for each in pages[1:]} == {ada.id}
    assert count_told(session, call) == 1, "the caller who waits on goes to the next person"


def test_more_than_a_telephone_waits_for_are_accepted_by_a_job(night: Night) -> None:
    more = 20
    with night.database.transaction() as session:
        for _ in range(AT_ONCE + more):
            night.page(session)
        call, ada = call_of(session), person(session, "Ada")
        accept_all(Work(session, night.runtime, night.now), call, ada)
        assert count_told(session, call) == 0
        late = night.page(session)
        assert count_told(session, call) == 1, "what comes after the key has to be accepted for itself"
        late_id, call_id = late.id, call.id
    accept_rest(night.desk, call_id=call_id)
    accept_rest(night.desk, call_id=call_id)
    with night.database.transaction() as session:
        open_ = list(session.scalars(select(Page.id).where(Page.state == "paging")))
        assert open_ == [late_id]
        assert session.scalar(select(func.count()).where(Page.accepted_by_id == ada.id)) == AT_ONCE + more


def names(session: Session) -> list[tuple[str, str | None]]:
    query = select(Person.name, Attempt.outcome).join(Person, Person.id == Attempt.person_id).order_by(Attempt.id)
    return [(name.split()[0], outcome) for name, outcome in session.execute(query)]


def test_a_queue_eats_nothing_of_the_time_to_answer(night: Night, session: Session) -> None:
    """Ada's call is put down, waits for two minutes and rings for 45 s before the page goes on to Bruno."""
    opened = night.page(session)

    def look(seconds: int) -> list[tuple[str, str | None]]:
        night.clock.instant += timedelta(seconds=seconds)
        engine.advance(Work(session, night.runtime, night.now), opened.id)
        return names(session)

    for _ in range(3):
        assert look(45) == [("Ada", None)]
    assert look(10) == [("Ada", None)]
    call = call_of(session)
    call.sid, call.state, call.ringing_from = "CA1", CallState.PLACED, night.now
    session.flush()
    assert look(35) == [("Ada", None)]
    assert opened.due_at == night.now + timedelta(seconds=10) - night.clock.shift()
    assert look(10) == [("Ada", "no answer"), ("Bruno", None)]


def test_failed_requests_eat_the_time_to_answer(night: Night, session: Session) -> None:
    """Nobody waits for a network that takes no call: the next person's may get through."""
    opened = night.page(session)
    call = call_of(session)
    call.ringing_from, call.tries = night.now, 3
    night.clock.instant += timedelta(seconds=45)
    engine.advance(Work(session, night.runtime, night.now), opened.id)
    assert names(session) == [("Ada", "no answer"), ("Bruno", None)]


def test_a_call_that_is_never_placed_does_not_hold_a_page_for_ever(night: Night, session: Session) -> None:
    opened = night.page(session)
    night.clock.instant += engine.LONGEST_QUEUE + MINUTE
    engine.advance(Work(session, night.runtime, night.now), opened.id)
    assert names(session) == [("Ada", "no answer"), ("Bruno", None)]


def test_the_wake_up_of_a_held_text(night: Night, session: Session) -> None:
    """One job when it may leave, not one for every page."""
    night.page(session)
    night.claim(session, texts(session)[0])
    for _ in range(4):
        night.page(session)
    due = [each.not_before for each in texts(session)[1:]]
    assert len(set(due)) == 1
    session.commit()
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'send_message' AND scheduled_at = :due"
    with night.database.engine.connect() as connection:
        assert connection.scalar(text(jobs), {"due": due[0]}) == 1


def test_a_sweep_wakes_what_is_overdue_once(night: Night) -> None:
    """Two workers that look every few seconds must not bury a storm's pages under wake-ups for them."""
    with night.database.transaction() as session:
        for _ in range(3):
            night.page(session)
    with night.database.transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.execute(update(Page).values(due_at=real_now() - MINUTE))
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'advance_page'"
    for _ in range(3):
        sweep(night.desk)
        with night.database.engine.connect() as connection:
            assert connection.scalar(text(jobs)) == 3
    with night.database.engine.begin() as connection:  # one failed, and is to be tried again much later
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 min'"))
    sweep(night.desk)
    with night.database.engine.connect() as connection:
        assert connection.scalar(text(jobs)) == 6


def test_a_sweep_finds_pages_that_joined_a_call_as_it_ended(night: Night) -> None:
    """In a storm no page looks for itself whether its call has seen it."""
    with night.database.transaction() as session:
        for _ in range(MANY + 2):
            last = night.page(session).id
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'advance_page' AND args->>'page_id' = :page"
    with night.database.engine.begin() as connection:
        assert connection.scalar(text(jobs), {"page": str(last)}) == 1, "the look when its time is up"
        connection.execute(text("DELETE FROM procrastinate_jobs"))
        connection.execute(text("UPDATE phone_call SET state = 'ended', ended_at = now()"))
    for _ in range(2):
        sweep(night.desk)
        with night.database.engine.connect() as connection:
            assert connection.scalar(text(jobs), {"page": str(last)}) == 1

"""The month behind the demo, made once for all tests here: across both regions' change to summer time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from bench.emptying import empty_all_but
from core.clock import ShiftedClock, real_now
from core.db import Base, Database
from core.jobs import QUEUED
from core.settings import Settings
from demo import run
from demo.month.making import NoDemoError, last_sunday, make_month
from demo.month.script import Call, Story
from demo.month.story import read_stories
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse
from oncall.models.calls import CallState, PhoneCall
from oncall.models.conferences import Conference
from oncall.models.contacts.contact_faults import ContactFault
from oncall.models.customers import Customer
from oncall.models.messages import Message, MessageState
from oncall.models.pages import Attempt, AttemptOutcome, Page, PageCause, PageState
from oncall.models.people import Person
from oncall.models.refusals import Reason, Refusal
from oncall.models.tickets import Intervention, Ticket, TicketChannel, TicketEvent, TicketState, TicketWait, WaitsFor
from oncall.paging.history import read_moves
from oncall.rosters.on_call import chain
from oncall.rosters.reading import Shelf
from oncall.runtime import Runtime, Work
from oncall.sla.promises import Priority
from oncall.tickets.intake import known_ticket
from schedules.staffed_hours import Plan, is_staffed
from worker.sweeper import resend_forgotten, wake_overdue
from worker.tasks import check_promise

ROME: Final = "Europe/Rome"
# Sunday 11 April 2027, 02:00 in Rome.
NIGHT: Final = datetime(2027, 4, 11, tzinfo=UTC)
# Interventions and notes begin within this time of an acceptance, or the ticket is paged again.
PROMISE: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Made:
    """A database that the month is made in, and what a process there holds."""

    database: Database
    runtime: Runtime

    def make(self, stories: tuple[Story, ...]) -> int:
        with self.database.transaction() as session:
            return make_month(Work(session, self.runtime, NIGHT), stories)

    def rows(self) -> dict[str, int]:
        """How many there are in each table."""
        with self.database.transaction() as session:
            tables = Base.metadata.sorted_tables
            return {each.name: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


@pytest.fixture(scope="module")
def month(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Begun once and broken off in the middle, then made."""
    with migrated.engine.begin() as connection:
        connection.execute(text(empty_all_but(["alembic_version"])))
    with migrated.transaction() as session:
        apply(session, parse(run.DIRECTORY.read_text(encoding="utf-8")), NIGHT, PinKeys(b"a key for the month"))
    settings = Settings(var_dir=tmp_path_factory.mktemp("month"))
    made = Made(migrated, Runtime(settings, migrated, ShiftedClock(NIGHT - real_now())))
    broken = (*read_stories()[:3], Story(0, "01:00", "nobody's customer", Call(Priority.P1)))
    with pytest.raises(KeyError):
        made.make(broken)
    assert made.rows()["ticket"] == 0
    assert 35 <= made.make(read_stories()) <= 60
    return made


@pytest.fixture
def told(month: Made) -> Iterator[Session]:
    with month.database.transaction() as session:
        yield session
        session.rollback()


def count(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0


def test_it_is_made_once(month: Made) -> None:
    before = month.rows()
    assert month.make(read_stories()) == 0
    assert month.rows() == before


def test_it_is_never_made_beside_a_real_telephone_network(month: Made) -> None:
    settings = Settings(
        var_dir=month.runtime.settings.var_dir,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="secret",
        twilio_api_url="http://127.0.0.1:9",
        hotline_number="+390584943299",
    )
    with pytest.raises(NoDemoError):
        replace(month, runtime=replace(month.runtime, settings=settings)).make(read_stories())


def test_each_ticket_is_told_in_order(told: Session) -> None:
    tickets = told.scalars(select(Ticket).order_by(Ticket.number)).all()
    opened = [each.opened_at for each in tickets]
    assert opened == sorted(opened)
    assert NIGHT - timedelta(days=30) < opened[0]
    for ticket in tickets:
        known = [at for at in (ticket.opened_at, ticket.taken_at, ticket.closed_at) if at is not None]
        assert known == sorted(known), ticket.number
        lines = select(TicketEvent.at).where(TicketEvent.ticket_id == ticket.id)
        ats = told.scalars(lines.order_by(TicketEvent.id)).all()
        assert ats == sorted(ats), ticket.number
        assert ats[0] == ticket.opened_at
        assert ats[-1] < NIGHT
        zone = ticket.contract.region.time_zone
        after_hours = ticket.channel != TicketChannel.HOTLINE or not is_staffed(Plan.PLATINUM, zone, ticket.opened_at)
        assert after_hours, f"{ticket.number} was opened by the hotline while its office was staffed"


def test_who_was_rung_is_who_the_rosters_say(told: Session) -> None:
    """One after the other, from the first on call on, unless somebody was asked for by name."""
    shelf = Shelf()
    pages = told.scalars(select(Page).order_by(Page.id)).all()
    assert {page.state for page in pages} == {PageState.ACCEPTED}
    for page in pages:
        links = chain(told, page.ticket.contract.region_name, page.opened_at, shelf)
        order = [link.person.id for link in links]
        attempts = told.scalars(select(Attempt).where(Attempt.page_id == page.id).order_by(Attempt.id)).all()
        rung = [each.person_id for each in attempts]
        asked_for = [] if page.first_person_id is None else [page.first_person_id]
        assert rung == [*asked_for, *(each for each in order if each not in asked_for)][: len(rung)], page.ticket.number
        assert attempts[-1].outcome == AttemptOutcome.ACCEPTED
        assert rung[-1] == page.accepted_by_id
    tried = {each for (each,) in told.execute(select(Attempt.outcome).distinct())}
    expected = {AttemptOutcome.NO_ANSWER, AttemptOutcome.PASSED, AttemptOutcome.BUSY, AttemptOutcome.NO_KEY}
    assert tried == expected | {AttemptOutcome.ACCEPTED}
    assert {page.accepted_by.role for page in pages if page.accepted_by} == {"technician", "team_leader"}
    assert {page.cause for page in pages} == {
        *(PageCause.HOTLINE, PageCause.BY_HAND, PageCause.CALLED_AGAIN, PageCause.HANDOVER)
    }


def test_steps_of_pages_have_the_times_of_the_story(month: Made, told: Session) -> None:
    shift = month.runtime.clock.shift()
    number = told.scalars(select(Ticket.number).order_by(Ticket.number)).first()
    page = told.scalars(select(Page).order_by(Page.id)).first()
    assert number is not None
    assert page is not None
    assert page.accepted_at is not None
    begun, accepted = read_moves(told, number, shift)
    assert abs(begun.at - page.opened_at) < timedelta(minutes=1)
    assert accepted.at - begun.at == page.accepted_at - page.opened_at


def test_nothing_is_left_that_would_ring_text_or_mail_anybody(month: Made, told: Session) -> None:
    assert count(told, Page, Page.state == PageState.PAGING) == 0
    assert count(told, PhoneCall, (PhoneCall.state != CallState.ENDED) | PhoneCall.waiting) == 0
    assert count(told, Conference, Conference.closed_at.is_(None)) == 0
    assert count(told, Intervention, Intervention.ended_at.is_(None)) == 0
    assert count(told, ContactFault, ContactFault.person_id.is_not(None)) == 0
    assert count(told, Message, Message.state.not_in([MessageState.SENT, MessageState.DELIVERED])) == 0
    # What looks for things forgotten finds none, and nobody's promise is broken.
    with month.database.transaction() as session:
        wake_overdue(session)
        resend_forgotten(session, set())
    assert told.scalar(select(func.count()).select_from(QUEUED)) == 0
    before = month.rows()
    for page_id in told.scalars(select(Page.id)).all():
        check_promise(month, page_id=page_id)
    assert month.rows() == before


def test_whoever_accepts_keeps_their_promise(told: Session) -> None:
    for page in told.scalars(select(Page)):
        assert page.accepted_at is not None
        work = select(func.min(Intervention.started_at)).where(
            Intervention.ticket_id == page.ticket_id, Intervention.started_at >= page.accepted_at
        )
        begun = told.scalar(work)
        assert begun is not None
        assert begun - page.accepted_at < PROMISE, page.ticket.number


def test_the_first_call_of_a_newcomer_is_as_the_guide_says(told: Session) -> None:
    """No ticket of their customer is offered to them as a known problem."""
    first = parse(run.DIRECTORY.read_text(encoding="utf-8")).customers[0].name
    customer = told.scalars(select(Customer).where(Customer.name == first)).one()
    assert known_ticket(told, customer.id, NIGHT) is None


def test_tonight_and_lists_have_something_to_show(told: Session) -> None:
    tickets = told.scalars(select(Ticket).where(Ticket.state != TicketState.CLOSED)).all()
    assert {(each.state, each.waits_for) for each in tickets} == {
        (TicketState.OPEN, None),
        (TicketState.TAKEN, None),
        (TicketState.TAKEN, WaitsFor.CUSTOMER),
        (TicketState.TAKEN, WaitsFor.THIRD_PARTY),
    }
    clocks = [each.due_at for each in tickets if each.taken_at is None]
    assert all(due is not None and due > NIGHT for due in clocks)
    # The technician as whom a visitor is signed in has something to do.
    assert "Giulia Conti" in {each.assignee.name for each in tickets if each.assignee}
    assert count(told, Ticket, Ticket.merged_into_id.is_not(None)) == 1
    assert count(told, TicketEvent, TicketEvent.kind == "reopened") >= 1
    assert count(told, TicketEvent, TicketEvent.kind == "priority") >= 1
    assert count(told, TicketWait, TicketWait.until.is_not(None)) >= 3
    assert count(told, Ticket, Ticket.taken_at > Ticket.due_at) == 1
    assert {each.channel for each in told.scalars(select(Ticket))} >= {"hotline", "e-mail", "visit", "chat"}
    assert set(told.scalars(select(Refusal.reason))) == {Reason.LAPSED, Reason.NOT_PLATINUM, Reason.WRONG_PIN}
    names = set(told.scalars(select(Person.name).join(Ticket, Ticket.assignee_id == Person.id)))
    assert len(names) >= 4


def test_the_sunday_that_it_leads_up_to() -> None:
    assert last_sunday(NIGHT, ROME) == NIGHT
    assert last_sunday(NIGHT - timedelta(seconds=1), ROME) == NIGHT - timedelta(days=7)
    assert last_sunday(NIGHT + timedelta(days=6, hours=23), ROME) == NIGHT
    # Where two o'clock is left out, three is meant.
    assert last_sunday(datetime(2027, 3, 28, 1, tzinfo=UTC), ROME) == datetime(2027, 3, 28, 1, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["- {ago: 1, at: '01:00', customer: A}", "- {ago: 1, at: '01:00', call: {speed: 2}}"])
def test_a_story_that_makes_no_sense_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"has none of|and not"):
        read_stories(wrong)

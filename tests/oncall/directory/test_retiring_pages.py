"""Pages, calls and tickets of those who leave: they go on without them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.db import Database
from oncall.calls.placing import still_wanted
from oncall.models.calls import PhoneCall, Purpose, call_person
from oncall.models.customers import Contract
from oncall.models.messages import Message
from oncall.models.pages import Attempt, Page, PageCause, Via
from oncall.models.tickets import Ticket
from oncall.paging.acknowledge import Verdict, accept
from oncall.paging.engine import advance, open_page
from oncall.runtime import Work
from tests.oncall.directory.leaving_desk import Leave, leave, loaded, paged, person, runtime
from tests.web import night

__all__ = ["leave", "loaded"]  # fixtures


def test_a_page_that_rings_them_goes_on_to_the_next(
    loaded: Session, leave: Leave, database: Database, now: datetime
) -> None:
    page = paged(loaded, database, now)
    first = loaded.scalars(select(Attempt)).one()
    assert (first.person.first_name, first.call is not None) == ("Bruno", True)
    loaded.commit()
    leave()
    first = loaded.scalars(select(Attempt)).one()
    assert first.outcome == "cut off"
    assert first.call is not None
    assert not still_wanted(loaded, first.call)
    assert set(loaded.scalars(select(Message.state).where(Message.person_id == first.person_id))) == {"failed"}
    jobs = loaded.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert ("advance_page", {"page_id": page.id}) in [tuple(job) for job in jobs]
    assert ("cut_off", {"call_id": first.call_id}) in [tuple(job) for job in jobs]
    advance(Work(loaded, runtime(database, now), now + timedelta(seconds=5)), page.id)
    tried = loaded.scalars(select(Attempt).order_by(Attempt.id)).all()
    assert [each.person.first_name for each in tried] == ["Bruno", "Dino"]


def test_accepting_comes_too_late(loaded: Session, leave: Leave, database: Database, now: datetime) -> None:
    page = paged(loaded, database, now)
    loaded.commit()
    leave()
    answer = accept(Work(loaded, runtime(database, now), now), page.id, person(loaded, "Bruno"), Via.PHONE)
    assert (answer.verdict, loaded.get_one(Page, page.id).state) == (Verdict.OVER, "paging")


def test_their_open_tickets_are_told_and_paged_again_and_keep_the_name(
    loaded: Session, leave: Leave, database: Database, now: datetime
) -> None:
    page = paged(loaded, database, now)
    accept(Work(loaded, runtime(database, now), now), page.id, person(loaded, "Bruno"), Via.PHONE)
    number = page.ticket.number
    loaded.commit()
    loaded.execute(text("DELETE FROM procrastinate_jobs"))
    loaded.commit()
    said = leave()
    line = f"person Bruno Verdi: open tickets of theirs, paged again where no work was logged: {number} (P1, Acme)"
    assert line in said
    assert f"customer Acme: open tickets, which are still worked on: {number} (P1, Acme)" in said
    query = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'check_promise'")
    assert loaded.scalars(query).all() == [{"page_id": page.id}]
    [mail] = loaded.scalars(select(Message).where(Message.subject.contains("left the directory")))
    assert (mail.recipient, f"  {line}" in mail.body) == ("dino@example.org", True)
    ticket = loaded.scalars(select(Ticket)).one()
    assert ticket.assignee is not None
    assert ticket.assignee.name == "Bruno Verdi"
    again = open_page(
        Work(loaded, runtime(database, now), now), ticket, PageCause.PROMISE, first=person(loaded, "Bruno").id
    )
    tried = loaded.scalars(select(Attempt).where(Attempt.page_id == again.id)).all()
    assert [each.person.first_name for each in tried] == ["Dino"]


@pytest.mark.parametrize(
    "cause", [PageCause.PROMISE, PageCause.CALLED_AGAIN, PageCause.LINE_DROPPED, PageCause.NOT_JOINED, PageCause.FAULT]
)
def test_nobody_who_has_left_is_the_first_to_be_rung(
    loaded: Session, leave: Leave, database: Database, now: datetime, cause: PageCause
) -> None:
    leave()
    ticket = night.ticket(loaded, loaded.scalars(select(Contract)).one(), now)
    page = open_page(Work(loaded, runtime(database, now), now), ticket, cause, first=person(loaded, "Bruno").id)
    tried = loaded.scalars(select(Attempt).where(Attempt.page_id == page.id)).all()
    assert [each.person.first_name for each in tried] == ["Dino"]


@pytest.mark.parametrize("purpose", [Purpose.PAGE, Purpose.CONNECT, Purpose.DRILL])
def test_no_call_of_any_kind_goes_on_ringing_them(
    loaded: Session, leave: Leave, now: datetime, purpose: Purpose
) -> None:
    ticket = night.ticket(loaded, loaded.scalars(select(Contract)).one(), now)
    call_id = call_person(loaded, person(loaded, "Bruno"), purpose, now, ticket.id)
    leave()
    assert not still_wanted(loaded, loaded.get_one(PhoneCall, call_id))

"""What technicians and managers do on a ticket's page: by role and state, once, and not over a colleague's head."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from core.db import Database
from oncall.models.calls import PhoneCall, Purpose
from oncall.models.pages import Page, PageCause, PageState
from oncall.models.people import Person
from oncall.models.tickets import Intervention, InterventionKind, Ticket, TicketState, TicketWait, WaitsFor
from oncall.sla.promises import Priority
from oncall.tickets.actions.offers import Do
from tests.web import night
from tests.web.signing_in import BROWSER, form_token, signed_in
from tests.web.tickets.desk import PATH, caller_leaves, lines, look, page, person_id, press

Fields = dict[str, str]


@pytest.fixture
def theirs(ada: FlaskClient, database: Database, now: datetime) -> FlaskClient:
    """Ada has ticket 1043, and nobody is on the line."""
    caller_leaves(database)
    press(ada, "accept")
    with database.transaction() as session:
        session.execute(update(PhoneCall).values(state="ended", ended_at=now))
    return ada


def seen(client: FlaskClient, path: str = PATH) -> str:
    return look(client, path).partition('name="seen" value="')[2].partition('"')[0]


def send(client: FlaskClient, do: Do, fields: Fields, since: str | None = None, path: str = PATH) -> tuple[int, str]:
    """Send a form of the page; the status, and the page that follows or answers."""
    data = {"csrf_token": form_token(client, path), "seen": seen(client, path) if since is None else since, "do": do}
    answer = client.post(path, data=data | fields, headers=BROWSER)
    return answer.status_code, look(client, path) if answer.status_code == 303 else answer.text


def done(client: FlaskClient, do: Do, path: str = PATH, **fields: str) -> str:
    status, shown = send(client, do, fields, path=path)
    assert status == 303, shown[shown.find("<main") :]
    return shown


def ticket(database: Database, number: int = 1043) -> Ticket:
    with database.transaction() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def count(database: Database, model: type) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def offers(shown: str) -> set[Do]:
    return {do for do in Do if f'name="do" value="{do}"' in shown}


def test_what_is_offered_to_whom(theirs: FlaskClient, bruno: FlaskClient, dark: Flask) -> None:
    own = {Do.RING_ME, Do.NOTE, Do.BEGIN_WORK, Do.WAIT, Do.CLOSE, Do.HAND_OVER, Do.PRIORITY, Do.SPLIT, Do.MERGE}
    assert offers(look(theirs)) == own
    assert offers(look(bruno)) == (own - {Do.RING_ME}) | {Do.TAKE_OVER}, "Bruno is a manager"
    assert offers(look(signed_in(dark, "vera@example.org"))) == set(), "a viewer only reads"
    manager_of_nobody = {Do.NOTE, Do.TAKE_OVER, Do.BEGIN_WORK}
    assert offers(look(signed_in(dark, "tina@example.org"))).isdisjoint(manager_of_nobody)


def test_a_note(theirs: FlaskClient, database: Database) -> None:
    assert "The note is on the ticket." in done(theirs, Do.NOTE, words="Line card 3 is dead.")
    assert "Ada Rossi: Line card 3 is dead." in lines(database)


def test_the_same_form_sent_twice_is_one_press(theirs: FlaskClient, database: Database) -> None:
    since = seen(theirs)
    for _ in range(2):
        assert send(theirs, Do.NOTE, {"words": "Once."}, since)[0] == 303
    assert send(theirs, Do.NOTE, {"words": "Another."}, since)[0] == 303, "other words are another note"
    assert [lines(database).count(f"Ada Rossi: {words}") for words in ("Once.", "Another.")] == [1, 1]


def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(theirs: FlaskClient, database: Database) -> None:
    status, shown = send(theirs, Do.WAIT, {"whom": "customer", "words": " "})
    assert (status, "Fill this in." in shown) == (422, True)
    assert '<option value="customer" selected>' in shown
    assert ticket(database).waits_for is None


def test_a_colleague_was_first(theirs: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    """Nothing is done over the head of somebody else, and nothing that was typed is lost."""
    since = seen(theirs)
    done(bruno, Do.NOTE, words="The customer asked to keep it open.")
    status, shown = send(theirs, Do.CLOSE, {"words": "Restarted <it>."}, since)
    assert (status, ticket(database).state) == (409, TicketState.TAKEN)
    assert "<li>Bruno Verdi: The customer asked to keep it open.</li>" in shown
    assert "Restarted &lt;it&gt;.</textarea>" in shown
    assert done(theirs, Do.CLOSE, words="Restarted <it>.")
    assert ticket(database).state == TicketState.CLOSED


def test_waiting_stops_the_clock(theirs: FlaskClient, database: Database, now: datetime) -> None:
    shown = done(theirs, Do.WAIT, whom="third party", words="the carrier tests the line")
    assert "Waits for a third party" in shown
    assert offers(shown) & {Do.WAIT, Do.RESUME} == {Do.RESUME}
    assert ticket(database).waits_for == WaitsFor.THIRD_PARTY
    done(theirs, Do.RESUME)
    with database.transaction() as session:
        wait = session.scalars(select(TicketWait)).one()
    assert now <= wait.since <= (wait.until or now)
    assert ticket(database).waits_for is None


def test_nobody_waits_while_somebody_is_called(ada: FlaskClient, database: Database) -> None:
    status, shown = send(ada, Do.WAIT, {"whom": "customer", "words": "no answer"})
    assert (status, "Somebody is being called for ticket 1043" in shown) == (409, True)
    assert page(database).state == PageState.PAGING


def test_handing_over_calls_the_colleague_first(theirs: FlaskClient, database: Database) -> None:
    bruno = person_id(database, "Bruno Verdi")
    shown = done(theirs, Do.HAND_OVER, person=str(bruno), words="my shift ends")
    assert "Bruno Verdi is being called" in shown
    newest = page(database)
    assert (newest.cause, newest.state, newest.first_person_id) == (PageCause.HANDOVER, PageState.PAGING, bruno)
    assert ticket(database).assignee_id == person_id(database, "Ada Rossi"), "until somebody accepts"


def test_taking_over_and_ringing(theirs: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    status, shown = send(bruno, Do.RING_ME, {})
    assert (status, "as it stands now" in shown) == (409, True)
    done(bruno, Do.TAKE_OVER, words="Ada is on a train")
    assert "Bruno Verdi took the ticket over from Ada Rossi: Ada is on a train" in lines(database)
    assert "Your phone rings in a moment." in done(bruno, Do.RING_ME)
    status, shown = send(bruno, Do.RING_ME, {})
    assert (status, "Your phone is being rung already" in shown) == (409, True)
    with database.transaction() as session:
        call = session.scalars(select(PhoneCall).where(PhoneCall.purpose == Purpose.CONNECT)).one()
    assert (call.person_id, call.memo.asked_for) == (person_id(database, "Bruno Verdi"), True)


def test_work_by_hand(theirs: FlaskClient, bruno: FlaskClient, database: Database, now: datetime) -> None:
    done(theirs, Do.BEGIN_WORK, channel="remote session")
    assert offers(look(theirs)) & {Do.BEGIN_WORK, Do.END_WORK} == {Do.END_WORK}
    done(theirs, Do.END_WORK, words="Moved the trunk.")
    work = own_work(database)
    assert (work.note, work.ended_at is not None) == ("Moved the trunk.", True)
    assert "Ada Rossi: Moved the trunk." in lines(database)
    # A manager corrects it; a technician may not.
    times = {
        "work": str(work.id),
        "words": "forgot to start it",
        "start": "2026-06-14T01:00",
        "end": "2026-06-14T01:40",
    }
    assert send(theirs, Do.CORRECT, times)[0] == 409
    backwards = times | {"end": "2026-06-14T00:40"}
    assert "before it begins" in send(bruno, Do.CORRECT, backwards)[1]
    done(bruno, Do.CORRECT, **times)
    corrected = own_work(database)
    assert corrected.ended_at is not None
    assert corrected.ended_at - corrected.started_at == timedelta(minutes=40)
    assert any("Bruno Verdi corrected the work of Ada Rossi" in words for words in lines(database))


def own_work(database: Database) -> Intervention:
    with database.transaction() as session:
        by_hand = select(Intervention).where(Intervention.kind == InterventionKind.WORK)
        return session.scalars(by_hand).one()


def test_priority(theirs: FlaskClient, database: Database) -> None:
    due = ticket(database).due_at
    done(theirs, Do.PRIORITY, priority="P3", words="a workaround holds")
    assert (ticket(database).priority, ticket(database).due_at) == (Priority.P3, due), "taken in time already"
    assert "Ada Rossi changed the priority from P1 to P3: a workaround holds" in lines(database)
    assert send(theirs, Do.PRIORITY, {"priority": "P3", "words": "again"})[0] == 422, "it is not offered"
    assert count(database, Page) == 2
    done(theirs, Do.PRIORITY, priority="P2", words="worse again", paged="1")
    assert (page(database).cause, page(database).state) == (PageCause.BY_HAND, PageState.PAGING)


def test_splitting_and_merging(theirs: FlaskClient, database: Database) -> None:
    shown = done(theirs, Do.SPLIT, priority="P3", words="The fax is dead as well.")
    assert 'Split off: <a href="/tickets/1044">' in shown
    second = ticket(database, 1044)
    assert (second.split_from_id, second.state, second.customer_id) == (
        ticket(database).id,
        TicketState.TAKEN,
        ticket(database).customer_id,
    )
    status, shown = send(theirs, Do.MERGE, {"into": "1042"}, path="/tickets/1044")
    assert (status, "Harbour Clinic has no ticket 1042." in shown) == (409, True), "another customer's"
    done(theirs, Do.MERGE, into="1043", path="/tickets/1044")
    assert (ticket(database, 1044).state, ticket(database, 1044).merged_into_id) == (
        TicketState.CLOSED,
        ticket(database).id,
    )
    status, shown = send(theirs, Do.MERGE, {"into": "1044"})
    assert (status, "Ticket 1044 is closed" in shown) == (409, True), "never both"


def test_nothing_is_merged_into_what_nobody_has(theirs: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        own = session.scalars(select(Ticket).where(Ticket.number == 1043)).one()
        forgotten = night.ticket(session, own.contract, now - timedelta(hours=1)).number
    status, shown = send(theirs, Do.MERGE, {"into": str(forgotten)})
    assert (status, "Nobody has ticket" in shown, ticket(database).state) == (409, True, TicketState.TAKEN)


def test_closing_and_opening_again(theirs: FlaskClient, database: Database) -> None:
    done(theirs, Do.WAIT, whom="customer", words="tests it")
    done(theirs, Do.CLOSE, words="Replaced the card.")
    closed = ticket(database)
    assert (closed.state, closed.waits_for) == (TicketState.CLOSED, None)
    shown = done(theirs, Do.REOPEN, words="it came back", paged="1")
    assert "is open again" in shown
    assert (ticket(database).state, page(database).cause, page(database).first_person_id) == (
        TicketState.TAKEN,
        PageCause.BY_HAND,
        person_id(database, "Ada Rossi"),
    )
    done(theirs, Do.CLOSE, words="The other card.")
    assert sum(words.endswith("closed the ticket.") for words in lines(database)) == 2


def test_only_a_manager_stops_the_calls(ada: FlaskClient, bruno: FlaskClient, database: Database) -> None:
    assert send(ada, Do.STOP, {"words": "enough"})[0] == 409
    assert "The caller is still on the line" in send(bruno, Do.STOP, {"words": "enough"})[1].replace("&#39;", "'")
    caller_leaves(database)
    assert page(database).state == PageState.PAGING
    done(bruno, Do.STOP, words="the customer fixed it")
    assert (page(database).state, page(database).stopped_why) == (
        PageState.STOPPED,
        "Stopped by Bruno Verdi: the customer fixed it",
    )


def test_a_ticket_that_nobody_has_is_taken(ada: FlaskClient, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        path = f"/tickets/{night.ticket(session, night.customer(session, 'Quiet'), now, 'P3').number}"
    done(ada, Do.TAKE, path)
    taken = ticket(database, int(path.rpartition("/")[2]))
    assert (taken.state, taken.assignee_id) == (TicketState.TAKEN, person_id(database, "Ada Rossi"))


@pytest.mark.parametrize("do", list(Do))
def test_a_viewer_does_nothing(dark: Flask, database: Database, do: Do) -> None:
    vera = signed_in(dark, "vera@example.org")
    before = lines(database)
    token = form_token(vera, "/account")
    answer = vera.post(PATH, data={"csrf_token": token, "do": do, "words": "x"}, headers=BROWSER)
    assert (answer.status_code, lines(database)) == (403, before)


def test_who_has_left_is_not_handed_to(theirs: FlaskClient, database: Database, now: datetime) -> None:
    bruno = person_id(database, "Bruno Verdi")
    since = seen(theirs)
    with database.transaction() as session:
        session.get_one(Person, bruno).retired_at = now
    status, shown = send(theirs, Do.HAND_OVER, {"person": str(bruno), "words": "my shift ends"}, since)
    assert (status, "Choose one of those that are offered." in shown) == (422, True)

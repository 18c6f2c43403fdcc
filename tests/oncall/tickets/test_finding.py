"""Tickets are found by what people remember of them, filtered, and in pages that stay right while others come in."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from oncall.models.people import Person
from oncall.models.tickets import EventKind, InterventionChannel, Ticket, TicketState, record_event
from oncall.sla.promises import Priority
from oncall.tickets.finding import ON_A_PAGE, Order, Wanted, find_all, find_page, held_by, number_in
from oncall.tickets.notes import write_note
from tests.web import night

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(session: Session, now: datetime) -> Person:
    """Three tickets: Acme's, closed by her; Müller's, which she has; Harbour Clinic's, which nobody has and is late."""
    night.a_region(session)
    ada, bruno = night.people(session)
    acme, muller, harbour = (night.customer(session, name) for name in ("Acme", "Müller & Søn", "Harbour Clinic"))
    done = night.ticket(session, acme, now - 300 * MINUTE)
    done.taken_at, done.closed_at, done.state = now - 290 * MINUTE, now - 280 * MINUTE, TicketState.CLOSED
    done.assignee_id = ada.id
    held = night.ticket(session, muller, now - 200 * MINUTE, "P2")
    held.taken_at, held.state, held.assignee_id = now - 20 * MINUTE, TicketState.TAKEN, ada.id
    held.caller_number = "+4930123456"
    late = night.ticket(session, harbour, now - 100 * MINUTE)
    session.flush()
    write_note(session, done.id, bruno, InterventionChannel.TEXT, "Rebooted the Gebührenzähler", "n1", now)
    record_event(session, late.id, now, EventKind.PAGE, "Rebooted is what the gateway says", key="p1")
    return ada


def numbers(session: Session, now: datetime, **wanted: object) -> list[int]:
    return [each.number for each in find_page(session, Wanted(**wanted), now).tickets]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [1044, 1043, 1042]),
        ("1043", [1043]),
        (" #1044 ", [1044]),
        ("acme", [1042]),
        ("MULLER", [1043]),
        ("muller son", [1043]),
        ("Søn Mül", [1043]),
        ("clin", [1044]),
        ("30 123456", [1043]),
        ("+39 02 1234", [1044, 1042]),
        ("rebooted", [1042]),
        ("gebuhrenz", [1042]),
        ("bruno gebührenzähler", [1042]),
        ("gateway", []),
        ("1", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ("!!!", []),
        ("99999999999999999999", []),
    ],
)
def test_found_by_what_is_remembered(
    session: Session, ada: Person, now: datetime, words: str, found: list[int]
) -> None:
    assert numbers(session, now, words=words) == found


def test_filters(session: Session, ada: Person, now: datetime) -> None:
    assert numbers(session, now, states=(TicketState.OPEN, TicketState.TAKEN)) == [1044, 1043]
    assert numbers(session, now, priorities=(Priority.P2,)) == [1043]
    assert numbers(session, now, person_id=ada.id) == [1043, 1042]
    assert numbers(session, now, since=now - 200 * MINUTE) == [1044, 1043]
    assert numbers(session, now, until=now - 200 * MINUTE) == [1042]
    assert numbers(session, now, states=(TicketState.CLOSED,), words="harbour") == []
    assert [each.number for each in held_by(session, ada.id, now)] == [1043]


def test_a_promise_is_missed_by_who_took_it_too_late_and_by_who_still_waits(
    session: Session, ada: Person, now: datetime
) -> None:
    assert numbers(session, now, missed=True) == [1044, 1043]
    missed = {each.number: each.missed for each in find_all(session, Wanted(), now)}
    assert missed == {1042: False, 1043: True, 1044: True}
    assert numbers(session, now - 45 * MINUTE, missed=True) == [1043]


def test_orders(session: Session, ada: Person, now: datetime) -> None:
    assert numbers(session, now, order=Order.DUE) == [1044, 1042, 1043]
    assert numbers(session, now, order=Order.PRIORITY) == [1044, 1042, 1043]


@pytest.mark.parametrize("order", Order)
def test_pages_show_each_ticket_once_while_others_come_in(session: Session, now: datetime, order: Order) -> None:
    night.a_region(session)
    contract = night.customer(session, "Acme")
    for minute in range(2 * ON_A_PAGE + 10):
        row = night.ticket(session, contract, now - (1000 - minute) * MINUTE, "P1" if minute % 3 else "P2")
        row.due_at = None if minute % 7 == 0 else row.opened_at + (minute % 5) * MINUTE
    session.flush()
    wanted, seen, after = Wanted(order=order), [], None
    while True:
        page = find_page(session, wanted, now, after)
        seen += [each.number for each in page.tickets]
        if page.after is None:
            break
        after = page.after
        night.ticket(session, contract, now + len(seen) * MINUTE)
        session.flush()
    before = [number for number in seen if number < 1042 + 2 * ON_A_PAGE + 10]
    assert sorted(before) == list(range(1042, 1042 + 2 * ON_A_PAGE + 10))
    assert len(seen) == len(set(seen))
    assert [each.number for each in find_all(session, wanted, now) if each.number in before] == before


def test_numbers() -> None:
    given = ["1042", "#1042", " 1042", "0", "-1", "1042a", "²", "", "2147483648", "2147483647"]
    assert [number_in(words) for words in given] == [1042, 1042, 1042, None, None, None, None, None, None, 2147483647]


def test_a_note_that_is_told_again_is_found_once(session: Session, ada: Person, now: datetime) -> None:
    ticket = session.get_one(Ticket, 1)
    for _ in range(2):
        write_note(session, ticket.id, ada, InterventionChannel.TEXT, "cable", "again", now)
    assert numbers(session, now, words="cable") == [ticket.number]

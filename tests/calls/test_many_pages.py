"""Several pages at once for one technician: one call, one text, all accepted with one key."""

import re

import pytest

from core.clock import ShiftedClock
from core.settings import Settings
from oncall.models.calls import PhoneCall
from oncall.models.messages import Message
from oncall.runtime import Runtime
from tests.calls.night_desk import PATIENCE, holders, page_states, text_and_hear
from tests.calls.people import ADA, BETA_PIN, Cast, report_problem
from tests.calls.stack import Gateway
from tests.conftest import SUNDAY_NIGHT
from tests.oncall.delivery.night_queue import page


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def alarms(gateway: Gateway, *priorities: str) -> list[int]:
    """Pages without a caller, all put down at once; the numbers of their tickets."""
    runtime = Runtime(Settings(), gateway.database, ShiftedClock.starting_at(SUNDAY_NIGHT))
    with gateway.database.transaction() as session:
        return [page(session, runtime, runtime.clock.now(), each).ticket.number for each in priorities]


def test_all_are_accepted_and_the_caller_is_joined(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.ada.rings()
    alarms(gateway, "P1", "P2", "P2")
    cast.ada.expect_text(rf"P1 ticket {number} Acme", PATIENCE)
    body = cast.ada.expect_text("3 pages", PATIENCE).body
    cast.ada.answer()
    cast.ada.expect("You have 4 pages. P1, ticket .*, Acme. The caller is on the line.")
    cast.ada.expect("Press 1 to accept, 2 to pass it on, 3 for more, 5 to accept all 4, 9 to repeat.")
    cast.ada.press("9")
    cast.ada.expect(f"P1, ticket {', '.join(number)}, Acme")
    cast.ada.press("5")
    cast.ada.expect("It is yours. Connecting")
    cast.acme.expect("A technician is here", PATIENCE)
    gateway.joined(2, PATIENCE)
    gateway.settle()
    assert (page_states(gateway), holders(gateway)) == (["accepted"] * 4, ["Ada Rossi"] * 4)
    assert len(gateway.rows(PhoneCall, PhoneCall.number == ADA)) == 1
    first, *others = [text.state == "merged" for text in gateway.rows(Message, Message.recipient == ADA)]
    assert (first, sorted(others)) == (False, [False, True, True])
    assert len(re.findall(r"ACK \d{6}", body)) == 3
    cast.acme.hang_up()


def test_all_are_accepted_when_nobody_is_on_the_line(gateway: Gateway, cast: Cast) -> None:
    first, *_ = alarms(gateway, "P1", "P2", "P1")
    cast.ada.answer()
    cast.ada.expect(f"You have 3 pages. P1, ticket {', '.join(str(first))}, Acme. .*5 to accept all 3")
    cast.ada.press("5")
    cast.ada.expect(
        "All 3 are yours. No caller is on the line. The caller's number is withheld.*ending in 7, 8, press 1"
    )
    gateway.settle()
    assert holders(gateway) == ["Ada Rossi"] * 3


def test_two_pages_are_counted_and_accepted_one_by_one(gateway: Gateway, cast: Cast) -> None:
    alarms(gateway, "P1", "P1")
    cast.ada.answer()
    cast.ada.expect("You have 2 pages. P1, ticket .* Press 1 to accept, 2 to pass it on, 3 for more, 9 to repeat.")
    cast.ada.press("5")
    cast.ada.expect("that key is not in use here. .*P1, ticket")
    cast.ada.press("1")
    cast.ada.expect("It is yours. .*There is one more. P1, ticket")
    assert sorted(page_states(gateway)) == ["accepted", "paging"]


def test_a_second_caller_goes_to_the_next_person(gateway: Gateway, cast: Cast) -> None:
    report_problem(cast.acme)
    cast.ada.rings()
    report_problem(cast.beta, BETA_PIN, "2")
    alarms(gateway, "P2", "P2")
    gateway.settle()
    cast.ada.answer()
    cast.ada.expect("You have 4 pages. P1, .*Acme")
    cast.ada.press("5")
    cast.acme.expect("A technician is here", PATIENCE)
    cast.bruno.answer(PATIENCE)
    cast.bruno.expect("P2, ticket .*, Beta. The caller is on the line")
    assert sorted(page_states(gateway)) == ["accepted", "accepted", "accepted", "paging"]
    cast.acme.hang_up()


def test_every_code_of_one_text_works(gateway: Gateway, cast: Cast) -> None:
    numbers = alarms(gateway, "P1", "P2")
    codes = re.findall(r"ACK (\d{6})", cast.ada.expect_text("2 pages", PATIENCE).body)
    text_and_hear(cast.ada, f"DONE {codes[1]} false alarm", f"Ticket {numbers[1]} is closed")
    text_and_hear(cast.ada, f"ACK {codes[0]}", f"Ticket {numbers[0]} is yours")
    assert page_states(gateway) == ["accepted", "accepted"]

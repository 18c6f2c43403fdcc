"""Keys typed with a pause: one try, one guess, and nothing of a PIN readable meanwhile."""

import pytest
from sqlalchemy import text

from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.tickets import Ticket
from tests.calls.people import ACME, ACME_PIN, ADA_PIN, DIRECTORY, Cast, hurry, report_problem
from tests.calls.stack import SPEED, Gateway

GO_ON, HASH = "Please go on, then press hash", "Please press hash"


def outcomes(gateway: Gateway) -> list[str]:
    """Every guess that was counted."""
    gateway.settle()
    return [attempt.outcome for attempt in gateway.rows(PinAttempt)]


def test_a_pause_costs_no_try(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815")
    cast.acme.expect(GO_ON)
    cast.acme.press("1623#")
    cast.acme.expect("system administrator")
    assert not any("not right" in entry.text for entry in cast.acme.transcript)
    assert outcomes(gateway) == ["right"]


def test_two_pauses_and_no_hash(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    for part in ("48", "1516"):
        cast.acme.press(part)
        cast.acme.expect(GO_ON)
    cast.acme.press("23")
    cast.acme.expect("system administrator")
    assert outcomes(gateway) == ["right"]


def test_the_hash_alone_after_a_pause(gateway: Gateway, cast: Cast) -> None:
    """Complete already, or too short: it is judged as it was typed, once."""
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815")
    cast.acme.expect(GO_ON)
    cast.acme.press("#")
    cast.acme.expect("This PIN is not right.*You have 2 more tries")
    cast.acme.press(ACME_PIN)
    cast.acme.expect(HASH)
    cast.acme.press("#")
    cast.acme.expect("system administrator")
    assert outcomes(gateway) == ["wrong", "right"]


def test_no_hash_at_all(gateway: Gateway, cast: Cast) -> None:
    """Whoever forgets it gets in, and whoever typed too little hears so in the end: one guess each."""
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815")
    hurry(gateway)
    cast.acme.expect(f"{GO_ON}.*{GO_ON}.*This PIN is not right.*You have 2 more tries")
    cast.acme.press(ACME_PIN)
    cast.acme.expect("system administrator")
    gateway.network.set_speed(SPEED)
    assert outcomes(gateway) == ["wrong", "right"]


def test_a_longer_pin_than_usual_with_the_pause_where_a_usual_one_would_be_whole(gateway: Gateway, cast: Cast) -> None:
    with gateway.database.transaction() as session:
        session.execute(text("UPDATE pin SET revoked_at = created_at"))
    gateway.load(DIRECTORY.replace(ACME_PIN, "4815162342"))
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("48151623")
    cast.acme.expect(HASH)
    cast.acme.press("42#")
    cast.acme.expect("system administrator")
    assert outcomes(gateway) == ["right"]


def test_a_star_in_between_begins_anew(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4816")
    cast.acme.expect(GO_ON)
    cast.acme.press("*#")
    cast.acme.expect("Please type your PIN, then press hash")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")
    assert outcomes(gateway) == ["right"]


def test_the_technicians_own_pin(gateway: Gateway, cast: Cast) -> None:
    cast.ada.dial()
    cast.ada.expect("type your own PIN")
    cast.ada.press(ADA_PIN[:3])
    cast.ada.expect(GO_ON)
    cast.ada.press(f"{ADA_PIN[3:]}#")
    cast.ada.expect("Technician menu")
    assert outcomes(gateway) == ["right"]


def test_everything_delivered_twice(gateway: Gateway, cast: Cast) -> None:
    gateway.network.disturb(duplicate=True)
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815")
    cast.acme.expect(GO_ON)
    cast.acme.press("1624#")
    cast.acme.expect("This PIN is not right.*You have 2 more tries")
    cast.acme.press("4815")
    cast.acme.expect(GO_ON)
    cast.acme.press("1623#")
    cast.acme.expect("system administrator")
    assert outcomes(gateway) == ["wrong", "right"]


def test_hanging_up_in_the_pause_is_no_guess(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815")
    cast.acme.expect(GO_ON)
    cast.acme.hang_up()
    gateway.network.settle()
    assert outcomes(gateway) == []
    [call] = gateway.rows(PhoneCall)
    assert call.result == "hung up at the PIN"


def test_a_part_is_readable_nowhere(gateway: Gateway, cast: Cast) -> None:
    """Neither in the database, nor in addresses, nor in the log."""
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    cast.acme.press("4815162")
    cast.acme.expect(GO_ON)
    gateway.settle()
    with gateway.database.transaction() as session:
        row = session.execute(text("SELECT phone_call::text FROM phone_call")).scalar_one()
    assert "4815162" not in row
    assert all("4815162" not in hook.url for hook in gateway.network.journal.webhooks("/ivr/"))
    assert "4815162" not in gateway.logs()
    cast.acme.press("3#")
    cast.acme.expect("system administrator")
    gateway.settle()
    [call] = gateway.rows(PhoneCall)
    assert call.memo.part is None


def test_a_call_back_number_with_a_pause(gateway: Gateway, cast: Cast) -> None:
    gateway.set_paging(no_answer=500, drop_grace=1)
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("To be called back instead of waiting, press 1")
    gateway.network.set_speed(SPEED)
    cast.acme.press("1")
    cast.acme.expect("For another number, type it")
    cast.acme.press("333")
    cast.acme.expect(GO_ON)
    assert gateway.rows(Ticket)[0].callback_number is None
    cast.acme.press("9998877")
    cast.acme.expect(HASH)
    cast.acme.press("#")
    cast.acme.expect("call you back on plus 3, 9, 3, 3, 3, 9, 9, 9, 8, 8, 7, 7")
    gateway.settle()
    assert gateway.rows(Ticket)[0].callback_number == cast.stranger.number


@pytest.mark.parametrize("typed", ["1", "1#"])
def test_the_key_for_the_own_number_with_and_without_hash(gateway: Gateway, cast: Cast, typed: str) -> None:
    gateway.set_paging(no_answer=500, drop_grace=1)
    report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("To be called back instead of waiting, press 1")
    gateway.network.set_speed(SPEED)
    cast.acme.press("1")
    cast.acme.expect("press 1, then hash")
    cast.acme.press(typed)
    hurry(gateway)
    cast.acme.expect("call you back on the number ending in 7, 8")
    gateway.settle()
    assert gateway.rows(Ticket)[0].callback_number == ACME

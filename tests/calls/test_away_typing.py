"""Without the database: pauses while typing, caller ids in any form, and the rule for numbers to call back."""

import pytest

from bench.outage import Storm, snapshot_renewed
from oncall.models.access.pin_attempts import PinAttempt
from oncall.models.calls import PhoneCall
from oncall.models.tickets import Ticket
from tests.calls.people import ACME, ACME_PIN, OFFICE, Cast, hurry, report_problem
from tests.calls.stack import SPEED
from tests.calls.storm import FAULT, PATIENCE, press_one

GO_ON = "Please go on, then press hash"


def test_a_pin_with_a_pause(storm: Storm, storm_cast: Cast) -> None:
    """One guess; and a caller id without country is the registered number."""
    cast = storm_cast
    with storm.away():
        cast.acme.dial(anonymous=ACME[3:])
        cast.acme.expect(FAULT, PATIENCE)
        cast.acme.press("4815")
        cast.acme.expect(GO_ON, PATIENCE)
        cast.acme.press("1624#")
        cast.acme.expect("This PIN is not right.*You have 2 more tries", PATIENCE)
        cast.acme.press("48")
        cast.acme.expect(GO_ON, PATIENCE)
        cast.acme.press("151623#")
        cast.acme.expect("system administrator", PATIENCE)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert [attempt.outcome for attempt in storm.gateway.rows(PinAttempt)] == ["wrong", "right"]
    [call] = storm.gateway.rows(PhoneCall)
    assert call.number == ACME


def test_the_database_goes_in_the_pause(storm: Storm, storm_cast: Cast) -> None:
    """What was typed before counts: the address has it, sealed."""
    cast = storm_cast
    cast.acme.dial()
    cast.acme.expect("type your PIN", PATIENCE)
    cast.acme.press("4815")
    cast.acme.expect(GO_ON, PATIENCE)
    with storm.away():
        cast.acme.press("1623#")
        cast.acme.expect("system administrator", PATIENCE)
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    assert [attempt.outcome for attempt in storm.gateway.rows(PinAttempt)] == ["right"]
    assert all(ACME_PIN[:4] not in hook.url for hook in storm.gateway.network.journal.webhooks("/ivr/"))


def test_a_name_is_kept(storm: Storm, storm_cast: Cast) -> None:
    cast = storm_cast
    with storm.away():
        cast.acme.dial(anonymous="sip:alice@pbx.example")
        cast.acme.expect(FAULT, PATIENCE)
        cast.acme.press(f"{ACME_PIN}#")
        cast.acme.expect("system administrator", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("critical", PATIENCE)
        cast.acme.press("1")
        press_one(storm, cast.ada)
        cast.ada.hang_up()
        cast.acme.hang_up()
        storm.gateway.network.settle()
    storm.brought_in()
    [ticket] = storm.gateway.rows(Ticket)
    assert (ticket.caller_number, ticket.caller_name) == (None, "alice")


@pytest.mark.parametrize(
    ("caller", "keys", "heard", "number"),
    [
        ("anonymous", "1#", "We will call you back. Goodbye", ACME),
        ("", "1#", "We will call you back. Goodbye", ACME),
        ("", "3339998877#", "We will call you back. Goodbye", "+393339998877"),
        ("", f"{OFFICE[3:]}#", "number of our office. I can't call that number. We have a technical fault", None),
        ("", "0015005550006#", "leads on to others. I can't call that number. We have a technical fault", None),
    ],
)
def test_in_the_call_back_menu(
    storm: Storm, storm_cast: Cast, caller: str, keys: str, heard: str, number: str | None
) -> None:
    cast, gateway = storm_cast, storm.gateway
    gateway.set_paging(no_answer=500, then_every=600, rounds=1, drop_grace=1)
    snapshot_renewed(gateway)
    if caller:
        cast.acme.dial(anonymous=caller)
        cast.acme.expect("type your PIN", PATIENCE)
        cast.acme.press(f"{ACME_PIN}#")
        cast.acme.expect("system administrator", PATIENCE)
        cast.acme.press("1")
        cast.acme.expect("critical", PATIENCE)
        cast.acme.press("1")
    else:
        report_problem(cast.acme)
    hurry(gateway)
    cast.acme.expect("To be called back instead of waiting, press 1", 40)
    gateway.network.set_speed(SPEED)
    cast.acme.press("1")
    cast.acme.expect("press 1, then hash", PATIENCE)
    with storm.away():
        cast.acme.press(keys)
        cast.acme.expect(heard, PATIENCE)
        cast.acme.hang_up()
        gateway.network.settle()
    storm.brought_in()
    gateway.settle()
    assert gateway.rows(Ticket)[0].callback_number == number

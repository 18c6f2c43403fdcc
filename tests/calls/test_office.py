"""Staffed hours: the region's office is rung first, and Platinum goes on when nobody there answers."""

from datetime import UTC, datetime

import pytest

from ivr.useless import MOST_WRONG_KEYS
from oncall.models.calls import PhoneCall
from oncall.models.pages import Page
from oncall.models.refusals import Refusal
from oncall.models.tickets import Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.people import ACME_PIN, DIRECTORY, OFFICE, Cast, hurry
from tests.calls.stack import Gateway

NEW_YORK_OFFICE, DUBAI_OFFICE = "+12125550142", "+97145550118"
AMERICAN_PIN, EMIRATI_PIN = "70817263", "35029716"


def _customer(name: str, pin: str, region: str) -> str:
    return f"""  - name: {name}
    pin: "{pin}"
    contract: {{plan: platinum, region: {region}, start: 2026-01-01, end: 2035-12-31, products: [{{name: UC Suite}}]}}
"""


# The usual directory with two customers and two offices more.
REGIONS = f"""regions:
  - {{name: america, time_zone: America/New_York, office_number: "{NEW_YORK_OFFICE}"}}
  - {{name: middle_east, time_zone: Asia/Dubai, office_number: "{DUBAI_OFFICE}"}}
"""
WORLDWIDE = DIRECTORY.replace("customers:\n", "customers:\n" + _customer("Yankee", AMERICAN_PIN, "america")).replace(
    "regions:\n", _customer("Falcon", EMIRATI_PIN, "middle_east") + REGIONS, 1
)


def at(gateway: Gateway, month: int, day: int, hour: int, minute: int = 0) -> None:
    """Pretend a moment of 2026, UTC."""
    gateway.set_time(datetime(2026, month, day, hour, minute, tzinfo=UTC))


@pytest.fixture
def monday(gateway: Gateway) -> Gateway:
    """Monday 15 June 2026, 11:00 in Rome; the office rings for a short while only."""
    at(gateway, 6, 15, 9)
    gateway.set_paging(no_answer=60, office_rings=5, drop_grace=1)
    return gateway


def says_pin(phone: DrivenPhone, pin: str = ACME_PIN) -> None:
    phone.dial()
    phone.expect("type your PIN")
    phone.press(f"{pin}#")


def outcome(gateway: Gateway) -> str | None:
    """What came of the customer's call."""
    gateway.settle()
    [call] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert call.state == "ended"
    return call.result


def test_the_office_answers(monday: Gateway, cast: Cast) -> None:
    """That is the end of our part: no question, no ticket, nobody on call disturbed."""
    says_pin(cast.acme)
    cast.acme.expect("connecting you with our office. One moment")
    cast.office.answer()
    cast.office.speak("Support, good morning", wait=True)
    cast.acme.expect("good morning")
    cast.office.hang_up()
    cast.acme.expect("Thank you for calling. Goodbye")
    cast.acme.hung_up()
    assert outcome(monday) == "connected to the office"
    assert (monday.rows(Ticket), monday.rows(Page), monday.rows(Refusal)) == ([], [], [])


@pytest.mark.parametrize("why", ["no answer", "busy", "not reached"])
def test_the_office_can_not_be_had(monday: Gateway, cast: Cast, why: str) -> None:
    """Platinum is 24x7: the hotline goes on, and P2 reaches the technician on call."""
    cast.office.faults(busy=why == "busy", failed=why == "not reached")
    says_pin(cast.acme)
    if why == "no answer":
        cast.office.rings()
    cast.acme.expect("Nobody in the office could pick up. If you are a system administrator")
    cast.acme.press("1")
    cast.acme.expect("critical")
    cast.acme.press("2")
    cast.acme.expect("ticket number is .*within 120 minutes")
    cast.ada.answer()
    cast.ada.expect("P2, ticket .*, Acme")
    assert monday.rows(PhoneCall, PhoneCall.direction == "in")[0].result == "ticket opened"


def test_zero_needs_no_pin(monday: Gateway, cast: Cast) -> None:
    cast.stranger.dial()
    cast.stranger.expect("To speak with our office now, press zero, then hash")
    cast.stranger.press("0#")
    cast.office.answer()
    cast.office.speak("Hello", wait=True)
    cast.stranger.expect("Hello")
    cast.office.hang_up()
    cast.stranger.expect("Thank you for calling")
    cast.stranger.hung_up()
    assert outcome(monday) == "connected to the office"


def test_zero_without_hash_and_nobody_there(monday: Gateway, cast: Cast) -> None:
    """A moment after the key the office rings; then the PIN is asked for after all."""
    cast.stranger.dial()
    cast.stranger.expect("type your PIN")
    cast.stranger.press("0")
    cast.office.decline()
    cast.stranger.expect("Nobody in the office could pick up. Please type your PIN")
    cast.stranger.press(f"{ACME_PIN}#")
    cast.stranger.expect("connecting you with our office")


def test_zero_at_night_is_no_wrong_pin(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN, then press hash. For other languages")
    for _ in range(2):
        cast.acme.press("0#")
        cast.acme.expect("Our office is closed now. Please type your PIN, then press hash")
    cast.acme.press(f"{ACME_PIN}#")
    cast.acme.expect("system administrator")
    assert gateway.rows(Refusal) == []


def test_zero_over_and_over_at_night(gateway: Gateway, cast: Cast) -> None:
    cast.acme.dial()
    cast.acme.expect("type your PIN")
    for _ in range(MOST_WRONG_KEYS + 1):
        cast.acme.press("0#")
        cast.acme.expect("office is closed|could not understand")
    hurry(gateway)
    cast.acme.hung_up()
    assert outcome(gateway) == "refused: invalid_key"


def test_the_caller_hangs_up_while_the_office_rings(monday: Gateway, cast: Cast) -> None:
    says_pin(cast.acme)
    cast.office.rings()
    cast.acme.hang_up()
    assert outcome(monday) == "hung up while the office rang"
    assert cast.office.state == "idle"
    assert (monday.rows(Ticket), monday.rows(Refusal)) == ([], [])


# By region: the customer's PIN, then moments as month, day, hour and minute in UTC, and the office that rings then
# (None: after hours).
MOMENTS = {
    "Rome": (
        ACME_PIN,
        {
            (6, 15, 6, 59): None,  # Monday before nine
            (6, 15, 7, 0): OFFICE,  # Monday, nine sharp
            (6, 13, 15, 58): OFFICE,  # Saturday before six
            (6, 13, 16, 0): None,  # Saturday, six sharp
            (1, 1, 10, 0): OFFICE,  # New Year's Day is staffed
            (4, 5, 10, 0): None,  # Easter Sunday is not
        },
    ),
    "New York": (AMERICAN_PIN, {(6, 15, 12, 59): None, (6, 15, 13, 0): NEW_YORK_OFFICE}),
    "Dubai": (EMIRATI_PIN, {(6, 15, 5, 0): DUBAI_OFFICE, (6, 15, 14, 0): None}),
}


@pytest.mark.parametrize("region", MOMENTS)
def test_hours_of_each_region(gateway: Gateway, cast: Cast, region: str) -> None:
    gateway.load(WORLDWIDE)
    offices = {number: gateway.network.phone(number, "Office") for number in (NEW_YORK_OFFICE, DUBAI_OFFICE)}
    offices[OFFICE] = cast.office
    pin, moments = MOMENTS[region]
    for moment, office in moments.items():
        at(gateway, *moment)
        says_pin(cast.stranger, pin)
        if office is None:
            cast.stranger.expect("system administrator")
        else:
            cast.stranger.expect("connecting you with our office")
            offices[office].answer()
        busy = {number for number, phone in offices.items() if phone.state != "idle"}
        assert busy == ({office} if office else set()), f"{region} {moment}"
        cast.stranger.hang_up()
        gateway.settle()

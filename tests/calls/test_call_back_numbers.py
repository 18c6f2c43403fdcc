"""Which numbers are called back: none of ours, none that earns by it; registered ones where the caller's can't be."""

import pytest

from core.settings import SIMULATED_NUMBER
from oncall.models.calls import PhoneCall
from oncall.models.customers import Customer, CustomerPhone
from oncall.models.messages import Message
from oncall.models.refusals import BlockedNumber
from oncall.models.tickets import Ticket
from simulator.driven_phone import DrivenPhone
from tests.calls.night_desk import PATIENCE, work
from tests.calls.people import ACME, ACME_PIN, ADA, ADA_PIN, OFFICE, Cast, hurry
from tests.calls.stack import SPEED, Gateway
from tests.calls.test_web_page import Browser, browser

__all__ = ["browser"]

SECOND = "+390298765432"
AWKWARD = [
    "anonymous",
    "Restricted",
    "+266696687",
    "unknown",
    "+8656696",
    "+15005550006",
    "+8821612345678",
    "+19005551234",
]


@pytest.fixture(autouse=True)
def _long_ringing(gateway: Gateway) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)


def register(gateway: Gateway, *numbers: str) -> None:
    """These are Acme's registered numbers from now on."""
    with gateway.database.transaction() as session:
        acme = session.query(Customer).filter_by(name="Acme").one()
        acme.phones = [CustomerPhone(number=number) for number in numbers]


def ticket_from(gateway: Gateway, phone: DrivenPhone, anonymous: str = "") -> Ticket:
    """A P1 ticket of Acme by a call with this caller id."""
    phone.dial(anonymous=anonymous)
    phone.expect("type your (own )?PIN")
    phone.press(f"{ACME_PIN}#")
    phone.expect("system administrator")
    phone.press("1")
    phone.expect("critical")
    phone.press("1")
    phone.expect("Your ticket number is")
    gateway.settle()
    return gateway.rows(Ticket)[-1]


def asks_for_a_call(gateway: Gateway, phone: DrivenPhone, anonymous: str = "") -> None:
    ticket_from(gateway, phone, anonymous)
    hurry(gateway)
    phone.expect("To be called back instead of waiting, press 1")
    gateway.network.set_speed(SPEED)
    phone.press("1")


def agreed(gateway: Gateway) -> str | None:
    gateway.settle()
    return gateway.rows(Ticket)[-1].callback_number


# --- what a caller may type ---


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("00" + SIMULATED_NUMBER[1:], "That is our own number"),
        (SIMULATED_NUMBER[3:], "That is our own number"),
        (OFFICE[3:], "That is the number of our office"),
        ("00" + ADA[1:], "That is a number of our own team"),
        ("0015005550006", "That is a personal number, which leads on to others"),
        ("008821612345678", "That is the number of a satellite phone"),
        ("899123456", "That is a premium-rate number"),
        ("112", "That is an emergency number"),
        ("02*12345678", "A number can't have a star in it"),
        ("0039", "That is not a whole telephone number"),
    ],
)
def test_refused_with_its_reason_and_another_try(gateway: Gateway, cast: Cast, keys: str, why: str) -> None:
    asks_for_a_call(gateway, cast.acme)
    cast.acme.expect("number ending in 7, 8, press 1, then hash")
    cast.acme.press(f"{keys}#")
    cast.acme.expect(f"{why}. I can't call that number. To be called back on the number ending in 7, 8")
    assert agreed(gateway) is None
    assert gateway.rows(PhoneCall, PhoneCall.direction == "in")[0].waiting
    cast.acme.press("00442079460123#")
    cast.acme.expect("We will call you back on plus 4, 4, 2")
    assert agreed(gateway) == "+442079460123"


def test_a_blocked_number_is_refused(gateway: Gateway, cast: Cast) -> None:
    with gateway.database.transaction() as session:
        session.add(BlockedNumber(number="+393330000009"))
    asks_for_a_call(gateway, cast.acme)
    cast.acme.expect("press 1, then hash")
    cast.acme.press("3330000009#")
    cast.acme.expect("That number is blocked here. I can't call that number")
    assert agreed(gateway) is None


# --- what a caller without a usable number is offered ---


@pytest.mark.parametrize("caller", AWKWARD)
def test_registered_numbers_are_offered_instead(gateway: Gateway, cast: Cast, caller: str) -> None:
    register(gateway, ACME, SECOND, ADA)  # one of our own people's is no way back, whoever registered it
    asks_for_a_call(gateway, cast.acme, caller)
    first, second = sorted((ACME, SECOND))
    words = f"registered number ending in {first[-2]}, {first[-1]}, press 1, then hash. On the one ending in"
    cast.acme.expect(f"{words} {second[-2]}, {second[-1]}, press 2, then hash. For another number")
    cast.acme.press("2#")
    cast.acme.expect(f"call you back on the number ending in {second[-2]}, {second[-1]}. Your ticket stays open")
    assert agreed(gateway) == second
    assert not any(ACME in entry.text or ", ".join(ACME[3:]) in entry.text for entry in cast.acme.transcript)


def test_without_registered_numbers_one_is_asked_for(gateway: Gateway, cast: Cast) -> None:
    register(gateway)
    asks_for_a_call(gateway, cast.acme, "anonymous")
    cast.acme.expect("I can't call the number you call from. Please type the number we should call, then press hash")
    cast.acme.press("1#")
    cast.acme.expect("That is not a whole telephone number. I can't call that number")
    cast.acme.press("3339998877#")
    cast.acme.expect("We will call you back on plus 3, 9, 3, 3, 3")
    assert agreed(gateway) == cast.stranger.number


def test_a_colleague_who_calls_for_a_customer(gateway: Gateway, cast: Cast) -> None:
    """Ada types Acme's PIN: her own phone is not offered as the customer's."""
    asks_for_a_call(gateway, cast.ada)
    cast.ada.expect("To be called back on the registered number ending in 7, 8, press 1")
    cast.ada.press("1#")
    cast.ada.expect("ending in 7, 8")
    assert agreed(gateway) == ACME


# --- what the technician is offered ---


def accepted_after_the_caller_left(gateway: Gateway, cast: Cast, caller: str) -> None:
    ticket_from(gateway, cast.acme, caller)
    cast.acme.hang_up()
    gateway.network.settle()
    cast.ada.answer(PATIENCE)
    cast.ada.expect("P1, ticket", PATIENCE)
    cast.ada.press("1")


@pytest.mark.parametrize(
    ("caller", "why"),
    [
        ("anonymous", "The caller's number is withheld."),
        ("+15005550006", "The caller's number can't be called back."),
        ("sip:alice@pbx.example", "The caller has no telephone number, only the SIP name alice."),
    ],
)
def test_one_registered_number(gateway: Gateway, cast: Cast, caller: str, why: str) -> None:
    accepted_after_the_caller_left(gateway, cast, caller)
    cast.ada.expect(f"no longer on the line. {why} To call the customer's registered number ending in 7, 8, press 1")
    cast.ada.press("1")
    cast.ada.expect("I call the registered number ending in 7, 8. Calling the customer", PATIENCE)
    cast.acme.answer(PATIENCE)
    cast.acme.expect("Ada is on the line", PATIENCE)
    gateway.joined(2, PATIENCE)
    cast.acme.hang_up()
    cast.ada.expect("The caller is no longer on the line.*registered number ending in 7, 8, press 1", PATIENCE)
    cast.ada.hang_up()
    gateway.settle()
    assert ("Ada", "call back") in work(gateway)


def test_several_registered_numbers(gateway: Gateway, cast: Cast) -> None:
    register(gateway, ACME, SECOND)
    second = gateway.network.phone(SECOND, "Acme's other line")
    accepted_after_the_caller_left(gateway, cast, "anonymous")
    cast.ada.expect("To choose one of the customer's 2 registered numbers, press 1")
    cast.ada.press("1")
    cast.ada.expect("registered number ending in 7, 8, press 1; 3, 2, press 2. To go back, press star")
    cast.ada.press("7")
    cast.ada.expect("that key is not in use here.*ending in 7, 8, press 1")
    cast.ada.press("2")
    cast.ada.expect("registered number ending in 3, 2. Calling the customer", PATIENCE)
    second.answer(PATIENCE)
    second.expect("Ada is on the line", PATIENCE)


def test_no_number_at_all_is_said_and_is_no_key(gateway: Gateway, cast: Cast) -> None:
    register(gateway)
    accepted_after_the_caller_left(gateway, cast, "anonymous")
    cast.ada.expect(
        "The caller's number is withheld. No number is registered for the customer, so there is none to call"
    )
    cast.ada.press("1")
    cast.ada.expect("there is none to call. To close the ticket with a spoken note, press 2")
    gateway.settle()
    assert not gateway.rows(PhoneCall, PhoneCall.purpose == "callback")


def test_the_menu_offers_what_there_is(gateway: Gateway, cast: Cast) -> None:
    ticket_from(gateway, cast.acme, "anonymous")
    cast.acme.hang_up()
    for phone in (cast.ada, cast.bruno, cast.carla):
        phone.decline(PATIENCE)
    cast.dino.rings(PATIENCE)
    cast.ada.dial()
    cast.ada.expect("type your own PIN")
    cast.ada.press(f"{ADA_PIN}#")
    cast.ada.expect("press 1. To hear who")
    cast.ada.press("1")
    cast.ada.expect("3 to call the customer", PATIENCE)
    register(gateway)
    cast.ada.press("9")
    cast.ada.expect("Press 1 to accept, 2 for the next ticket, 4 to close it", PATIENCE)
    register(gateway, ACME)
    cast.ada.press("3")
    cast.ada.expect("I call the registered number ending in 7, 8", PATIENCE)
    cast.acme.rings(PATIENCE)


@pytest.mark.parametrize(
    ("caller", "page", "shown"),
    [
        ("anonymous", r"number withheld, call registered \+390212345678", "The caller withheld the number."),
        ("sip:alice@pbx.example", r"caller alice \(SIP\), call registered", "The caller: alice (SIP)"),
        (
            "+19005551234",
            "caller's number can't be called, call registered",
            "The number of the caller can't be called back.",
        ),
    ],
)
def test_texts_and_the_web_page(
    gateway: Gateway, cast: Cast, browser: Browser, caller: str, page: str, shown: str
) -> None:
    gateway.set_paging(no_answer=500, then_every=60, drop_grace=1)
    ticket = ticket_from(gateway, cast.acme, caller)
    cast.acme.hang_up()
    cast.ada.decline(PATIENCE)
    cast.bruno.expect_text(f"P1 ticket .*({page})", PATIENCE)
    link = f"{gateway.url}/tickets/{ticket.number}"
    seen = browser.sign_in("ada@example.org", link)
    assert shown in seen
    assert f'href="tel:{ACME}"' in seen
    assert "19005551234" not in seen
    assert all(message.recipient != "+19005551234" for message in gateway.rows(Message))


# --- caller ids as networks send them ---


@pytest.mark.parametrize(
    "caller",
    [
        "0212345678",
        "390212345678",
        "00390212345678",
        "sip:+390212345678@pbx.example;transport=tls",
        "tel:+39-02-12345678",
    ],
)
def test_a_caller_id_in_any_form_is_the_registered_number(gateway: Gateway, cast: Cast, caller: str) -> None:
    ticket = ticket_from(gateway, cast.acme, caller)
    assert (ticket.caller_number, ticket.caller_name) == (ACME, None)
    [call] = gateway.rows(PhoneCall, PhoneCall.direction == "in")
    assert call.number == ACME
    cast.acme.expect_text(f"your ticket is {ticket.number}")


def test_a_technician_is_known_without_plus(gateway: Gateway, cast: Cast) -> None:
    cast.ada.dial(anonymous=ADA[3:])
    cast.ada.expect("Hello. For the technician menu, type your own PIN")


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        ("sip:alice@pbx.example", "alice"),
        ("client:front-desk", "front-desk"),
        ("sip:<Response><Hangup/></Response>@pbx.example", "ResponseHangup//Response"),
        ("sip:" + "x" * 3000 + "@pbx.example", "x" * 40),
    ],
)
def test_a_name_is_kept_for_the_technician_and_never_dialled(
    gateway: Gateway, cast: Cast, caller: str, name: str
) -> None:
    ticket = ticket_from(gateway, cast.acme, caller)
    assert (ticket.caller_number, ticket.caller_name) == (None, name)
    texts = [message.recipient for message in gateway.rows(Message) if message.channel == "text"]
    assert set(texts) <= {cast.ada.number, cast.bruno.number}
    cast.acme.hang_up()
    cast.ada.decline(PATIENCE)
    cast.bruno.expect_text(rf"caller {name} \(SIP\)", PATIENCE)
